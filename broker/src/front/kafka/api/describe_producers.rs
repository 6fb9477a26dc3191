//! DescribeProducers: what each partition remembers of its producers (KIP-664).

use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::describe_producers::{
    PartitionResponse, ProducerState, Response, TopicResponse,
};
use thalweg_proto::wire::Text;

pub(in crate::front::kafka) use thalweg_proto::messages::describe_producers::Request;

use crate::engine::{EngineError, TopicHandle};
use crate::front::kafka::context::Context;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, _: i16) -> Response {
    let topics = request.topics.into_iter().map(|topic| {
        let handle = context.engine.topics.by_valid_name(&topic.name);
        let partitions = topic.partition_indexes.iter().map(|index| match &handle {
            Ok(handle) => describe(handle, *index).unwrap_or_else(|error| refused(*index, &error)),
            Err(error) => refused(*index, error),
        });
        TopicResponse { partitions: partitions.collect(), name: topic.name }
    });
    Response { topics: topics.collect(), ..Response::default() }
}

fn describe(handle: &TopicHandle, partition_index: i32) -> Result<PartitionResponse, EngineError> {
    let producers = handle.partition(partition_index)?.producers();
    let active_producers = producers.into_iter().map(|producer| ProducerState {
        producer_id: producer.producer_id,
        producer_epoch: i32::from(producer.producer_epoch),
        last_sequence: producer.last_sequence,
        last_timestamp: producer.last_timestamp,
        coordinator_epoch: producer.coordinator_epoch,
        current_txn_start_offset: producer.current_transaction_start,
    });
    Ok(PartitionResponse {
        partition_index,
        active_producers: active_producers.collect(),
        ..PartitionResponse::default()
    })
}

fn refused(partition_index: i32, error: &EngineError) -> PartitionResponse {
    PartitionResponse {
        partition_index,
        error_code: error.code().code(),
        error_message: message(error),
        ..PartitionResponse::default()
    }
}

fn message(error: &EngineError) -> Option<Text> {
    (error.code() != ErrorCode::None).then(|| Text::from(error.to_string()))
}
