//! The clock of the groups: one task that sleeps until the earliest deadline of all shards.

use std::sync::Weak;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

use super::host::as_nanos;
use crate::coordinator::group::Shard;
use crate::engine::Engine;

/// No deadline.
pub(super) const NEVER: u64 = u64::MAX;

/// Wakes the task when a deadline appears before the one that it sleeps for.
pub(super) struct Bell {
    /// In ns of the monotonic clock.
    sleeps_until: AtomicU64,
    rung: Notify,
}

impl Default for Bell {
    fn default() -> Self {
        Self { sleeps_until: AtomicU64::new(NEVER), rung: Notify::new() }
    }
}

impl Bell {
    /// A shard's next deadline is this. It must have been made known before.
    pub(super) fn ring_for(&self, deadline: u64) {
        if deadline < self.sleeps_until.load(Ordering::SeqCst) {
            self.rung.notify_one();
        }
    }
}

/// Lets deadlines pass and offsets expire, until the engine stops.
pub(in crate::engine) async fn run(engine: Weak<Engine>) {
    let Some(alive) = engine.upgrade() else { return };
    let every = alive.settings.groups.offsets.retention_check_interval_ms;
    let every = Duration::from_millis(u64::try_from(every).unwrap_or(0).max(1));
    let mut expiry = alive.world.clock.monotonic().saturating_add(every);
    drop(alive);
    while let Some(alive) = engine.upgrade().filter(|engine| !engine.stopping.is_cancelled()) {
        let now = alive.world.clock.monotonic();
        if now >= expiry {
            expiry = now.saturating_add(every);
            alive.expire_offsets();
        }
        for host in alive.groups.all() {
            if host.next_deadline() <= as_nanos(now) {
                host.expire(&alive);
            }
        }
        let (until, bell) = (alive.next_wake(expiry), alive.groups.bell.clone());
        let (clock, stopping) = (alive.world.clock.clone(), alive.stopping.clone());
        // Asleep, it does not keep the engine.
        drop(alive);
        tokio::select! {
            () = clock.sleep_until(until) => {}
            () = bell.rung.notified() => {}
            () = stopping.cancelled() => {}
        }
    }
}

impl Engine {
    /// Until when nothing is to be done, unless the bell rings.
    fn next_wake(&self, at_most: Duration) -> Duration {
        let earliest = || {
            let deadlines = self.groups.all().into_iter().map(|host| host.next_deadline());
            deadlines.min().unwrap_or(NEVER).min(as_nanos(at_most))
        };
        let bell = &self.groups.bell;
        bell.sleeps_until.store(earliest(), Ordering::SeqCst);
        // What has appeared meanwhile has either seen that value and rung, or is seen here.
        let until = earliest();
        bell.sleeps_until.fetch_min(until, Ordering::SeqCst);
        Duration::from_nanos(until)
    }

    fn expire_offsets(&self) {
        for host in self.groups.all() {
            if let Err(error) = host.run_in_parts(self, Shard::expire_offsets) {
                tracing::debug!(partition = %host.served.id(), code = error.name(), "offsets do not expire now");
            }
        }
    }
}
