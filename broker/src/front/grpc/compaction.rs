//! Compaction on demand, and purges: streams that tell how far the work is, and then what was done.

use std::sync::Arc;
use std::time::{Duration, Instant};

use thalweg_proto::grpc::v1;
use tokio::sync::mpsc::{self, Sender};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::status;
use crate::engine::{Engine, EngineError, OffsetRuns, Outlook, Progress, Purged, Run, Served, TopicHandle};

/// What a client gets, event by event.
pub(super) type Events<T> = ReceiverStream<Result<T, Status>>;

/// Events that may wait for a slow client.
const QUEUE: usize = 64;
/// How often progress is told.
const EVERY: Duration = Duration::from_millis(200);
/// Runs of offsets in one message.
const RUNS: usize = 10_000;

/// The partitions that are meant.
fn chosen(handle: &TopicHandle, wanted: &[i32]) -> Result<Vec<(i32, Arc<Served>)>, Status> {
    let all: Vec<i32> = (0..handle.topic.partitions).collect();
    let wanted = if wanted.is_empty() { &all } else { wanted };
    let find = |partition: &i32| Ok((*partition, handle.partition(*partition)?.clone()));
    wanted.iter().map(find).collect::<Result<_, EngineError>>().map_err(|error| status::status(&error))
}

/// What is told of a work that others keep waiting.
fn waiting(partitions: &[(i32, Arc<Served>)]) -> v1::WorkProgress {
    let partition = partitions.first().map_or(-1, |(partition, _)| *partition);
    v1::WorkProgress { partition, phase: "waiting for its turn".to_owned(), ..v1::WorkProgress::default() }
}

/// Tells a client of a work's progress, now and then; false when nobody listens any more.
struct Teller<T> {
    events: Sender<Result<T, Status>>,
    partition: i32,
    wrap: fn(v1::WorkProgress) -> T,
    told: std::cell::Cell<Option<Instant>>,
}

impl<T> Teller<T> {
    fn tell(&self, progress: Progress) -> bool {
        if self.told.get().is_none_or(|told| told.elapsed() >= EVERY) {
            self.told.set(Some(Instant::now()));
            let number = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
            let progress = v1::WorkProgress {
                partition: self.partition,
                phase: progress.phase.to_owned(),
                bytes_done: number(progress.done),
                bytes_total: number(progress.total.max(progress.done)),
            };
            // A client that does not read on gets the next.
            let _ = self.events.try_send(Ok((self.wrap)(progress)));
        }
        !self.events.is_closed()
    }
}

pub(super) fn compact(
    engine: &Arc<Engine>,
    handle: &TopicHandle,
    request: &v1::CompactTopicRequest,
) -> Result<Events<v1::CompactTopicResponse>, Status> {
    use v1::compact_topic_response::Event;
    let partitions = chosen(handle, &request.partitions)?;
    engine.check_compact(handle).map_err(|error| status::status(&error))?;
    let (events, stream) = mpsc::channel(QUEUE.max(partitions.len()));
    let event = |event| v1::CompactTopicResponse { event: Some(event) };
    if !request.wait {
        for (partition, served) in &partitions {
            let started = v1::CompactedPartition {
                partition: *partition,
                run: Some(v1::CompactionRun {
                    started_ms: engine.world.clock.wall_ms(),
                    outcome: v1::CompactionOutcome::Started.into(),
                    ..v1::CompactionRun::default()
                }),
                end_offset: served.offsets().log_end,
            };
            let _ = events.try_send(Ok(event(Event::Partition(started))));
        }
    }
    let (engine, wait) = (engine.clone(), request.wait);
    if wait {
        let _ = events.try_send(Ok(event(Event::Progress(waiting(&partitions)))));
    }
    tokio::spawn(async move {
        let _turn = engine.turn_on_demand().await;
        let on = engine.clone();
        let work = move || {
            for (partition, served) in partitions {
                let wrap = |progress| v1::CompactTopicResponse { event: Some(Event::Progress(progress)) };
                let teller = Teller { events: events.clone(), partition, wrap, told: None.into() };
                let end_offset = served.offsets().log_end;
                // The compaction outlives who asked for it.
                let watch = |progress| {
                    let _ = wait && teller.tell(progress);
                    true
                };
                let done = on.compact_now(&served, &watch);
                if wait {
                    let mut run = run(&done);
                    if matches!(done.outcome, Ok(None)) {
                        run.compacted_to = on.outlook(&served).debt.compacted_to;
                    }
                    let run = Some(run);
                    let done = v1::CompactedPartition { partition, run, end_offset };
                    let _ = events.blocking_send(Ok(event(Event::Partition(done))));
                }
            }
        };
        let _ = tokio::task::spawn_blocking(work).await;
    });
    Ok(ReceiverStream::new(stream))
}

pub(super) fn purge(
    engine: &Arc<Engine>,
    handle: &TopicHandle,
    request: v1::PurgeKeyRequest,
) -> Result<Events<v1::PurgeKeyResponse>, Status> {
    use v1::purge_key_response::Event;
    let partitions = chosen(handle, &request.partitions)?;
    engine.check_purge(handle, request.tombstone).map_err(|error| status::status(&error))?;
    let (events, stream) = mpsc::channel(QUEUE);
    let told = v1::PurgeKeyResponse { event: Some(Event::Progress(waiting(&partitions))) };
    let _ = events.try_send(Ok(told));
    let engine = engine.clone();
    tokio::spawn(async move {
        let _turn = engine.turn_on_demand().await;
        let on = engine.clone();
        let work = move || {
            let event = |event| Ok(v1::PurgeKeyResponse { event: Some(event) });
            for (partition, served) in partitions {
                let wrap = |progress| v1::PurgeKeyResponse { event: Some(Event::Progress(progress)) };
                let teller = Teller { events: events.clone(), partition, wrap, told: None.into() };
                if events.is_closed() {
                    return;
                }
                let watch = |progress| teller.tell(progress);
                let work = if request.dry_run { Engine::survey_purge } else { Engine::purge_key };
                let purged = work(&on, &served, &request.key, request.tombstone, &watch);
                for segment in segments(partition, &purged) {
                    let _ = events.blocking_send(event(Event::Segment(segment)));
                }
                if events.blocking_send(event(Event::Partition(self::purged(partition, &purged)))).is_err() {
                    return;
                }
            }
        };
        let _ = tokio::task::spawn_blocking(work).await;
    });
    Ok(ReceiverStream::new(stream))
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn count(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

fn runs(runs: &[(i64, i64)]) -> Vec<v1::OffsetRun> {
    runs.iter().map(|&(first, last)| v1::OffsetRun { first, last }).collect()
}

/// The segments that were written anew, in messages of bounded size.
fn segments(partition: i32, purged: &Purged) -> impl Iterator<Item = v1::PurgedSegment> {
    purged.segments.iter().flat_map(move |segment| {
        segment.removed.runs().chunks(RUNS).map(move |part| v1::PurgedSegment {
            partition,
            base_offset: segment.base_offset,
            removed: runs(part),
            bytes_before: number(segment.bytes_before),
            bytes_after: number(segment.bytes_after),
        })
    })
}

fn purged(partition: i32, purged: &Purged) -> v1::PurgedPartition {
    let proof = purged.proof.as_ref().map(|proof| v1::PurgeProof {
        segments: number(proof.segments),
        records: number(proof.records),
        bytes: number(proof.bytes),
        up_to_offset: proof.up_to,
        remaining: runs(first_runs(&proof.remaining)),
        strange_files: proof.strange_files.clone(),
        files_still_read: count(purged.still_read),
        complete: purged.is_complete(),
    });
    v1::PurgedPartition {
        partition,
        records_found: number(purged.found),
        records_removed: number(purged.removed()),
        segments_rewritten: count(purged.segments.len()),
        tombstone_offset: purged.tombstone,
        proof,
        problem: purged.problem.as_ref().map(status::problem),
    }
}

/// As many runs as one message holds: that there are some is what counts.
fn first_runs(runs: &OffsetRuns) -> &[(i64, i64)] {
    runs.runs().get(..RUNS).unwrap_or(runs.runs())
}

fn run(run: &Run) -> v1::CompactionRun {
    let (outcome, problem) = match &run.outcome {
        Ok(Some(_)) => (v1::CompactionOutcome::Done, None),
        Ok(None) => (v1::CompactionOutcome::Nothing, None),
        Err(error) => (v1::CompactionOutcome::Failed, Some(status::problem(error))),
    };
    let done = run.outcome.as_ref().ok().copied().flatten().unwrap_or_default();
    v1::CompactionRun {
        started_ms: run.started_ms,
        duration_ms: i64::try_from(run.took.as_millis()).unwrap_or(i64::MAX),
        outcome: outcome.into(),
        problem,
        compacted_to: done.cleaned_to,
        bytes_before: number(done.bytes_before),
        bytes_after: number(done.bytes_after),
        records_before: number(done.records_before),
        records_after: number(done.records_after),
    }
}

/// What compaction does in a partition; `None` where it has nothing to do, and never had.
pub(super) fn state(outlook: &Outlook) -> Option<v1::CompactionState> {
    let (debt, care) = (&outlook.debt, &outlook.care);
    if !outlook.is_compacted && care.last_run.is_none() && care.records_removed == 0 {
        return None;
    }
    Some(v1::CompactionState {
        dirty_ratio: debt.ratio(),
        debt_bytes: number(debt.dirty_bytes),
        clean_bytes: number(debt.clean_bytes),
        overdue: debt.overdue,
        compacted_to: debt.compacted_to,
        runs: number(care.runs),
        failures: number(care.failures),
        bytes_removed: number(care.bytes_removed),
        records_removed: number(care.records_removed),
        last_run: care.last_run.as_ref().map(run),
    })
}
