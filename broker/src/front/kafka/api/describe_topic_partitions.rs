//! DescribeTopicPartitions (key 75), version 0 (KIP-966): topics in pages of partitions.
//!
//! Topics come in the order of their names. A page ends after the wanted number of partitions, and the cursor tells where the
//! next begins. Replicas that were in sync before they were lost do not exist with one node.

use std::collections::BTreeSet;

use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::describe_topic_partitions::{
    Cursor, DescribeTopicPartitionsResponsePartition as Partition,
    DescribeTopicPartitionsResponseTopic as Topic, Response,
};
use thalweg_proto::wire::Text;

pub(in crate::front::kafka) use thalweg_proto::messages::describe_topic_partitions::Request;

use super::cluster::topic_operations;
use crate::engine::{Routes, TopicHandle};
use crate::engine::{is_internal, validate_topic_name};
use crate::front::kafka::context::Context;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, _: i16) -> Response {
    let settings = context.engine.current_settings();
    let most = usize::try_from(settings.network.max_partitions_per_answer).unwrap_or(usize::MAX);
    let limit = usize::try_from(request.response_partition_limit).unwrap_or(0).min(most).max(1);
    let every = request.topics.is_empty();
    let names = match names(&context.engine.topics, &request) {
        Ok(names) => names,
        Err(code) => return refused(request, code),
    };
    let mut page = Page { node: settings.node_id, room: limit, cursor: request.cursor, topics: Vec::new() };
    let mut names = names.iter().peekable();
    while let Some(name) = names.peek() {
        if page.room == 0 {
            return page.end(Some(Cursor { topic_name: Text::from(name.as_str()), partition_index: 0 }));
        }
        match context.engine.topics.by_name(name) {
            Some(handle) => {
                if let Some(next) = page.add(&handle) {
                    return page.end(Some(next));
                }
            }
            // A topic that was deleted since the names were listed.
            None if every => {}
            None => page.topics.push(unknown(name)),
        }
        names.next();
    }
    page.end(None)
}

/// The names from the cursor on, each once.
fn names(routes: &Routes, request: &Request) -> Result<BTreeSet<String>, ErrorCode> {
    let start = request.cursor.as_ref().map_or("", |cursor| cursor.topic_name.as_str());
    if request.cursor.as_ref().is_some_and(|cursor| cursor.partition_index < 0) {
        return Err(ErrorCode::InvalidRequest);
    }
    if request.topics.is_empty() {
        let names = routes.all().into_iter().map(|handle| handle.topic.name.to_string());
        return Ok(names.filter(|name| name.as_str() >= start).collect());
    }
    let names: BTreeSet<String> = request
        .topics
        .iter()
        .map(|topic| topic.name.to_string())
        .filter(|name| name.as_str() >= start)
        .collect();
    if request.cursor.is_some() && !names.contains(start) {
        return Err(ErrorCode::InvalidRequest);
    }
    // Kafka trips over the empty name, and over no other.
    if names.contains("") {
        return Err(ErrorCode::UnknownServerError);
    }
    Ok(names)
}

struct Page {
    node: i32,
    room: usize,
    cursor: Option<Cursor>,
    topics: Vec<Topic>,
}

impl Page {
    /// Adds partitions of a topic while there is room, and tells where to go on if some are left over.
    fn add(&mut self, handle: &TopicHandle) -> Option<Cursor> {
        let name = Text::from(&*handle.topic.name);
        let first = match &self.cursor {
            Some(cursor) if cursor.topic_name == name => cursor.partition_index,
            _ => 0,
        };
        let room = i32::try_from(self.room).unwrap_or(i32::MAX);
        let end = handle.topic.partitions.min(first.saturating_add(room));
        let partitions: Vec<Partition> =
            (first..end).map(|index| partition(handle, index, self.node)).collect();
        self.room = self.room.saturating_sub(partitions.len());
        self.topics.push(Topic {
            name: Some(name.clone()),
            topic_id: handle.topic.id,
            is_internal: is_internal(&handle.topic.name),
            partitions,
            topic_authorized_operations: topic_operations(true),
            ..Topic::default()
        });
        (end < handle.topic.partitions).then_some(Cursor { topic_name: name, partition_index: end })
    }

    fn end(self, next_cursor: Option<Cursor>) -> Response {
        Response { topics: self.topics, next_cursor, ..Response::default() }
    }
}

fn partition(handle: &TopicHandle, partition_index: i32, node: i32) -> Partition {
    Partition {
        partition_index,
        leader_id: node,
        leader_epoch: handle.leader_epoch(partition_index),
        replica_nodes: vec![node],
        isr_nodes: vec![node],
        eligible_leader_replicas: Some(Vec::new()),
        last_known_elr: Some(Vec::new()),
        ..Partition::default()
    }
}

fn unknown(name: &str) -> Topic {
    let code = match validate_topic_name(name) {
        Ok(()) => ErrorCode::UnknownTopicOrPartition,
        Err(_) => ErrorCode::InvalidTopicException,
    };
    Topic {
        error_code: code.code(),
        name: Some(Text::from(name)),
        is_internal: is_internal(name),
        topic_authorized_operations: topic_operations(true),
        ..Topic::default()
    }
}

/// A request that is refused as a whole: the error stands at each of its topics.
fn refused(request: Request, code: ErrorCode) -> Response {
    let topic = |name| Topic { error_code: code.code(), name: Some(name), ..Topic::default() };
    Response {
        topics: request.topics.into_iter().map(|asked| topic(asked.name)).collect(),
        ..Response::default()
    }
}
