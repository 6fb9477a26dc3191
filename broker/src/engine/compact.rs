//! Compaction at work: the partition with the largest dirty part first, several at a time, never faster than allowed.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;
use thalweg_proto::error::ErrorCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::care::Run;
use super::throttle::Throttle;
use super::{Engine, EngineError, Served, TopicHandle};
use crate::log::{Compacted, Debt, Limits, LogError, TopicPartition};

/// A partition whose compaction failed is tried again after this long: the damage may have been repaired.
const RETRY: Duration = Duration::from_secs(600);
/// Until when a partition is left alone that somebody is at.
const AT_WORK: Duration = Duration::MAX;
/// Nothing is slept for less than what takes this long to read or write.
const SHORTEST_SLEEP: Duration = Duration::from_millis(20);

/// The engine may stop meanwhile.
const LONGEST_SLEEP: Duration = Duration::from_millis(500);

/// What the workers know of each other.
pub(super) struct Compactions {
    throttle: Throttle,
    /// Partitions that are left alone until a moment on the monotonic clock: somebody is at them, or they have failed.
    untouchable: Mutex<HashMap<TopicPartition, Duration>>,
    /// Whose turn it is on demand.
    on_demand: Arc<Semaphore>,
}

impl Default for Compactions {
    fn default() -> Self {
        Self {
            throttle: Throttle::default(),
            untouchable: Mutex::default(),
            on_demand: Arc::new(Semaphore::new(1)),
        }
    }
}

/// So often a compaction is begun again that ends without having been done.
const MOST_IN_VAIN: u32 = 3;

/// How far a long work is, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// What is being done, for people.
    pub phase: &'static str,
    /// Bytes read or written so far.
    pub done: u64,
    /// About how many it will be.
    pub total: u64,
}

/// Is told how far a work is, often; `false` asks it to stop.
pub type Watch<'a> = &'a dyn Fn(Progress) -> bool;

/// Keeps others from compacting a partition, until it is dropped: also where a compaction panics.
pub(super) struct Claim<'a> {
    engine: &'a Engine,
    served: &'a Served,
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.engine.compactions.untouchable.lock().remove(self.served.id());
    }
}

/// Compacts until the engine stops; one of `log.cleaner.threads` workers.
pub(super) async fn run(engine: Weak<Engine>) {
    while let Some(alive) = engine.upgrade().filter(|engine| !engine.stopping.is_cancelled()) {
        let pause = Duration::from_millis(u64::try_from(alive.settings.log.cleaner_backoff_ms).unwrap_or(0));
        let on = alive.clone();
        let found = tokio::task::spawn_blocking(move || on.compact_one()).await;
        if !matches!(found, Ok(true)) {
            let stopping = alive.stopping.clone();
            let sleep = alive.sleep(pause.max(SHORTEST_SLEEP));
            drop(alive);
            tokio::select! {
                () = sleep => {}
                () = stopping.cancelled() => {}
            }
        }
    }
}

impl Engine {
    /// Compacts the partition that needs it most; false if none does.
    pub fn compact_one(&self) -> bool {
        let Some(served) = self.choose() else { return false };
        let Some(claim) = self.try_claim(&served, false) else { return false };
        !matches!(self.compact_claimed(claim, false, &|_| true).outcome, Ok(None))
    }

    /// Whether a topic may be compacted on demand.
    pub fn check_compact(&self, handle: &TopicHandle) -> Result<(), EngineError> {
        if handle.settings.cleanup_policy.compact {
            return Ok(());
        }
        let message =
            format!("topic {:?} is not compacted: its cleanup.policy does not say so", handle.topic.name);
        Err(EngineError::refused(ErrorCode::PolicyViolation, message))
    }

    /// What is done on demand is done one after the other: it takes a worker's memory on top of the workers'.
    /// `None` when the engine is no more.
    pub async fn turn_on_demand(&self) -> Option<OwnedSemaphorePermit> {
        self.compactions.on_demand.clone().acquire_owned().await.ok()
    }

    /// Compacts what can be compacted of a partition now, the newest segment included.
    ///
    /// To be called where blocking is allowed. `watch` may ask to stop.
    pub fn compact_now(&self, served: &Served, watch: Watch<'_>) -> Run {
        match self.claim(served, watch) {
            Some(claim) => self.compact_claimed(claim, true, watch),
            None => {
                let outcome = Err(self.unfinished(served));
                Run { started_ms: self.world.clock.wall_ms(), took: Duration::ZERO, outcome }
            }
        }
    }

    /// Why a compaction was not done that nothing is wrong with.
    fn unfinished(&self, served: &Served) -> EngineError {
        match served.is_retired() {
            true => EngineError::Deleted,
            false => EngineError::refused(ErrorCode::BrokerNotAvailable, "the broker is stopping"),
        }
    }

    /// Compacts a claimed partition, where `to_the_end` until nothing is left to be compacted.
    fn compact_claimed(&self, claim: Claim<'_>, to_the_end: bool, watch: Watch<'_>) -> Run {
        let served = claim.served;
        let (began, started_ms) = (self.world.clock.monotonic(), self.world.clock.wall_ms());
        if served.care.lock().last_run.as_ref().is_some_and(|last| last.outcome.is_err()) {
            // Whoever has repaired it may have put another file in the place of one that was read meanwhile.
            served.close_sealed();
        }
        let compacted = self.compact_partition(served, to_the_end, watch);
        let took = self.world.clock.monotonic().saturating_sub(began);
        drop(claim);
        let outcome = match compacted {
            Ok(None) if self.stopping.is_cancelled() => Err(self.unfinished(served)),
            Ok(done) => Ok(done),
            Err(_) if served.is_retired() => Err(self.unfinished(served)),
            Err(error) => Err(self.put_off(served, error)),
        };
        if let Ok(Some(done)) = &outcome {
            tracing::info!(
                partition = %served.id(), up_to = done.cleaned_to, bytes_before = done.bytes_before,
                bytes_after = done.bytes_after, records_before = done.records_before,
                records_after = done.records_after, ?took, "compacted"
            );
        }
        let run = Run { started_ms, took, outcome };
        self.note_run(served, &run);
        run
    }

    /// Keeps others from compacting a partition, as soon as nobody else does; `None` if there is no waiting for that.
    pub(super) fn claim<'a>(&'a self, served: &'a Served, watch: Watch<'_>) -> Option<Claim<'a>> {
        let waiting = Progress { phase: "waiting for a compaction", done: 0, total: 0 };
        loop {
            if let Some(claim) = self.try_claim(served, true) {
                return Some(claim);
            }
            if served.is_retired() || self.stopping.is_cancelled() || !watch(waiting) {
                return None;
            }
            std::thread::sleep(SHORTEST_SLEEP);
        }
    }

    /// Keeps others from compacting a partition; `None` while somebody is at it. One that has failed is left alone by the
    /// workers, not by those who know what they ask for.
    pub(super) fn try_claim<'a>(&'a self, served: &'a Served, insists: bool) -> Option<Claim<'a>> {
        let now = self.world.clock.monotonic();
        let mut untouchable = self.compactions.untouchable.lock();
        let until = untouchable.get(served.id()).copied().unwrap_or_default();
        if until == AT_WORK || (until > now && !insists) {
            return None;
        }
        untouchable.insert(served.id().clone(), AT_WORK);
        Some(Claim { engine: self, served })
    }

    /// The partition with the largest dirty part of those that are due.
    fn choose(&self) -> Option<Arc<Served>> {
        let (now, now_ms) = (self.world.clock.monotonic(), self.world.clock.wall_ms());
        let mut best: Option<(f64, Arc<Served>)> = None;
        for handle in self.topics.all() {
            if !handle.settings.cleanup_policy.compact {
                continue;
            }
            let candidates = handle.partitions.iter().filter(|served| !served.is_retired());
            for served in candidates.filter(|served| !self.is_untouchable(served.id(), now)) {
                let debt = self.debt_of(served, now_ms);
                let is_dirty = debt.dirty_bytes > 0
                    && (debt.overdue || debt.ratio() > served.settings().min_cleanable_dirty_ratio);
                let is_better = best.as_ref().is_none_or(|(ratio, _)| debt.ratio() > *ratio);
                if (is_dirty || debt.expired) && is_better {
                    best = Some((debt.ratio(), served.clone()));
                }
            }
        }
        best.map(|(_, served)| served)
    }

    fn debt_of(&self, served: &Served, now_ms: i64) -> Debt {
        let begun = served.roll_for_compaction(now_ms).and_then(|()| served.compaction_debt(now_ms));
        begun.unwrap_or_else(|error| {
            if !served.is_retired() {
                let outcome = Err(self.put_off(served, error));
                self.note_run(served, &Run { started_ms: now_ms, took: Duration::ZERO, outcome });
            }
            Debt::default()
        })
    }

    /// Leaves a partition alone for a while that cannot be compacted. The others go on.
    pub(super) fn put_off(&self, served: &Served, error: LogError) -> EngineError {
        let again = self.world.clock.monotonic().saturating_add(RETRY);
        {
            let mut untouchable = self.compactions.untouchable.lock();
            let until = untouchable.entry(served.id().clone()).or_insert(again);
            // Whoever is at it goes on.
            if *until != AT_WORK {
                *until = again;
            }
        }
        tracing::error!(partition = %served.id(), %error, "cannot be compacted; this will be tried again");
        error.into()
    }

    fn is_untouchable(&self, id: &TopicPartition, now: Duration) -> bool {
        self.compactions.untouchable.lock().get(id).is_some_and(|until| *until > now)
    }

    /// Compacts once, as much as the memory holds keys for, or until nothing is left to be compacted.
    fn compact_partition(
        &self,
        served: &Served,
        to_the_end: bool,
        watch: Watch<'_>,
    ) -> Result<Option<Compacted>, LogError> {
        let mut not_ended = None;
        if to_the_end && let Err(error) = served.end_newest(self.world.clock.wall_ms()) {
            if !served.is_online() {
                return Err(error);
            }
            // Of a full disk, say: what can be compacted without it makes room.
            tracing::warn!(partition = %served.id(), %error, "the newest segment cannot be ended");
            not_ended = Some(error);
        }
        let (mut all, mut in_vain): (Option<Compacted>, u32) = (None, 0);
        loop {
            let debt = served.compaction_debt(self.world.clock.wall_ms())?;
            // Dirty segments are read twice.
            let total = debt.clean_bytes.saturating_add(debt.dirty_bytes.saturating_mul(2));
            match self.paced("compacting", total, watch, |limits| served.compact(limits))? {
                // Retention may have dropped a segment that was just being written anew.
                None if debt.dirty_bytes > 0 && in_vain < MOST_IN_VAIN => in_vain = in_vain.saturating_add(1),
                None => break,
                Some(done) => all = Some(all.map_or(done, |before| before.followed_by(&done))),
            }
            if !to_the_end {
                break;
            }
        }
        match not_ended {
            // To whoever has asked, this is not the same as nothing to do.
            Some(error) if all.is_none() => Err(error),
            _ => Ok(all),
        }
    }

    /// Does work on a partition's segments with a worker's memory, and no faster than a worker may.
    pub(super) fn paced<T>(
        &self,
        phase: &'static str,
        total: u64,
        watch: Watch<'_>,
        work: impl FnOnce(&Limits<'_>) -> T,
    ) -> T {
        let settings = self.current_settings();
        let workers = settings.log.cleaner_threads.max(1);
        let memory_bytes = usize::try_from(settings.log.cleaner_dedupe_bytes).unwrap_or(usize::MAX) / workers;
        let bytes = Cell::new(0_u64);
        let pace = |more: u64| {
            self.throttle(more);
            bytes.set(bytes.get().saturating_add(more));
            !self.stopping.is_cancelled() && watch(Progress { phase, done: bytes.get(), total })
        };
        let wrote = |more: u64| self.throttle(more);
        let now_ms = self.world.clock.wall_ms();
        work(&Limits { now_ms, memory_bytes, pace: &pace, wrote: &wrote })
    }

    /// Waits for as long as reading or writing so many bytes is to take (`log.cleaner.io.max.bytes.per.second`).
    fn throttle(&self, bytes: u64) {
        let rate = self.current_settings().log.cleaner_bytes_per_second;
        let mut ahead = self.compactions.throttle.take(bytes, rate, self.world.clock.monotonic());
        if ahead < SHORTEST_SLEEP {
            return;
        }
        while !ahead.is_zero() && !self.stopping.is_cancelled() {
            let now = ahead.min(LONGEST_SLEEP);
            std::thread::sleep(now);
            ahead -= now;
        }
    }
}
