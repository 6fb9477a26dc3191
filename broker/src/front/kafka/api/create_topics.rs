//! CreateTopics (key 19), versions 2-7.
//!
//! 4 takes -1 for partitions and replicas: the broker's defaults (KIP-464) · 5 flexible, and answers with partitions, replicas
//! and every configuration of the new topic (KIP-525) · 7 answers with the topic's id. Of the timeout only zero counts, which is
//! over at once: otherwise the answer comes when the topic is served, or when it is known that it never will be.

use std::collections::HashMap;

use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::create_topics::{
    CreatableTopic, CreatableTopicConfigs, CreatableTopicResult, Response,
};
use thalweg_proto::wire::Text;

pub(in crate::front::kafka) use thalweg_proto::messages::create_topics::Request;

use super::cluster::{error_of, timed_out};
use crate::engine::{Assignment, NewTopic, Refusal, Topic};
use crate::engine::{Engine, TopicOutcome};
use crate::front::kafka::context::Context;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, _: i16) -> Response {
    if request.timeout_ms <= 0 {
        let late = |topic: CreatableTopic| result(&context.engine, topic.name, Err(timed_out()));
        return Response { topics: request.topics.into_iter().map(late).collect(), ..Response::default() };
    }
    let mut times: HashMap<Text, usize> = HashMap::new();
    for topic in &request.topics {
        *times.entry(topic.name.clone()).or_default() += 1;
    }
    let once = |topic: &CreatableTopic| times.get(&topic.name) == Some(&1);
    let wanted: Vec<NewTopic> = request.topics.iter().filter(|topic| once(topic)).map(new_topic).collect();
    let names: Vec<Text> =
        request.topics.iter().filter(|topic| once(topic)).map(|topic| topic.name.clone()).collect();
    let outcomes = context.engine.create_topics(wanted, request.validate_only).await;
    let answered =
        names.into_iter().zip(outcomes).map(|(name, outcome)| result(&context.engine, name, outcome));
    let twice = times.iter().filter(|(_, times)| **times > 1).map(|(name, _)| {
        let refusal = Refusal::new(ErrorCode::InvalidRequest, "Duplicate topic name.");
        result(&context.engine, name.clone(), Err(refusal))
    });
    Response { topics: twice.chain(answered).collect(), ..Response::default() }
}

fn new_topic(topic: &CreatableTopic) -> NewTopic {
    let assignments = topic.assignments.iter();
    let configs = topic.configs.iter();
    NewTopic {
        name: topic.name.to_string(),
        partitions: topic.num_partitions,
        replication_factor: topic.replication_factor,
        assignments: assignments
            .map(|chosen| Assignment {
                partition: chosen.partition_index,
                replicas: chosen.broker_ids.clone(),
            })
            .collect(),
        configs: configs
            .map(|config| (config.name.to_string(), config.value.as_ref().map(|value| value.to_string())))
            .collect(),
        ..NewTopic::default()
    }
}

fn result(engine: &Engine, name: Text, outcome: TopicOutcome) -> CreatableTopicResult {
    let (error_code, error_message) = error_of(&outcome);
    let result = CreatableTopicResult { name, error_code, error_message, ..CreatableTopicResult::default() };
    match outcome {
        Err(_) => result,
        Ok(topic) => CreatableTopicResult {
            topic_id: topic.id,
            num_partitions: topic.partitions,
            replication_factor: 1,
            configs: Some(configs(engine, &topic)),
            ..result
        },
    }
}

fn configs(engine: &Engine, topic: &Topic) -> Vec<CreatableTopicConfigs> {
    let entries = engine.describe_topic_configs(&topic.overrides).unwrap_or_default();
    let config = |entry: thalweg_config::describe::Entry| CreatableTopicConfigs {
        config_source: entry.source.code(),
        // As it was given: Kafka reads it only later.
        value: topic.overrides.get(&entry.name).cloned().or(entry.value).map(Text::from),
        name: Text::from(entry.name),
        read_only: entry.read_only,
        is_sensitive: entry.sensitive,
    };
    entries.into_iter().map(config).collect()
}
