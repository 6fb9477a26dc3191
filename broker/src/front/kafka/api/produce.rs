//! Produce: the records of each partition go to its log; the answer leaves when they are durable.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::produce::{
    BatchIndexAndErrorMessage, PartitionProduceResponse, Request, Response, TopicProduceData,
    TopicProduceResponse,
};
use thalweg_proto::record::BatchHeader;
use thalweg_proto::record::compress::Compression;
use thalweg_proto::wire::Text;

use crate::engine::{Acks, EngineError, TopicRef, Write, Written};
use crate::front::kafka::connection::Close;
use crate::front::kafka::dispatch::{Call, Step};

/// The lowest version that is served; those below are advertised for librdkafka alone (KAFKA-18659).
const LOWEST: i16 = 3;
/// The timeout of a request is for replicas, of which there are none: one of next to nothing, which Kafka would never
/// let run out on a single node, must not turn a slow sync into an error.
const LEAST_PATIENCE: Duration = Duration::from_secs(5);
/// The first version that names topics by id (KIP-516).
const BY_ID: i16 = 13;
/// The first version that may carry zstd.
const ZSTD_FROM: i16 = 7;

pub(in crate::front::kafka) fn start(mut call: Call) -> Result<Step, Close> {
    if call.version < LOWEST {
        return Err(Close::NotServed { key: call.api.code(), version: call.version });
    }
    let request = call.read::<Request>()?;
    let (acks, bad_acks) = match Acks::try_from(request.acks) {
        Ok(acks) => (acks, None),
        Err(error) => (Acks::Durable, Some(error)),
    };
    if request.transactional_id.is_none() && has_transactional(&request) {
        let code = ErrorCode::TransactionalIdAuthorizationFailed;
        let refused = refuse_all(&request, &EngineError::refused(code, ""));
        return Ok(Step::Deferred(Box::pin(async move { call.answer(&refused) })));
    }
    call.let_go_of_frame();
    let engine = call.context.engine.clone();
    let timeout = Duration::from_millis(u64::try_from(request.timeout_ms).unwrap_or(0)).max(LEAST_PATIENCE);
    let Taken { mut answer, slots, mut writes } = take(request, call.version);
    if let Some(error) = bad_acks {
        // What is wrong with a partition or its records is told first.
        writes.iter_mut().for_each(|write| _ = write.refused.get_or_insert_with(|| error.clone()));
    }
    let pending = engine.produce(acks, writes);
    Ok(Step::Deferred(Box::pin(async move {
        let written = engine.outcome_within(pending, timeout).await;
        if acks == Acks::None {
            let failed = written.iter().any(Result::is_err);
            return if failed { Err(Close::Unanswerable) } else { Ok(Vec::new()) };
        }
        fill(&mut answer, &slots, written);
        call.answer(&answer)
    })))
}

/// A request as its writes, the answer to be filled in, and for each write where its answer goes: topic, partition.
#[derive(Default)]
struct Taken {
    answer: Response,
    slots: Vec<(usize, usize)>,
    writes: Vec<Write>,
}

/// Splits a request. A partition that is named twice is written and answered once, with its last records; so is a topic.
fn take(request: Request, version: i16) -> Taken {
    let Taken { mut answer, mut slots, mut writes } = Taken::default();
    let mut topics: HashMap<TopicRef, usize> = HashMap::new();
    let mut places: HashMap<(TopicRef, i32), usize> = HashMap::new();
    for topic in request.topic_data {
        let topic_ref = match version {
            BY_ID.. => TopicRef::Id(topic.topic_id),
            _ => TopicRef::Name(Arc::from(topic.name.as_str())),
        };
        if topic.partition_data.is_empty() {
            continue;
        }
        let slot = *topics.entry(topic_ref.clone()).or_insert(answer.responses.len());
        if slot == answer.responses.len() {
            // An own copy of the name: the answer may wait for a sync, and the frame must not wait with it.
            let (name, topic_id) = (Text::from(topic.name.as_str()), topic.topic_id);
            let partition_responses = Vec::with_capacity(topic.partition_data.len());
            answer.responses.push(TopicProduceResponse { name, topic_id, partition_responses });
        }
        let Some(response) = answer.responses.get_mut(slot) else { continue };
        for partition in topic.partition_data {
            let records = partition.records.unwrap_or_default();
            let refused = refuse_codec(&records, version);
            let write = Write { topic: topic_ref.clone(), partition: partition.index, records, refused };
            match places.entry((topic_ref.clone(), partition.index)) {
                Entry::Occupied(place) => {
                    if let Some(before) = writes.get_mut(*place.get()) {
                        *before = write;
                    }
                }
                Entry::Vacant(place) => {
                    place.insert(writes.len());
                    slots.push((slot, response.partition_responses.len()));
                    let answer = PartitionProduceResponse { index: partition.index, ..Default::default() };
                    response.partition_responses.push(answer);
                    writes.push(write);
                }
            }
        }
    }
    Taken { answer, slots, writes }
}

/// Clients of before version 7 cannot read zstd, and must not write it (KIP-110).
fn refuse_codec(records: &[u8], version: i16) -> Option<EngineError> {
    if version >= ZSTD_FROM {
        return None;
    }
    let is_zstd = BatchHeader::parse(records).is_ok_and(|batch| batch.compression() == Ok(Compression::Zstd));
    is_zstd.then(|| {
        let message =
            format!("Produce requests with version {version} are not allowed to use ZStandard compression");
        EngineError::refused(ErrorCode::UnsupportedCompressionType, message)
    })
}

fn fill(answer: &mut Response, slots: &[(usize, usize)], written: Vec<Written>) {
    for ((topic, partition), written) in slots.iter().zip(written) {
        let topic = answer.responses.get_mut(*topic);
        let Some(partition) = topic.and_then(|topic| topic.partition_responses.get_mut(*partition)) else {
            continue;
        };
        match written {
            Ok(appended) => {
                partition.base_offset = appended.base_offset;
                partition.log_append_time_ms = appended.log_append_time_ms;
                partition.log_start_offset = appended.log_start_offset;
            }
            Err(error) => refuse(partition, &error),
        }
    }
}

fn refuse(partition: &mut PartitionProduceResponse, error: &EngineError) {
    partition.error_code = error.code().code();
    partition.base_offset = -1;
    if let EngineError::Append(refusal) = error {
        partition.log_start_offset = refusal.log_start_offset;
        partition.error_message = refusal.message.as_deref().map(Text::from);
        partition.record_errors = refusal
            .records
            .iter()
            .map(|record| BatchIndexAndErrorMessage {
                batch_index: record.index,
                batch_index_error_message: Some(Text::from(record.message.as_str())),
            })
            .collect();
    }
}

fn refuse_all(request: &Request, error: &EngineError) -> Response {
    let topic = |topic: &TopicProduceData| TopicProduceResponse {
        name: topic.name.clone(),
        topic_id: topic.topic_id,
        partition_responses: topic
            .partition_data
            .iter()
            .map(|partition| {
                let mut response = PartitionProduceResponse { index: partition.index, ..Default::default() };
                refuse(&mut response, error);
                response
            })
            .collect(),
    };
    Response { responses: request.topic_data.iter().map(topic).collect(), ..Response::default() }
}

fn has_transactional(request: &Request) -> bool {
    let mut records = request.topic_data.iter().flat_map(|topic| &topic.partition_data);
    records.any(|partition| {
        let records = partition.records.as_deref().unwrap_or_default();
        BatchHeader::parse(records).is_ok_and(|batch| batch.is_transactional())
    })
}
