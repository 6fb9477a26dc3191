//! OffsetFetch (key 9), versions 1-10: the offsets that a group has committed.
//!
//! 2 all topics · 8 several groups (KIP-709) · 10 topics by id.
//!
//! No API that commits is served yet, so nothing is committed. Kafka says so of an unknown group or partition with offset -1 and no
//! error, and a consumer that assigns itself partitions goes on by its `auto.offset.reset`.

use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::offset_fetch::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics, OffsetFetchResponseGroup,
    OffsetFetchResponsePartition, OffsetFetchResponsePartitions, OffsetFetchResponseTopic,
    OffsetFetchResponseTopics, Response,
};

pub(in crate::front::kafka) use thalweg_proto::messages::offset_fetch::Request;

use crate::engine::TopicRef;
use crate::front::kafka::context::Context;

const UNCOMMITTED: i64 = -1;
/// The first version that names topics by id (KIP-516).
const BY_ID: i16 = 10;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, version: i16) -> Response {
    Response {
        topics: request.topics.unwrap_or_default().into_iter().map(topic).collect(),
        groups: request.groups.into_iter().map(|asked| group(context, asked, version)).collect(),
        ..Response::default()
    }
}

/// Up to version 7.
fn topic(asked: OffsetFetchRequestTopic) -> OffsetFetchResponseTopic {
    let partition = |partition_index| OffsetFetchResponsePartition {
        partition_index,
        committed_offset: UNCOMMITTED,
        ..OffsetFetchResponsePartition::default()
    };
    OffsetFetchResponseTopic {
        name: asked.name,
        partitions: asked.partition_indexes.into_iter().map(partition).collect(),
    }
}

fn group(context: &Context, asked: OffsetFetchRequestGroup, version: i16) -> OffsetFetchResponseGroup {
    let topics = asked.topics.unwrap_or_default().into_iter();
    OffsetFetchResponseGroup {
        group_id: asked.group_id,
        topics: topics.map(|asked| group_topic(context, asked, version)).collect(),
        ..OffsetFetchResponseGroup::default()
    }
}

fn group_topic(
    context: &Context,
    asked: OffsetFetchRequestTopics,
    version: i16,
) -> OffsetFetchResponseTopics {
    let unknown = version >= BY_ID && context.engine.topics.find(&TopicRef::Id(asked.topic_id)).is_err();
    let code = if unknown { ErrorCode::UnknownTopicId } else { ErrorCode::None };
    let partition = |partition_index| OffsetFetchResponsePartitions {
        partition_index,
        committed_offset: UNCOMMITTED,
        error_code: code.code(),
        ..OffsetFetchResponsePartitions::default()
    };
    OffsetFetchResponseTopics {
        partitions: asked.partition_indexes.into_iter().map(partition).collect(),
        name: asked.name,
        topic_id: asked.topic_id,
    }
}
