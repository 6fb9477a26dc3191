//! OffsetForLeaderEpoch: where a leader epoch ends (KIP-320).

use std::sync::Arc;

use thalweg_proto::messages::offset_for_leader_epoch::{
    EpochEndOffset, OffsetForLeaderTopicResult, Response,
};

pub(in crate::front::kafka) use thalweg_proto::messages::offset_for_leader_epoch::Request;

use crate::engine::TopicRef;
use crate::front::kafka::context::Context;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, _: i16) -> Response {
    let topics = request.topics.into_iter().map(|topic| {
        let topic_ref = TopicRef::Name(Arc::from(topic.topic.as_str()));
        let partitions = topic.partitions.iter().map(|asked| {
            let partition = asked.partition;
            let end = context.engine.epoch_end(
                &topic_ref,
                partition,
                asked.current_leader_epoch,
                asked.leader_epoch,
            );
            match end {
                Ok(end) => EpochEndOffset {
                    partition,
                    leader_epoch: end.epoch,
                    end_offset: end.end_offset,
                    ..EpochEndOffset::default()
                },
                Err(error) => {
                    EpochEndOffset { partition, error_code: error.code().code(), ..EpochEndOffset::default() }
                }
            }
        });
        OffsetForLeaderTopicResult { partitions: partitions.collect(), topic: topic.topic }
    });
    Response { topics: topics.collect(), ..Response::default() }
}
