//! Committed offsets: commit, tell, delete.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use thalweg_proto::error::ErrorCode;
use thalweg_proto::grpc::v1;
use uuid::Uuid;

use super::refusal;
use crate::engine::groups::{
    CommitOffsets, CommitPartition, DeleteOffsets, FetchOffsets, FetchTopic, FetchedOffset,
};
use crate::engine::{Engine, EngineError};
use crate::front::grpc::status;

/// The version of OffsetCommit whose refusals are given: the first that says of a missing group that it is missing.
const COMMIT_VERSION: i16 = 9;

/// Commits; one outcome for each offset, in order.
pub(super) async fn commit(engine: &Engine, request: v1::CommitOffsetsRequest) -> v1::CommitOffsetsResponse {
    let is_member = !request.member_id.is_empty();
    let group: Arc<str> = request.group.into();
    let mut problems: Vec<Option<EngineError>> = Vec::with_capacity(request.offsets.len());
    let mut partitions = Vec::new();
    for offset in &request.offsets {
        match to_commit(engine, offset) {
            Ok(partition) => {
                partitions.push(partition);
                problems.push(None);
            }
            Err(error) => problems.push(Some(error)),
        }
    }
    let commit = CommitOffsets {
        group: group.clone(),
        generation_or_epoch: if is_member { request.member_epoch } else { -1 },
        member: request.member_id.into(),
        instance: request.instance_id.map(Arc::from),
        retention_ms: None,
        partitions,
        version: COMMIT_VERSION,
    };
    let codes = if commit.partitions.is_empty() { Vec::new() } else { engine.commit_offsets(commit).await };
    let mut codes = codes.into_iter();
    let outcomes = request.offsets.into_iter().zip(problems).map(|(offset, problem)| {
        let problem =
            problem.or_else(|| failure(codes.next().unwrap_or(ErrorCode::UnknownServerError), &group));
        v1::PartitionOutcome {
            topic: offset.topic,
            partition: offset.partition,
            problem: problem.as_ref().map(status::problem),
        }
    });
    v1::CommitOffsetsResponse { outcomes: outcomes.collect() }
}

fn to_commit(engine: &Engine, offset: &v1::OffsetCommit) -> Result<CommitPartition, EngineError> {
    let handle = engine.topics.by_valid_name(&offset.topic)?;
    handle.partition(offset.partition)?;
    if offset.offset < 0 {
        return Err(EngineError::refused(ErrorCode::InvalidRequest, "an offset is not negative"));
    }
    Ok(CommitPartition {
        topic: handle.topic.name.clone(),
        topic_id: handle.topic.id,
        partition: offset.partition,
        offset: offset.offset,
        leader_epoch: offset.leader_epoch.unwrap_or(-1),
        metadata: offset.metadata.clone(),
    })
}

/// What the machine says of one partition, if it is a failure.
fn failure(code: ErrorCode, group: &str) -> Option<EngineError> {
    (!code.is_none()).then(|| refusal(code, group))
}

/// Tells committed offsets.
pub(super) async fn get(
    engine: &Engine,
    request: v1::GetOffsetsRequest,
) -> Result<v1::GetOffsetsResponse, EngineError> {
    let asked = request.partitions;
    let topic = |(topic, partitions)| FetchTopic { topic, topic_id: Uuid::nil(), partitions };
    let topics = (!asked.is_empty()).then(|| by_topic(&asked).into_iter().map(topic).collect());
    let fetch = FetchOffsets {
        group: request.group.as_str().into(),
        member: None,
        member_epoch: -1,
        topics,
        require_stable: request.require_stable,
    };
    let fetched = match engine.fetch_offsets(&fetch).await {
        // Without a log of groups nothing is committed.
        Err(ErrorCode::NotCoordinator) => Vec::new(),
        fetched => fetched.map_err(|code| refusal(code, &request.group))?,
    };
    let mut offsets: BTreeMap<(Arc<str>, i32), FetchedOffset> = BTreeMap::new();
    for (topic, partitions) in fetched {
        offsets.extend(partitions.into_iter().map(|fetched| ((topic.clone(), fetched.partition), fetched)));
    }
    let told = |(topic, _): &(Arc<str>, i32), fetched: &FetchedOffset| v1::CommittedOffset {
        topic: topic.to_string(),
        partition: fetched.partition,
        offset: fetched.offset,
        leader_epoch: fetched.leader_epoch,
        metadata: fetched.metadata.to_string(),
        problem: failure(fetched.error, &request.group).as_ref().map(status::problem),
    };
    let offsets = if asked.is_empty() {
        offsets.iter().map(|(place, fetched)| told(place, fetched)).collect()
    } else {
        let find = |place: v1::TopicPartition| {
            let key = (Arc::from(place.topic.as_str()), place.partition);
            offsets.get(&key).map_or_else(
                || v1::CommittedOffset {
                    topic: place.topic.clone(),
                    partition: place.partition,
                    offset: -1,
                    leader_epoch: -1,
                    ..v1::CommittedOffset::default()
                },
                |fetched| told(&key, fetched),
            )
        };
        asked.into_iter().map(find).collect()
    };
    Ok(v1::GetOffsetsResponse { offsets })
}

/// Deletes; one outcome for each partition, in order.
pub(super) async fn delete(
    engine: &Engine,
    request: v1::DeleteOffsetsRequest,
) -> Result<v1::DeleteOffsetsResponse, EngineError> {
    let group: Arc<str> = request.group.into();
    let delete = DeleteOffsets { group: group.clone(), topics: by_topic(&request.partitions) };
    let deleted = engine.delete_offsets(&delete).await.map_err(|code| refusal(code, &group))?;
    let mut codes: HashMap<(&str, i32), ErrorCode> = HashMap::new();
    for ((topic, partitions), outcomes) in delete.topics.iter().zip(&deleted) {
        let outcomes = partitions.iter().zip(outcomes);
        codes.extend(outcomes.map(|(partition, code)| ((&**topic, *partition), *code)));
    }
    let outcomes = request.partitions.into_iter().map(|place| {
        let code = codes.get(&(place.topic.as_str(), place.partition)).copied();
        let problem = failure(code.unwrap_or(ErrorCode::UnknownServerError), &group);
        v1::PartitionOutcome {
            problem: problem.as_ref().map(status::problem),
            topic: place.topic,
            partition: place.partition,
        }
    });
    Ok(v1::DeleteOffsetsResponse { outcomes: outcomes.collect() })
}

/// Partitions by topic, each once.
fn by_topic(partitions: &[v1::TopicPartition]) -> Vec<(Arc<str>, Vec<i32>)> {
    let mut topics: BTreeMap<&str, BTreeSet<i32>> = BTreeMap::new();
    for place in partitions {
        topics.entry(&place.topic).or_default().insert(place.partition);
    }
    topics.into_iter().map(|(topic, partitions)| (topic.into(), partitions.into_iter().collect())).collect()
}
