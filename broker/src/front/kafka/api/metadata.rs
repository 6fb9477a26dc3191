//! Metadata (key 3), versions 0-13: brokers, topics, and who leads their partitions.
//!
//! 1 tells null (all topics) from empty (none), and has racks, the controller and internal topics · 2 the cluster's id ·
//! 4 lets the client forbid the creation of topics · 5 offline replicas · 7 leader epochs · 8 authorized operations ·
//! 9 flexible · 10 topic ids in answers · 11 no longer the operations on the cluster · 12 topics by id · 13 an error for the
//! whole answer.
//!
//! A topic that is made because it was asked for is reported as unknown this once, as Kafka does; it is served by the time
//! the answer leaves.

use std::collections::BTreeSet;
use std::sync::Arc;

use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::metadata::{
    MetadataRequestTopic, MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic, Response,
};
use thalweg_proto::wire::Text;
use uuid::Uuid;

pub(in crate::front::kafka) use thalweg_proto::messages::metadata::Request;

use super::cluster::{Node, cluster_operations, topic_operations};
use crate::engine::TopicHandle;
use crate::engine::groups::LOG_TOPIC;
use crate::engine::{is_internal, validate_topic_name};
use crate::front::kafka::context::Context;

/// The first version that finds topics by id.
const BY_ID: i16 = 12;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, version: i16) -> Response {
    if version < BY_ID && named_by_id(&request) {
        return refused(request, ErrorCode::InvalidRequest);
    }
    if names_nothing(&request) {
        return refused(request, ErrorCode::UnknownServerError);
    }
    let node = Node::of(context);
    let topics = topics(context, &request, version, node.id).await;
    Response {
        brokers: vec![MetadataResponseBroker {
            node_id: node.id,
            host: node.host,
            port: node.port,
            rack: node.rack,
        }],
        cluster_id: Some(Text::from(context.engine.cluster_id())),
        controller_id: node.id,
        topics,
        cluster_authorized_operations: cluster_operations(request.include_cluster_authorized_operations),
        ..Response::default()
    }
}

fn named_by_id(request: &Request) -> bool {
    let by_id = |topic: &MetadataRequestTopic| topic.name.is_none() || !topic.topic_id.is_nil();
    request.topics.iter().flatten().any(by_id)
}

/// Whether some topic has neither name nor id, where no other has an id. Kafka trips over it.
fn names_nothing(request: &Request) -> bool {
    let topics = || request.topics.iter().flatten();
    topics().any(|topic| topic.name.is_none()) && topics().all(|topic| topic.topic_id.is_nil())
}

/// Nothing is told but the error, once for each topic. Versions 10 and 11, which have a place for ids but cannot use them, are
/// answered so.
fn refused(request: Request, code: ErrorCode) -> Response {
    let topic = |topic: MetadataRequestTopic| MetadataResponseTopic {
        error_code: code.code(),
        name: Some(topic.name.unwrap_or_default()),
        topic_id: topic.topic_id,
        ..MetadataResponseTopic::default()
    };
    let topics = request.topics.into_iter().flatten().map(topic).collect();
    Response { topics, error_code: code.code(), ..Response::default() }
}

async fn topics(context: &Context, request: &Request, version: i16, node: i32) -> Vec<MetadataResponseTopic> {
    let operations = topic_operations(request.include_topic_authorized_operations);
    let engine = &context.engine;
    let all = match &request.topics {
        None => true,
        Some(topics) => version == 0 && topics.is_empty(),
    };
    if all {
        return engine.topics.all().iter().map(|handle| known(handle, node, operations)).collect();
    }
    let wanted = request.topics.as_deref().unwrap_or_default();
    let ids: BTreeSet<Uuid> = wanted.iter().map(|topic| topic.topic_id).filter(|id| !id.is_nil()).collect();
    if !ids.is_empty() {
        let describe =
            |id| engine.topics.by_id(&id).map_or_else(|| unknown_id(id), |h| known(&h, node, operations));
        return ids.into_iter().map(describe).collect();
    }
    let names: BTreeSet<&str> =
        wanted.iter().map(|topic| topic.name.as_deref().unwrap_or_default()).collect();
    let (found, missing): (Vec<_>, Vec<_>) = names
        .into_iter()
        .map(|name| (name, engine.topics.by_name(name)))
        .partition(|(_, handle)| handle.is_some());
    let missing: Vec<&str> = missing.into_iter().map(|(name, _)| name).collect();
    let mut topics: Vec<_> = found
        .into_iter()
        .filter_map(|(_, handle)| handle)
        .map(|handle| known(&handle, node, operations))
        .collect();
    if request.allow_auto_topic_creation && engine.current_settings().topics.auto_create {
        let valid = missing.iter().filter(|name| validate_topic_name(name).is_ok() && !is_internal(name));
        if missing.contains(&LOG_TOPIC) {
            // What went wrong is in the log; the answer is the same.
            let _ = engine.create_groups_log().await;
        }
        let made = engine.auto_create_topics(valid.map(|name| (*name).to_owned())).await;
        for refusal in made.iter().filter_map(|outcome| outcome.as_ref().err()) {
            tracing::info!(client = %context.client.peer, %refusal, "a topic that was asked for could not be made");
        }
    }
    topics.extend(missing.into_iter().map(|name| unknown(name, operations)));
    topics
}

fn known(handle: &Arc<TopicHandle>, node: i32, topic_authorized_operations: i32) -> MetadataResponseTopic {
    let partition = |partition_index| MetadataResponsePartition {
        partition_index,
        leader_id: node,
        leader_epoch: handle.leader_epoch(partition_index),
        replica_nodes: vec![node],
        isr_nodes: vec![node],
        ..MetadataResponsePartition::default()
    };
    MetadataResponseTopic {
        name: Some(Text::from(&*handle.topic.name)),
        topic_id: handle.topic.id,
        is_internal: is_internal(&handle.topic.name),
        partitions: (0..handle.topic.partitions).map(partition).collect(),
        topic_authorized_operations,
        ..MetadataResponseTopic::default()
    }
}

fn unknown(name: &str, topic_authorized_operations: i32) -> MetadataResponseTopic {
    let code = match validate_topic_name(name) {
        Ok(()) => ErrorCode::UnknownTopicOrPartition,
        Err(_) => ErrorCode::InvalidTopicException,
    };
    MetadataResponseTopic {
        error_code: code.code(),
        name: Some(Text::from(name)),
        is_internal: is_internal(name),
        topic_authorized_operations,
        ..MetadataResponseTopic::default()
    }
}

fn unknown_id(topic_id: Uuid) -> MetadataResponseTopic {
    let error_code = ErrorCode::UnknownTopicId.code();
    MetadataResponseTopic { error_code, name: None, topic_id, ..MetadataResponseTopic::default() }
}
