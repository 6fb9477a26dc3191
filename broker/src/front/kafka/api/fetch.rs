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
use crate::front::kafka::session::{Asked, PartitionKey};

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
    let asked = asked(request, version);
    let session = match context.front.sessions.begin(asked) {
        Ok(session) => session,
        Err(code) => return failed(code),
    };
    let answers = if isolation.is_none() || bounds.max_bytes < 0 {
        // Kafka fails inside its log here, each partition by itself.
        let error =
            EngineError::refused(ErrorCode::UnknownServerError, "negative size or unknown isolation level");
        session.reads().iter().map(|read| refused(read, &error)).collect()
    } else {
        let outcomes = context.engine.fetch(session.reads(), bounds).await;
        session
            .reads()
            .iter()
            .zip(outcomes)
            .map(|(read, outcome)| answer(read, outcome, bounds.isolation))
            .collect()
    };
    match context.front.sessions.finish(session, answers) {
        Ok((session_id, told)) => Response { session_id, responses: by_topic(told), ..Response::default() },
        Err(code) => failed(code),
    }
}

fn failed(code: ErrorCode) -> Response {
    Response { error_code: code.code(), ..Response::default() }
}

/// What the request asks for. A partition that is named twice counts once, with what was said last.
fn asked(request: Request, version: i16) -> Asked {
    let uses_ids = version >= BY_ID;
    let topic_ref = |name: &Text, id| {
        if uses_ids { TopicRef::Id(id) } else { TopicRef::Name(Arc::from(name.as_str())) }
    };
    let mut reads = PartitionMap::default();
    for topic in &request.topics {
        let topic_ref = topic_ref(&topic.topic, topic.topic_id);
        for partition in &topic.partitions {
            let read = Read {
                topic: topic_ref.clone(),
                partition: partition.partition,
                offset: partition.fetch_offset,
                current_leader_epoch: partition.current_leader_epoch,
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
    }
}

fn answer(read: &Read, outcome: Outcome, isolation: Isolation) -> PartitionData {
    // Kafka sends null to those who do not ask for transactions.
    let none = (isolation == Isolation::ReadCommitted).then(Vec::new);
    match outcome {
        Outcome::Records(fetched) => PartitionData {
            partition_index: read.partition,
            high_watermark: fetched.offsets.high_watermark,
            last_stable_offset: fetched.offsets.last_stable,
            log_start_offset: fetched.offsets.log_start,
            aborted_transactions: none.map(|_| {
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
            aborted_transactions: none,
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
            let aborted_transactions = if in_log { none } else { Some(Vec::new()) };
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

/// Gathers the partitions of each topic, in the order in which the topics first appear.
fn by_topic(answers: Vec<(PartitionKey, PartitionData)>) -> Vec<FetchableTopicResponse> {
    let mut topics: Vec<FetchableTopicResponse> = Vec::new();
    let mut places: HashMap<TopicRef, usize> = HashMap::new();
    for ((topic, _), answer) in answers {
        let place = *places.entry(topic.clone()).or_insert_with(|| {
            let (name, id) = match &topic {
                TopicRef::Name(name) => (Text::from(&**name), uuid::Uuid::nil()),
                TopicRef::Id(id) => (Text::EMPTY, *id),
            };
            topics.push(FetchableTopicResponse { topic: name, topic_id: id, partitions: Vec::new() });
            topics.len() - 1
        });
        if let Some(topic) = topics.get_mut(place) {
            topic.partitions.push(answer);
        }
    }
    topics
}
