//! Compaction at work: the partition with the largest dirty part first, several at a time, never faster than allowed.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::{Engine, Served};
use crate::log::{Compacted, Debt, Limits, LogError, TopicPartition};

/// A partition whose compaction failed is tried again after this long: the damage may have been repaired.
const RETRY: Duration = Duration::from_secs(600);
/// Nothing is slept for less than what takes this long to read or write.
const SHORTEST_SLEEP: Duration = Duration::from_millis(20);

/// What the workers know of each other.
#[derive(Default)]
pub(super) struct Compactions {
    /// Partitions that are left alone until a moment on the monotonic clock: somebody is at them, or they have failed.
    untouchable: Mutex<HashMap<TopicPartition, Duration>>,
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
        let began = self.world.clock.monotonic();
        let outcome = self.compact_partition(&served);
        let mut untouchable = self.compactions.untouchable.lock();
        untouchable.remove(served.id());
        match outcome {
            Ok(Some(done)) => {
                let took = self.world.clock.monotonic().saturating_sub(began);
                tracing::info!(
                    partition = %served.id(), up_to = done.cleaned_to, bytes_before = done.bytes_before,
                    bytes_after = done.bytes_after, records_before = done.records_before,
                    records_after = done.records_after, ?took, "compacted"
                );
                true
            }
            Ok(None) => false,
            Err(_) if served.is_retired() => true,
            Err(error) => {
                let again = self.world.clock.monotonic().saturating_add(RETRY);
                tracing::error!(partition = %served.id(), %error, "cannot be compacted; this will be tried again");
                untouchable.insert(served.id().clone(), again);
                true
            }
        }
    }

    /// The partition with the largest dirty part of those that are due, claimed for the caller.
    fn choose(&self) -> Option<Arc<Served>> {
        let (now, now_ms) = (self.world.clock.monotonic(), self.world.clock.wall_ms());
        let mut best: Option<(f64, Arc<Served>)> = None;
        for handle in self.topics.all() {
            if !handle.settings.cleanup_policy.compact {
                continue;
            }
            for served in handle.partitions.iter().filter(|served| !served.is_retired()) {
                let debt = self.debt_of(served, now_ms);
                let is_due = debt.dirty_bytes > 0
                    && (debt.overdue || debt.ratio() > served.settings().min_cleanable_dirty_ratio);
                let is_better = best.as_ref().is_none_or(|(ratio, _)| debt.ratio() > *ratio);
                if is_due && is_better && !self.is_untouchable(served.id(), now) {
                    best = Some((debt.ratio(), served.clone()));
                }
            }
        }
        let (_, served) = best?;
        let mut untouchable = self.compactions.untouchable.lock();
        if untouchable.get(served.id()).is_some_and(|until| *until > now) {
            return None;
        }
        untouchable.insert(served.id().clone(), Duration::MAX);
        Some(served)
    }

    fn debt_of(&self, served: &Served, now_ms: i64) -> Debt {
        let begun = served.roll_for_compaction(now_ms).and_then(|()| served.compaction_debt(now_ms));
        begun.unwrap_or_else(|error| {
            tracing::warn!(partition = %served.id(), %error, "what waits for compaction cannot be told");
            Debt::default()
        })
    }

    fn is_untouchable(&self, id: &TopicPartition, now: Duration) -> bool {
        self.compactions.untouchable.lock().get(id).is_some_and(|until| *until > now)
    }

    fn compact_partition(&self, served: &Served) -> Result<Option<Compacted>, LogError> {
        let settings = self.current_settings();
        let workers = settings.log.cleaner_threads.max(1);
        let memory = usize::try_from(settings.log.cleaner_dedupe_bytes).unwrap_or(usize::MAX) / workers;
        let rate = settings.log.cleaner_bytes_per_second / workers as f64;
        let (began, bytes) = (Instant::now(), Cell::new(0_u64));
        let pace = |more: u64| {
            bytes.set(bytes.get().saturating_add(more));
            let due = Duration::try_from_secs_f64(bytes.get() as f64 / rate).unwrap_or_default();
            let ahead = due.saturating_sub(began.elapsed());
            if ahead > SHORTEST_SLEEP {
                std::thread::sleep(ahead.min(Duration::from_secs(1)));
            }
            !self.stopping.is_cancelled()
        };
        served.compact(&Limits { now_ms: self.world.clock.wall_ms(), memory_bytes: memory, pace: &pace })
    }
}
