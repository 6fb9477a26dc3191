//! AlterPartitionReassignments (key 45), versions 0-1: on one node every partition is where it can be.
//!
//! 1 whether the number of replicas may change, which it cannot here (KIP-860). Flexible from the first.

use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::alter_partition_reassignments::{
    ReassignablePartition, ReassignablePartitionResponse, ReassignableTopicResponse, Response,
};
use thalweg_proto::wire::Text;

pub(in crate::front::kafka) use thalweg_proto::messages::alter_partition_reassignments::Request;

use crate::front::kafka::context::Context;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, _: i16) -> Response {
    let topics = request.topics.into_iter().map(|topic| ReassignableTopicResponse {
        partitions: topic.partitions.iter().map(|wish| answer(context, &topic.name, wish)).collect(),
        name: topic.name,
    });
    Response {
        allow_replication_factor_change: request.allow_replication_factor_change,
        responses: topics.collect(),
        ..Response::default()
    }
}

fn answer(context: &Context, topic: &str, wish: &ReassignablePartition) -> ReassignablePartitionResponse {
    let partition_index = wish.partition_index;
    let refusal = context.engine.reassign(topic, partition_index, wish.replicas.as_deref()).err();
    let (code, message) = refusal.map_or((ErrorCode::None, None), |refusal| (refusal.code, refusal.message));
    ReassignablePartitionResponse {
        partition_index,
        error_code: code.code(),
        error_message: message.map(Text::from),
    }
}
