//! ListOffsets: an offset by timestamp, or one of the special ones.

use std::collections::HashSet;
use std::sync::Arc;

use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsPartitionResponse, ListOffsetsTopicResponse, Response,
};
use thalweg_proto::wire::Text;

pub(in crate::front::kafka) use thalweg_proto::messages::list_offsets::Request;

use crate::engine::{FoundOffset, Isolation, OffsetQuery, TopicRef};
use crate::front::kafka::context::Context;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, version: i16) -> Response {
    let isolation =
        if request.isolation_level == 1 { Isolation::ReadCommitted } else { Isolation::ReadUncommitted };
    let twice = named_twice(&request);
    let topics = request.topics.into_iter().map(|topic| {
        let topic_ref = TopicRef::Name(Arc::from(topic.name.as_str()));
        let mut refused = HashSet::new();
        let partitions = topic.partitions.iter().filter_map(|partition| {
            let index = partition.partition_index;
            if twice.contains(&(topic.name.clone(), index)) {
                return refused.insert(index).then(|| answer(index, Err(ErrorCode::InvalidRequest)));
            }
            Some(answer(index, find(context, &topic_ref, partition, isolation, version)))
        });
        let partitions = partitions.collect();
        ListOffsetsTopicResponse { name: topic.name.clone(), partitions }
    });
    Response { topics: topics.collect(), ..Response::default() }
}

fn find(
    context: &Context,
    topic: &TopicRef,
    partition: &ListOffsetsPartition,
    isolation: Isolation,
    version: i16,
) -> Result<FoundOffset, ErrorCode> {
    let query = query(partition.timestamp, version)?;
    let (index, epoch) = (partition.partition_index, partition.current_leader_epoch);
    context.engine.find_offset(topic, index, epoch, query, isolation).map_err(|error| error.code())
}

/// The question that a timestamp stands for; the special ones came with later versions.
fn query(timestamp: i64, version: i16) -> Result<OffsetQuery, ErrorCode> {
    let (query, since) = match timestamp {
        0.. => (OffsetQuery::Timestamp(timestamp), 1),
        -1 => (OffsetQuery::Latest, 1),
        -2 => (OffsetQuery::Earliest, 1),
        -3 => (OffsetQuery::MaxTimestamp, 7),
        -4 => (OffsetQuery::EarliestLocal, 8),
        -5 => (OffsetQuery::LatestTiered, 9),
        -6 => (OffsetQuery::EarliestPendingUpload, 11),
        _ => return Err(ErrorCode::UnsupportedVersion),
    };
    if version < since { Err(ErrorCode::UnsupportedVersion) } else { Ok(query) }
}

fn answer(partition_index: i32, found: Result<FoundOffset, ErrorCode>) -> ListOffsetsPartitionResponse {
    match found {
        Ok(found) => ListOffsetsPartitionResponse {
            partition_index,
            timestamp: found.timestamp,
            offset: found.offset,
            leader_epoch: found.leader_epoch,
            ..ListOffsetsPartitionResponse::default()
        },
        Err(code) => ListOffsetsPartitionResponse {
            partition_index,
            error_code: code.code(),
            ..ListOffsetsPartitionResponse::default()
        },
    }
}

/// The partitions that the request names more than once: they are refused, and answered once.
fn named_twice(request: &Request) -> HashSet<(Text, i32)> {
    let mut seen = HashSet::new();
    let mut twice = HashSet::new();
    for topic in &request.topics {
        for partition in &topic.partitions {
            if !seen.insert((topic.name.as_str(), partition.partition_index)) {
                twice.insert((topic.name.clone(), partition.partition_index));
            }
        }
    }
    twice
}
