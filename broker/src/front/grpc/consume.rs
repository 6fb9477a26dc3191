//! `ConsumeService`.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::Stream;
use thalweg_proto::grpc::v1;
use thalweg_proto::grpc::v1::consume_service_server::ConsumeService;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::{batches, status};
use crate::engine::{
    Bounds, Engine, EngineError, Fetched, Isolation, OffsetQuery, Offsets, Outcome, Read, TopicRef,
};

/// Bytes of a response, and of a partition in it, for clients that do not choose.
const DEFAULT_MAX_BYTES: i32 = 4 << 20;
/// Most bytes of a response whatever the client asks for: below the largest message, with room for what surrounds them.
const MOST_BYTES: i32 = 32 << 20;
/// Longest wait of one fetch.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

pub(super) struct Consume {
    engine: Arc<Engine>,
    stopping: CancellationToken,
}

impl Consume {
    pub fn new(engine: Arc<Engine>, stopping: CancellationToken) -> Self {
        Self { engine, stopping }
    }
}

#[tonic::async_trait]
impl ConsumeService for Consume {
    async fn fetch(&self, request: Request<v1::FetchRequest>) -> Result<Response<v1::FetchResponse>, Status> {
        let request = request.into_inner();
        let bounds = Bounds {
            min_bytes: request.min_bytes,
            max_wait: wait(request.max_wait_ms),
            max_bytes: bytes(request.max_bytes),
            isolation: isolation(request.isolation_level()),
            whole_batches: true,
        };
        let format = request.format();
        let wanted = request.partitions.into_iter();
        let wanted =
            wanted.map(|wanted| read(wanted.topic, wanted.partition, wanted.offset, wanted.max_bytes));
        let reads: Vec<Read> = wanted.collect();
        let outcomes = tokio::select! {
            outcomes = self.engine.fetch(&reads, bounds) => outcomes,
            () = self.stopping.cancelled() => return Err(status::stopping()),
        };
        let partitions = reads.iter().zip(outcomes).map(|(read, outcome)| fetched(read, outcome, format));
        Ok(Response::new(v1::FetchResponse { partitions: partitions.collect() }))
    }

    type ConsumeStream = Pin<Box<dyn Stream<Item = Result<v1::ConsumeResponse, Status>> + Send>>;

    async fn consume(
        &self,
        request: Request<v1::ConsumeRequest>,
    ) -> Result<Response<Self::ConsumeStream>, Status> {
        let request = request.into_inner();
        let format = request.format();
        let bounds = Bounds {
            min_bytes: 1,
            max_wait: LONGEST_WAIT,
            max_bytes: bytes(request.max_bytes),
            isolation: isolation(request.isolation_level()),
            whole_batches: true,
        };
        let mut reads = Vec::with_capacity(request.partitions.len());
        for wanted in request.partitions {
            reads.push(begin(&self.engine, wanted, bounds).map_err(|error| status::status(&error))?);
        }
        let (engine, stopping) = (self.engine.clone(), self.stopping.clone());
        // Polled only when the response before has gone out, so a reader that is slow is read for slowly.
        let responses = async_stream::try_stream! {
            while !reads.is_empty() {
                let outcomes = tokio::select! {
                    outcomes = engine.fetch(&reads, bounds) => Some(outcomes),
                    () = stopping.cancelled() => None,
                };
                let Some(outcomes) = outcomes else { Err(status::stopping())?; return };
                let response = advance(&mut reads, outcomes, format);
                if !response.partitions.is_empty() {
                    yield response;
                }
            }
        };
        Ok(Response::new(Box::pin(responses)))
    }
}

/// Moves the reads behind what was fetched, ends those that failed, and tells of both.
fn advance(reads: &mut Vec<Read>, outcomes: Vec<Outcome>, format: v1::RecordFormat) -> v1::ConsumeResponse {
    let mut partitions = Vec::new();
    let mut outcomes = outcomes.into_iter();
    reads.retain_mut(|read| {
        let Some(outcome) = outcomes.next() else { return true };
        if matches!(&outcome, Outcome::Records(fetched) if fetched.slices.is_empty()) {
            return true;
        }
        let told = fetched(read, outcome, format);
        read.offset = told.next_offset;
        let goes_on = told.problem.is_none();
        partitions.push(told);
        goes_on
    });
    // The first has the first claim on the bytes of a response; next time that is another.
    if !reads.is_empty() {
        reads.rotate_left(1);
    }
    v1::ConsumeResponse { partitions }
}

fn begin(engine: &Engine, wanted: v1::ConsumePartition, bounds: Bounds) -> Result<Read, EngineError> {
    use v1::consume_partition::Start;
    let topic = TopicRef::Name(wanted.topic.as_str().into());
    let find = |query| engine.find_offset(&topic, wanted.partition, -1, query, bounds.isolation);
    let offset = match wanted.start {
        Some(Start::Offset(offset)) => offset,
        Some(Start::Edge(edge)) => find(query(v1::Edge::try_from(edge).unwrap_or_default()))?.offset,
        Some(Start::TimestampMs(timestamp)) => match find(OffsetQuery::Timestamp(timestamp))?.offset {
            -1 => find(OffsetQuery::Latest)?.offset,
            offset => offset,
        },
        None => find(OffsetQuery::Earliest)?.offset,
    };
    Ok(read(wanted.topic, wanted.partition, offset.max(0), bounds.max_bytes))
}

/// The engine's question for an edge.
pub(super) fn query(edge: v1::Edge) -> OffsetQuery {
    match edge {
        v1::Edge::Unspecified | v1::Edge::Start => OffsetQuery::Earliest,
        v1::Edge::End => OffsetQuery::Latest,
        v1::Edge::MaxTimestamp => OffsetQuery::MaxTimestamp,
    }
}

fn read(topic: String, partition: i32, offset: i64, max_bytes: i32) -> Read {
    let topic = TopicRef::Name(topic.into());
    let max_bytes = bytes(max_bytes);
    Read { topic, partition, offset, current_leader_epoch: -1, last_fetched_epoch: -1, max_bytes }
}

fn bytes(asked: i32) -> i32 {
    if asked <= 0 { DEFAULT_MAX_BYTES } else { asked.min(MOST_BYTES) }
}

fn wait(asked_ms: i32) -> Duration {
    Duration::from_millis(u64::try_from(asked_ms).unwrap_or(0)).min(LONGEST_WAIT)
}

/// The engine's word for an isolation level.
pub(super) fn isolation(level: v1::IsolationLevel) -> Isolation {
    match level {
        v1::IsolationLevel::Unspecified | v1::IsolationLevel::ReadUncommitted => Isolation::ReadUncommitted,
        v1::IsolationLevel::ReadCommitted => Isolation::ReadCommitted,
    }
}

fn fetched(read: &Read, outcome: Outcome, format: v1::RecordFormat) -> v1::FetchedPartition {
    let topic = match &read.topic {
        TopicRef::Name(name) => name.to_string(),
        TopicRef::Id(id) => id.to_string(),
    };
    let mut told = v1::FetchedPartition {
        topic,
        partition: read.partition,
        log_start_offset: -1,
        high_watermark: -1,
        last_stable_offset: -1,
        next_offset: read.offset,
        ..v1::FetchedPartition::default()
    };
    match outcome {
        Outcome::Failed(error) => told.problem = Some(status::problem(&error)),
        // Only a reader that sends epochs can have diverged, and these do not.
        Outcome::Diverging(_, offsets) => tell_offsets(&mut told, &offsets),
        Outcome::Records(fetched) => {
            tell_offsets(&mut told, &fetched.offsets);
            if let Err(error) = tell_records(&mut told, fetched, format) {
                told.problem = Some(status::problem(&error));
            }
        }
    }
    told
}

fn tell_offsets(told: &mut v1::FetchedPartition, offsets: &Offsets) {
    told.log_start_offset = offsets.log_start;
    told.high_watermark = offsets.high_watermark;
    told.last_stable_offset = offsets.last_stable;
}

fn tell_records(
    told: &mut v1::FetchedPartition,
    fetched: Fetched,
    format: v1::RecordFormat,
) -> Result<(), EngineError> {
    match format {
        v1::RecordFormat::Records => {
            let (records, next_offset) =
                batches::decode(&fetched.slices, told.next_offset, &fetched.aborted)?;
            told.records = records;
            told.next_offset = next_offset;
        }
        v1::RecordFormat::Unspecified | v1::RecordFormat::Batches => {
            told.next_offset = batches::next_offset(&fetched.slices, told.next_offset);
            told.record_batches = fetched.slices;
            let aborted = fetched.aborted.into_iter().map(|aborted| v1::AbortedTransaction {
                producer_id: aborted.producer_id,
                first_offset: aborted.first_offset,
            });
            told.aborted_transactions = aborted.collect();
        }
    }
    Ok(())
}
