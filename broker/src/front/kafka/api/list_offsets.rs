//! ListOffsets: an offset by timestamp, or one of the special ones.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsPartitionResponse, ListOffsetsTopic, ListOffsetsTopicResponse, Response,
};
use thalweg_proto::wire::Text;

pub(in crate::front::kafka) use thalweg_proto::messages::list_offsets::Request;

use crate::engine::{FoundOffset, Isolation, OffsetQuery, TopicRef};
use crate::front::kafka::context::{Context, blocking};

/// What stands for the record with the largest timestamp (KIP-734).
const MAX_TIMESTAMP: i64 = -3;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, version: i16) -> Response {
    let mut asked = request.topics.iter().flat_map(|topic| &topic.partitions);
    if !asked.any(|partition| looks_into_records(partition.timestamp)) {
        return answer_all(context, request, version);
    }
    let context = context.clone();
    blocking(move || answer_all(&context, request, version)).await.unwrap_or_default()
}

/// Whether the answer lies in the records themselves, which may have to come from the disk and to be decompressed.
fn looks_into_records(timestamp: i64) -> bool {
    timestamp >= 0 || timestamp == MAX_TIMESTAMP
}

fn answer_all(context: &Context, request: Request, version: i16) -> Response {
    let isolation = match request.isolation_level {
        0 => Isolation::ReadUncommitted,
        1 => Isolation::ReadCommitted,
        _ => return unknown_isolation(request),
    };
    let twice = named_twice(&request);
    let mut refused = HashSet::new();
    let mut topics: Vec<ListOffsetsTopicResponse> = Vec::new();
    let mut places: HashMap<Text, usize> = HashMap::new();
    for topic in request.topics {
        let topic_ref = TopicRef::Name(Arc::from(topic.name.as_str()));
        for partition in &topic.partitions {
            let index = partition.partition_index;
            let key = (topic.name.clone(), index);
            let found = match twice.contains(&key) {
                true if !refused.insert(key) => continue,
                true => Err(ErrorCode::InvalidRequest),
                false => find(context, &topic_ref, partition, isolation, version),
            };
            // A topic is answered once, however often it is named, and not at all without a partition.
            let place = *places.entry(topic.name.clone()).or_insert(topics.len());
            if place == topics.len() {
                topics.push(ListOffsetsTopicResponse { name: topic.name.clone(), partitions: Vec::new() });
            }
            if let Some(topic) = topics.get_mut(place) {
                topic.partitions.push(answer(index, found));
            }
        }
    }
    Response { topics, ..Response::default() }
}

/// Kafka fails as a whole at an isolation level that it does not know, which each partition is told of.
fn unknown_isolation(request: Request) -> Response {
    let topic = |topic: ListOffsetsTopic| {
        let failed = |partition: &ListOffsetsPartition| {
            answer(partition.partition_index, Err(ErrorCode::UnknownServerError))
        };
        ListOffsetsTopicResponse {
            partitions: topic.partitions.iter().map(failed).collect(),
            name: topic.name,
        }
    };
    Response { topics: request.topics.into_iter().map(topic).collect(), ..Response::default() }
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
        MAX_TIMESTAMP => (OffsetQuery::MaxTimestamp, 7),
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
