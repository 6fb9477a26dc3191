//! OffsetFetch (key 9), versions 1-10: the offsets that groups have committed.
//!
//! 2 all topics · 8 several groups (KIP-709) · 9 members of the consumer protocol (KIP-848) · 10 topics by id.

use std::sync::Arc;

use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::offset_fetch::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics, OffsetFetchResponseGroup,
    OffsetFetchResponsePartition, OffsetFetchResponsePartitions, OffsetFetchResponseTopic,
    OffsetFetchResponseTopics, Response,
};
use thalweg_proto::wire::Text;

pub(in crate::front::kafka) use thalweg_proto::messages::offset_fetch::Request;

use crate::engine::groups::{FetchOffsets, FetchTopic, FetchedOffset};
use crate::front::kafka::context::Context;

/// The first version that has a place for an error of the whole group.
const GROUP_ERROR: i16 = 2;
/// The first version that asks for several groups (KIP-709).
const GROUPS: i16 = 8;
/// The first version that names topics by id (KIP-516).
const BY_ID: i16 = 10;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, version: i16) -> Response {
    if version < GROUPS {
        return handle_single(context, request, version).await;
    }
    let mut groups = Vec::with_capacity(request.groups.len());
    for asked in request.groups {
        groups.push(group(context, asked, request.require_stable, version).await);
    }
    Response { groups, ..Response::default() }
}

/// Up to version 7: one group, in the form of one of many.
async fn handle_single(context: &Context, request: Request, version: i16) -> Response {
    let topics = request.topics.map(|topics| {
        let topic = |asked: OffsetFetchRequestTopic| OffsetFetchRequestTopics {
            name: asked.name,
            partition_indexes: asked.partition_indexes,
            ..OffsetFetchRequestTopics::default()
        };
        topics.into_iter().map(topic).collect()
    });
    let asked =
        OffsetFetchRequestGroup { group_id: request.group_id, topics, ..OffsetFetchRequestGroup::default() };
    let answer = group(context, asked, request.require_stable, version).await;
    let partition = |partition: OffsetFetchResponsePartitions| OffsetFetchResponsePartition {
        partition_index: partition.partition_index,
        committed_offset: partition.committed_offset,
        committed_leader_epoch: partition.committed_leader_epoch,
        metadata: partition.metadata,
        error_code: partition.error_code,
    };
    let topic = |topic: OffsetFetchResponseTopics| OffsetFetchResponseTopic {
        name: topic.name,
        partitions: topic.partitions.into_iter().map(partition).collect(),
    };
    Response {
        topics: answer.topics.into_iter().map(topic).collect(),
        error_code: answer.error_code,
        ..Response::default()
    }
}

async fn group(
    context: &Context,
    asked: OffsetFetchRequestGroup,
    require_stable: bool,
    version: i16,
) -> OffsetFetchResponseGroup {
    let (topics, unknown) = match &asked.topics {
        Some(topics) => {
            let (topics, unknown) = find_topics(context, topics, version);
            (Some(topics), unknown)
        }
        None => (None, Vec::new()),
    };
    let ids: Option<Vec<_>> =
        topics.as_ref().map(|topics| topics.iter().map(|topic| topic.topic_id).collect());
    let fetch = FetchOffsets {
        group: asked.group_id.as_str().into(),
        member: asked.member_id.as_deref().map(Arc::from),
        member_epoch: asked.member_epoch,
        topics,
        require_stable,
    };
    let fetched = match context.engine.fetch_offsets(&fetch).await {
        Ok(fetched) => fetched,
        Err(error) => return refused(asked, error, version),
    };
    let named = |(index, (name, offsets)): (usize, (Arc<str>, Vec<FetchedOffset>))| {
        let topic_id = match (&ids, version) {
            (Some(ids), _) => ids.get(index).copied().unwrap_or_default(),
            // Of all that there is, what has no id any more cannot be told.
            (None, BY_ID..) => context.engine.topics.by_name(&name)?.topic.id,
            (None, _) => uuid::Uuid::nil(),
        };
        Some(OffsetFetchResponseTopics {
            name: Text::from(&*name),
            topic_id,
            partitions: offsets.iter().map(told).collect(),
        })
    };
    let mut topics: Vec<_> = fetched.into_iter().enumerate().filter_map(named).collect();
    topics.extend(unknown);
    OffsetFetchResponseGroup { group_id: asked.group_id, topics, ..OffsetFetchResponseGroup::default() }
}

/// The topics as the group knows them, by name, and the answers for those whose id is not known.
fn find_topics(
    context: &Context,
    asked: &[OffsetFetchRequestTopics],
    version: i16,
) -> (Vec<FetchTopic>, Vec<OffsetFetchResponseTopics>) {
    let mut topics = Vec::with_capacity(asked.len());
    let mut unknown = Vec::new();
    for one in asked {
        let topic = match version {
            BY_ID.. => match context.engine.topics.by_id(&one.topic_id) {
                Some(handle) => handle.topic.name.clone(),
                None => {
                    unknown.push(all_refused(one, ErrorCode::UnknownTopicId));
                    continue;
                }
            },
            _ => one.name.as_str().into(),
        };
        let partitions = one.partition_indexes.clone();
        topics.push(FetchTopic { topic, topic_id: one.topic_id, partitions });
    }
    (topics, unknown)
}

/// A group whose offsets are not told. Version 1 has no place for that but with each partition.
fn refused(asked: OffsetFetchRequestGroup, error: ErrorCode, version: i16) -> OffsetFetchResponseGroup {
    if version >= GROUP_ERROR {
        return OffsetFetchResponseGroup {
            group_id: asked.group_id,
            error_code: error.code(),
            ..OffsetFetchResponseGroup::default()
        };
    }
    let topics = asked.topics.unwrap_or_default();
    OffsetFetchResponseGroup {
        group_id: asked.group_id,
        topics: topics.iter().map(|topic| all_refused(topic, error)).collect(),
        ..OffsetFetchResponseGroup::default()
    }
}

fn all_refused(asked: &OffsetFetchRequestTopics, error: ErrorCode) -> OffsetFetchResponseTopics {
    let partition = |partition_index: &i32| OffsetFetchResponsePartitions {
        partition_index: *partition_index,
        committed_offset: -1,
        error_code: error.code(),
        ..OffsetFetchResponsePartitions::default()
    };
    OffsetFetchResponseTopics {
        name: asked.name.clone(),
        topic_id: asked.topic_id,
        partitions: asked.partition_indexes.iter().map(partition).collect(),
    }
}

fn told(offset: &FetchedOffset) -> OffsetFetchResponsePartitions {
    OffsetFetchResponsePartitions {
        partition_index: offset.partition,
        committed_offset: offset.offset,
        committed_leader_epoch: offset.leader_epoch,
        metadata: Some(Text::from(&*offset.metadata)),
        error_code: offset.error.code(),
    }
}
