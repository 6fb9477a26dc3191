//! OffsetCommit (key 8), versions 2-10: a group writes down how far it has come.
//!
//! 9 members of the consumer protocol (KIP-848) · 10 topics by id (KIP-516).

use std::sync::Arc;

use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::offset_commit::{
    OffsetCommitResponsePartition, OffsetCommitResponseTopic, Request, Response,
};
use thalweg_proto::wire::Text;

use crate::engine::groups::{CommitOffsets, CommitPartition};
use crate::engine::{Engine, TopicHandle};
use crate::front::kafka::connection::Close;
use crate::front::kafka::dispatch::{Call, Step};

/// The first version that names topics by id (KIP-516).
const BY_ID: i16 = 10;
/// Says that the broker decides how long an offset is kept.
const RETENTION_OF_BROKER: i64 = -1;

pub(in crate::front::kafka) fn start(mut call: Call) -> Result<Step, Close> {
    let request = call.read::<Request>()?;
    call.let_go_of_frame();
    let (commit, mut answer) = take(&call.context.engine, request, call.version);
    // Committed here: what waits is the answer alone.
    let pending = (!commit.partitions.is_empty()).then(|| call.context.engine.commit_offsets(commit));
    Ok(Step::Deferred(Box::pin(async move {
        if let Some(pending) = pending {
            fill(&mut answer, pending.await);
        }
        call.answer(&answer)
    })))
}

/// A request as what can be committed of it, and the answer with what cannot. Where the outcome is not known yet, the answer
/// says NONE.
fn take(engine: &Engine, request: Request, version: i16) -> (CommitOffsets, Response) {
    let mut answer = Response { topics: Vec::with_capacity(request.topics.len()), ..Response::default() };
    let mut partitions = Vec::with_capacity(request.topics.iter().map(|topic| topic.partitions.len()).sum());
    for topic in request.topics {
        let found = match version {
            BY_ID.. => engine.topics.by_id(&topic.topic_id).ok_or(ErrorCode::UnknownTopicId),
            _ => engine.topics.by_name(&topic.name).ok_or(ErrorCode::UnknownTopicOrPartition),
        };
        if topic.partitions.is_empty() && found.is_ok() {
            continue;
        }
        let mut responses = Vec::with_capacity(topic.partitions.len());
        for asked in topic.partitions {
            let there = |handle| match TopicHandle::partition(handle, asked.partition_index) {
                Ok(_) => Ok(handle),
                Err(_) => Err(ErrorCode::UnknownTopicOrPartition),
            };
            let handle = found.as_ref().map_err(|error| *error).and_then(|handle| there(handle));
            responses.push(OffsetCommitResponsePartition {
                partition_index: asked.partition_index,
                error_code: handle.err().unwrap_or_default().code(),
            });
            let Ok(handle) = handle else { continue };
            partitions.push(CommitPartition {
                topic: handle.topic.name.clone(),
                topic_id: handle.topic.id,
                partition: asked.partition_index,
                offset: asked.committed_offset,
                leader_epoch: asked.committed_leader_epoch,
                metadata: asked.committed_metadata.map_or_else(String::new, String::from),
            });
        }
        // An own copy of the name: the answer may wait for a sync, and the frame must not wait with it.
        let name = Text::from(topic.name.as_str());
        answer.topics.push(OffsetCommitResponseTopic {
            name,
            topic_id: topic.topic_id,
            partitions: responses,
        });
    }
    let commit = CommitOffsets {
        group: request.group_id.as_str().into(),
        generation_or_epoch: request.generation_id_or_member_epoch,
        member: request.member_id.as_str().into(),
        instance: request.group_instance_id.as_deref().map(Arc::from),
        retention_ms: (request.retention_time_ms != RETENTION_OF_BROKER).then_some(request.retention_time_ms),
        partitions,
        version,
    };
    (commit, answer)
}

/// Puts the outcomes where the answer has none yet.
fn fill(answer: &mut Response, outcomes: Vec<ErrorCode>) {
    let partitions = answer.topics.iter_mut().flat_map(|topic| &mut topic.partitions);
    let open = partitions.filter(|partition| partition.error_code == ErrorCode::None.code());
    for (partition, outcome) in open.zip(outcomes) {
        partition.error_code = outcome.code();
    }
}
