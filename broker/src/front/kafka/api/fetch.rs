//! Fetch: records of many partitions, with or without a session (KIP-227), by name or by id (KIP-516).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::fetch::{
    AbortedTransaction, EpochEndOffset, FetchableTopicResponse, PartitionData, Response,
};
use thalweg_proto::wire::{Records, Text};

pub(in crate::front::kafka) use thalweg_proto::messages::fetch::Request;

use crate::engine::{Bounds, EngineError, Isolation, Outcome, Read, TopicRef};
use crate::front::kafka::context::Context;
use crate::front::kafka::partitions::PartitionMap;
use crate::front::kafka::session::{Asked, FetchContext, PartitionKey};

/// The first version that names topics by id.
const BY_ID: i16 = 13;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, version: i16) -> Response {
    let isolation = match request.isolation_level {
        0 => Some(Isolation::ReadUncommitted),
        1 => Some(Isolation::ReadCommitted),
        _ => None,
    };
    let most = i32::try_from(context.engine.settings.network.fetch_max_bytes).unwrap_or(i32::MAX);
    let bounds = Bounds {
        min_bytes: request.min_bytes.min(most),
        max_wait: Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or(0)),
        max_bytes: request.max_bytes.min(most),
        isolation: isolation.unwrap_or_default(),
        whole_batches: false,
    };
    let asked = asked(context, request, version);
    if isolation.is_none() {
        return unknown_isolation(asked);
    }
    let session = match context.front.sessions.begin(asked) {
        Ok(session) => session,
        Err(code) => return failed(code),
    };
    let outcomes = context.engine.fetch(session.reads(), bounds).await;
    let answer = |(read, outcome)| {
        let outcome = by_former_name(context, &session, read, outcome);
        answer(read, outcome, bounds.isolation)
    };
    let answers = session.reads().iter().zip(outcomes).map(answer).collect();
    match context.front.sessions.finish(session, answers) {
        Ok((session_id, told)) => Response { session_id, responses: by_topic(told), ..Response::default() },
        Err(code) => failed(code),
    }
}

fn failed(code: ErrorCode) -> Response {
    Response { error_code: code.code(), ..Response::default() }
}

/// Kafka fails as a whole at an isolation level that it does not know; older versions are told for each partition.
fn unknown_isolation(asked: Asked) -> Response {
    let session_id = asked.session_id;
    if asked.uses_ids {
        return Response { session_id, ..failed(ErrorCode::UnknownServerError) };
    }
    let error = EngineError::refused(ErrorCode::UnknownServerError, "unknown isolation level");
    let answer = |read: Read| {
        let answer = PartitionData { aborted_transactions: Some(Vec::new()), ..refused(&read, &error) };
        ((read.topic, read.partition), answer)
    };
    Response {
        error_code: ErrorCode::UnknownServerError.code(),
        session_id,
        responses: by_topic(asked.reads.into_iter().map(answer).collect()),
        ..Response::default()
    }
}

/// A session knows its topics by name, once it has found them: one that is gone since is an unknown topic rather than an
/// unknown id, and one of the same name does not take its place (KIP-516).
fn by_former_name(context: &Context, session: &FetchContext, read: &Read, outcome: Outcome) -> Outcome {
    let Outcome::Failed(EngineError::UnknownTopicId(id)) = outcome else { return outcome };
    let Some(name) = session.name_of(&id) else { return outcome };
    let successor = context.engine.topics.by_name(&name);
    Outcome::Failed(match successor.map(|topic| topic.partition(read.partition).map(drop)) {
        Some(Ok(())) => EngineError::refused(ErrorCode::InconsistentTopicId, "the topic was made again"),
        Some(Err(error)) => error,
        None => EngineError::UnknownTopic(name),
    })
}

/// What the request asks for. A partition that is named twice counts once, with what was said last.
fn asked(context: &Context, request: Request, version: i16) -> Asked {
    let uses_ids = version >= BY_ID;
    let topic_ref = |name: &Text, id| {
        if uses_ids { TopicRef::Id(id) } else { TopicRef::Name(Arc::from(name.as_str())) }
    };
    let mut reads = PartitionMap::default();
    let mut names = HashMap::new();
    for topic in &request.topics {
        let topic_ref = topic_ref(&topic.topic, topic.topic_id);
        if uses_ids && let Some(found) = context.engine.topics.by_id(&topic.topic_id) {
            names.insert(topic.topic_id, found.topic.name.clone());
        }
        for partition in &topic.partitions {
            let read = Read {
                topic: topic_ref.clone(),
                partition: partition.partition,
                offset: partition.fetch_offset,
                current_leader_epoch: partition.current_leader_epoch.max(-1),
                last_fetched_epoch: partition.last_fetched_epoch,
                max_bytes: partition.partition_max_bytes,
            };
            reads.put((topic_ref.clone(), partition.partition), read);
        }
    }
    let forgotten = request.forgotten_topics_data.iter().flat_map(|topic| {
        let topic_ref = topic_ref(&topic.topic, topic.topic_id);
        topic.partitions.iter().map(move |partition| (topic_ref.clone(), *partition))
    });
    Asked {
        session_id: request.session_id,
        epoch: request.session_epoch,
        uses_ids,
        forgotten: forgotten.collect(),
        reads: reads.into_values().collect(),
        names,
    }
}

fn answer(read: &Read, outcome: Outcome, isolation: Isolation) -> PartitionData {
    match outcome {
        Outcome::Records(fetched) => PartitionData {
            partition_index: read.partition,
            high_watermark: fetched.offsets.high_watermark,
            last_stable_offset: fetched.offsets.last_stable,
            log_start_offset: fetched.offsets.log_start,
            // Kafka sends null to those who do not ask for transactions, and where it has not read.
            aborted_transactions: (isolation == Isolation::ReadCommitted).then(|| {
                let aborted = fetched.aborted.iter().map(|transaction| AbortedTransaction {
                    producer_id: transaction.producer_id,
                    first_offset: transaction.first_offset,
                });
                aborted.collect()
            }),
            records: Some(Records { slices: fetched.slices }),
            ..PartitionData::default()
        },
        Outcome::Diverging(diverging, offsets) => PartitionData {
            partition_index: read.partition,
            high_watermark: offsets.high_watermark,
            last_stable_offset: offsets.last_stable,
            log_start_offset: offsets.log_start,
            diverging_epoch: EpochEndOffset { epoch: diverging.epoch, end_offset: diverging.end_offset },
            aborted_transactions: None,
            records: Some(Records::default()),
            ..PartitionData::default()
        },
        Outcome::Failed(error) => {
            let in_log = !matches!(
                error,
                EngineError::UnknownTopic(_)
                    | EngineError::UnknownTopicId(_)
                    | EngineError::UnknownPartition { .. }
            );
            let aborted_transactions = if in_log { None } else { Some(Vec::new()) };
            PartitionData { aborted_transactions, ..refused(read, &error) }
        }
    }
}

/// A partition that failed: no offset is told.
fn refused(read: &Read, error: &EngineError) -> PartitionData {
    PartitionData {
        partition_index: read.partition,
        error_code: error.code().code(),
        high_watermark: -1,
        last_stable_offset: -1,
        log_start_offset: -1,
        aborted_transactions: None,
        records: Some(Records::default()),
        ..PartitionData::default()
    }
}

/// Puts neighbours of one topic together. As in Kafka, what is not there comes last: topics by id first, then the rest.
fn by_topic(mut answers: Vec<(PartitionKey, PartitionData)>) -> Vec<FetchableTopicResponse> {
    answers.sort_by_key(|(_, answer)| match ErrorCode::from(answer.error_code) {
        ErrorCode::UnknownTopicId => 1,
        ErrorCode::UnknownTopicOrPartition => 2,
        _ => 0,
    });
    let mut topics: Vec<FetchableTopicResponse> = Vec::new();
    let mut last = None;
    for ((topic, _), answer) in answers {
        if last.as_ref() != Some(&topic) {
            let (name, topic_id) = match &topic {
                TopicRef::Name(name) => (Text::from(&**name), uuid::Uuid::nil()),
                TopicRef::Id(id) => (Text::EMPTY, *id),
            };
            topics.push(FetchableTopicResponse { topic: name, topic_id, partitions: Vec::new() });
            last = Some(topic);
        }
        if let Some(topic) = topics.last_mut() {
            topic.partitions.push(answer);
        }
    }
    topics
}
