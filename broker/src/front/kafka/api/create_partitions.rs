//! CreatePartitions (key 37), versions 0-3: more partitions for topics.
//!
//! 2 flexible. Partitions are never taken away, and records keep the partition they are in, so the same key may from now on go
//! to another.

use std::collections::HashMap;

use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::create_partitions::{
    CreatePartitionsAssignment, CreatePartitionsTopic, CreatePartitionsTopicResult, Response,
};
use thalweg_proto::wire::Text;

pub(in crate::front::kafka) use thalweg_proto::messages::create_partitions::Request;

use super::cluster::{error_of, timed_out};
use crate::engine::Refusal;
use crate::engine::{MorePartitions, TopicOutcome};
use crate::front::kafka::context::Context;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, _: i16) -> Response {
    if request.timeout_ms <= 0 {
        let late = |topic: CreatePartitionsTopic| result(topic.name, &Err(timed_out()));
        return Response { results: request.topics.into_iter().map(late).collect(), ..Response::default() };
    }
    let mut times: HashMap<Text, usize> = HashMap::new();
    for topic in &request.topics {
        *times.entry(topic.name.clone()).or_default() += 1;
    }
    let once: Vec<_> =
        request.topics.into_iter().filter(|topic| times.get(&topic.name) == Some(&1)).collect();
    let names: Vec<Text> = once.iter().map(|topic| topic.name.clone()).collect();
    let wishes = once.into_iter().map(wish).collect();
    let outcomes = context.engine.add_partitions(wishes, request.validate_only).await;
    let answered = names.into_iter().zip(outcomes).map(|(name, outcome)| result(name, &outcome));
    let twice = times.iter().filter(|(_, times)| **times > 1).map(|(name, _)| {
        result(name.clone(), &Err(Refusal::new(ErrorCode::InvalidRequest, "Duplicate topic name.")))
    });
    Response { results: twice.chain(answered).collect(), ..Response::default() }
}

fn wish(topic: CreatePartitionsTopic) -> MorePartitions {
    let replicas = |assignment: CreatePartitionsAssignment| assignment.broker_ids;
    MorePartitions {
        topic: topic.name.to_string(),
        count: topic.count,
        assignments: topic.assignments.map(|assignments| assignments.into_iter().map(replicas).collect()),
    }
}

fn result(name: Text, outcome: &TopicOutcome) -> CreatePartitionsTopicResult {
    let (error_code, error_message) = error_of(outcome);
    CreatePartitionsTopicResult { name, error_code, error_message }
}
