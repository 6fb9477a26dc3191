//! One shard at work on its partition: under its lock an operation runs, its records are appended and applied.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use thalweg_proto::error::ErrorCode;
use thalweg_proto::record::compress::Compression;

use super::append::{self, PART_BYTES};
use super::bell::NEVER;
use super::tickets::Tickets;
use crate::coordinator::group::{Env, Shard, Step, Woken};
use crate::engine::{Engine, Served};
use crate::log::Origin;

/// A shard and its partition.
pub(super) struct ShardHost {
    pub(super) served: Arc<Served>,
    pub(super) tickets: Tickets,
    seat: Mutex<Seat>,
    /// When the shard's next deadline is, in ns of the monotonic clock; readable without its lock.
    next_deadline: AtomicU64,
}

struct Seat {
    shard: Shard,
    stage: Stage,
    /// The offset behind what the shard has written.
    written: i64,
    /// An operation is under way. Found at the beginning of another, it tells of one that never ended.
    busy: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Its log has not been read yet.
    Loading,
    Ready,
    /// What the shard holds and what its log holds may differ.
    OutOfService,
}

/// How records that cannot be appended at once may be torn apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Together {
    /// All or none of them: one batch.
    Yes,
    /// Each stands for itself: several batches, of a size that readers like.
    No,
}

impl ShardHost {
    /// A shard of what a partition holds. Where that is nothing, it can be used at once; else it must be loaded first.
    pub(super) fn new(served: Arc<Served>) -> Arc<Self> {
        let offsets = served.log.offsets();
        let is_empty = offsets.log_start == offsets.log_end;
        let stage = if is_empty { Stage::Ready } else { Stage::Loading };
        let seat = Seat { shard: Shard::default(), stage, written: offsets.log_end, busy: false };
        Arc::new(Self {
            served,
            tickets: Tickets::default(),
            seat: Mutex::new(seat),
            next_deadline: AtomicU64::new(NEVER),
        })
    }

    /// Whether the shard has yet to be loaded.
    pub(super) fn is_loading(&self) -> bool {
        self.seat.lock().stage == Stage::Loading
    }

    /// Why the shard takes no operation now.
    pub(super) fn availability(&self) -> Result<(), ErrorCode> {
        self.check(&mut self.seat.lock())
    }

    /// Whether everything before an offset is durable.
    pub(super) fn is_durable(&self, written: i64) -> bool {
        self.served.log.offsets().high_watermark >= written
    }

    /// When [`ShardHost::expire`] has something to do, in ns of the monotonic clock.
    pub(super) fn next_deadline(&self) -> u64 {
        self.next_deadline.load(Ordering::SeqCst)
    }

    /// Runs an operation. Returns its reply and the offset that must be durable before the reply leaves.
    pub(super) fn run<R>(
        &self,
        engine: &Engine,
        operation: impl FnOnce(&mut Shard, &Env<'_>) -> Step<R>,
    ) -> Result<(R, i64), ErrorCode> {
        self.run_as(engine, Together::Yes, operation)
    }

    /// The same for an operation whose records stand each for itself.
    pub(super) fn run_in_parts<R>(
        &self,
        engine: &Engine,
        operation: impl FnOnce(&mut Shard, &Env<'_>) -> Step<R>,
    ) -> Result<(R, i64), ErrorCode> {
        self.run_as(engine, Together::No, operation)
    }

    fn run_as<R>(
        &self,
        engine: &Engine,
        together: Together,
        operation: impl FnOnce(&mut Shard, &Env<'_>) -> Step<R>,
    ) -> Result<(R, i64), ErrorCode> {
        engine.in_env(|env| {
            let mut seat = self.seat.lock();
            self.check(&mut seat)?;
            seat.busy = true;
            let step = operation(&mut seat.shard, env);
            let (outcome, woken) = self.carry_out(&mut seat, engine, env, step, together);
            let written = seat.written;
            seat.shard.take_tally().iter().for_each(|tally| engine.metrics.groups_did(tally));
            let resolutions = seat.shard.take_resolutions();
            seat.busy = false;
            self.note_deadline(&seat, engine);
            drop(seat);
            engine.groups.resolver.add(resolutions);
            self.tickets.deliver(woken, written);
            outcome.map(|reply| (reply, written))
        })
    }

    /// Appends and applies the records of a step.
    fn carry_out<R>(
        &self,
        seat: &mut Seat,
        engine: &Engine,
        env: &Env<'_>,
        mut step: Step<R>,
        together: Together,
    ) -> (Result<R, ErrorCode>, Vec<Woken>) {
        let Err(error) = self.write(seat, engine, env, &mut step, together) else {
            return (Ok(step.reply), step.woken);
        };
        let mut instead = seat.shard.refused(env, step, error);
        if self.write(seat, engine, env, &mut instead, Together::No).is_err() {
            tracing::warn!(partition = %self.served.id(), "what follows from a refused change could not be stored either");
        }
        (Err(error), instead.woken)
    }

    /// Leaves in the step the records that could not be appended.
    fn write<R>(
        &self,
        seat: &mut Seat,
        engine: &Engine,
        env: &Env<'_>,
        step: &mut Step<R>,
        together: Together,
    ) -> Result<(), ErrorCode> {
        if step.records.is_empty() {
            return Ok(());
        }
        let most = if together == Together::Yes { usize::MAX } else { PART_BYTES };
        let codec = engine.settings.groups.offsets.compression_codec;
        let codec = Compression::from_id(codec).unwrap_or_default();
        for batch in append::batches(&step.records, env.wall_ms, codec, most)? {
            seat.written = self.append(engine, batch.bytes, env.wall_ms)?;
            engine.metrics.group_wrote(batch.records);
            for record in step.records.drain(..batch.records) {
                seat.shard.apply(env, &record);
            }
        }
        Ok(())
    }

    /// Appends a batch and has it synced. Returns the offset behind it.
    fn append(&self, engine: &Engine, batch: bytes::Bytes, now_ms: i64) -> Result<i64, ErrorCode> {
        match self.served.log.append(batch, Origin::Internal, now_ms) {
            Ok(appended) => {
                engine.flusher.appended(&self.served, appended.bytes);
                engine.flush_later(&self.served);
                let end = appended.last_offset.saturating_add(1);
                if !self.is_durable(end) {
                    engine.flusher.request(&self.served);
                }
                Ok(end)
            }
            Err(error) => {
                engine.metrics.group_refused();
                tracing::warn!(partition = %self.served.id(), %error, "a change of a group cannot be stored");
                Err(append::refusal(&error, self.served.log.is_online()))
            }
        }
    }

    fn check(&self, seat: &mut Seat) -> Result<(), ErrorCode> {
        if seat.busy {
            self.retire(seat, "an operation did not come to its end");
        } else if self.served.flush.has_failed() || !self.served.log.is_online() {
            self.retire(seat, "its log is offline");
        }
        match seat.stage {
            Stage::Ready => Ok(()),
            Stage::Loading => Err(ErrorCode::CoordinatorLoadInProgress),
            Stage::OutOfService => Err(ErrorCode::NotCoordinator),
        }
    }

    /// Takes the shard out of service until the broker is started again.
    pub(super) fn give_up(&self, reason: &str) {
        self.retire(&mut self.seat.lock(), reason);
    }

    fn retire(&self, seat: &mut Seat, reason: &str) {
        if seat.stage == Stage::OutOfService {
            return;
        }
        tracing::error!(
            partition = %self.served.id(), reason,
            "the groups of this partition are out of service until the broker is started again"
        );
        self.end(seat);
    }

    /// Ends the service: the log is gone.
    pub(super) fn close(&self) {
        self.end(&mut self.seat.lock());
    }

    fn end(&self, seat: &mut Seat) {
        seat.stage = Stage::OutOfService;
        seat.shard = Shard::default();
        self.next_deadline.store(NEVER, Ordering::SeqCst);
        self.tickets.abandon();
    }

    /// Puts a shard in service that has been read from the log.
    pub(super) fn install(&self, engine: &Engine, shard: Shard) {
        let mut seat = self.seat.lock();
        if seat.stage != Stage::Loading {
            return;
        }
        seat.shard = shard;
        seat.written = self.served.log.offsets().log_end;
        seat.stage = Stage::Ready;
        drop(seat);
        if let Err(error) = self.run_in_parts(engine, Shard::loaded) {
            tracing::warn!(partition = %self.served.id(), code = error.name(), "what follows from a restart was not stored");
        }
    }

    /// Does what is due, a bit at a time so that others get their turn.
    pub(super) fn expire(&self, engine: &Engine) {
        let now = as_nanos(engine.world.clock.monotonic());
        while self.next_deadline() <= now {
            let expired = self.run_in_parts(engine, |shard, env| shard.expire(env).unwrap_or_default());
            if expired.is_err() {
                // Whatever it was, it is done but for its records: [`Shard::refused`] has been told.
                return;
            }
        }
    }

    fn note_deadline(&self, seat: &Seat, engine: &Engine) {
        let next = seat.shard.next_deadline().map_or(NEVER, as_nanos);
        self.next_deadline.store(next, Ordering::SeqCst);
        engine.groups.bell.ring_for(next);
    }
}

pub(super) fn as_nanos(moment: Duration) -> u64 {
    u64::try_from(moment.as_nanos()).unwrap_or(NEVER)
}
