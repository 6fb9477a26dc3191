//! What has to be done now and then: syncs by interval, retention, checkpoints, closing what is idle, forgetting producers.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::{Engine, Served};

/// How often it is looked whether something is due.
const TICK: Duration = Duration::from_millis(100);
/// How often it is looked for files of dropped segments whose time has come.
const SWEEP: Duration = Duration::from_secs(1);
/// How long a partition must be unused before its files are closed, at least; twice as long at most.
const IDLE: Duration = Duration::from_secs(60);

/// Something to be done every so often, on a thread that may block.
struct Chore {
    every: Duration,
    due: Duration,
    work: fn(&Engine),
}

/// Has partitions synced whose time has come (`flush.mode = interval`), until the engine is gone. No chore may hold it up:
/// the interval is what a client may lose.
pub(super) async fn sync_by_interval(engine: Weak<Engine>) {
    while let Some(alive) = engine.upgrade() {
        alive.flusher.release_due(alive.world.clock.monotonic());
        let sleep = alive.world.clock.sleep(TICK);
        drop(alive);
        sleep.await;
    }
}

/// Does the chores that are due, until the engine stops.
pub(super) async fn run(engine: Weak<Engine>) {
    let Some(mut chores) = engine.upgrade().map(|engine| chores(&engine)) else { return };
    while let Some(alive) = engine.upgrade().filter(|engine| !engine.stopping.is_cancelled()) {
        let now = alive.world.clock.monotonic();
        for chore in chores.iter_mut().filter(|chore| chore.due <= now) {
            let (work, on) = (chore.work, alive.clone());
            if let Err(error) = tokio::task::spawn_blocking(move || work(&on)).await {
                tracing::error!(%error, "upkeep failed");
            }
            chore.due = now.saturating_add(chore.every);
        }
        let sleep = alive.world.clock.sleep(TICK);
        drop(alive);
        sleep.await;
    }
}

fn chores(engine: &Engine) -> Vec<Chore> {
    let now = engine.world.clock.monotonic();
    let every_ms = |ms: i64| Duration::from_millis(u64::try_from(ms).unwrap_or(0).max(1));
    let chore = |every: Duration, work| Chore { every, due: now.saturating_add(every), work };
    let log = &engine.settings.log;
    vec![
        chore(every_ms(log.retention_check_interval_ms), Engine::apply_retention),
        chore(every_ms(log.recovery_checkpoint_interval_ms), Engine::write_checkpoints),
        chore(every_ms(engine.settings.transactions.expiration_check_interval_ms), Engine::expire_producers),
        chore(IDLE, Engine::close_idle_partitions),
        chore(SWEEP, |engine| engine.logs.sweep_retired()),
    ]
}

impl Engine {
    /// Removes segments that retention lets go, and the files of deleted topics.
    pub fn apply_retention(&self) {
        let clock = &self.world.clock;
        let now_ms = self.leaps.lock().time(clock.wall_ms(), clock.monotonic());
        self.for_each_partition("retention failed", |served| {
            self.metrics.dropped(served.retain(now_ms)?);
            Ok(())
        });
        if let Err(error) = self.logs.sweep() {
            tracing::warn!(%error, "the files of deleted topics could not be removed");
        }
    }

    /// Writes down up to where each log is durable, so that an unclean start reads little.
    pub fn write_checkpoints(&self) {
        if let Err(error) = self.logs.checkpoint() {
            tracing::warn!(%error, "checkpoints could not be written");
        }
    }

    /// Forgets idempotent producers that have been silent for `producer.id.expiration.ms`.
    pub fn expire_producers(&self) {
        let silent_for = self.settings.transactions.producer_id_expiration_ms;
        let before_ms = self.world.clock.wall_ms().saturating_sub(silent_for);
        self.for_each_partition("producers could not be expired", |served| {
            served.expire_producers(before_ms);
            Ok(())
        });
    }

    /// Closes the files and maps of partitions that nobody has used for a while.
    pub fn close_idle_partitions(&self) {
        self.for_each_partition("an idle partition could not be closed", |served| served.idle_close());
    }

    fn for_each_partition(
        &self,
        failed: &str,
        work: impl Fn(&Arc<Served>) -> Result<(), crate::log::LogError>,
    ) {
        for handle in self.topics.all() {
            for served in handle.partitions.iter().filter(|served| !served.is_retired()) {
                if let Err(error) = work(served) {
                    tracing::warn!(partition = %served.id(), %error, "{failed}");
                }
            }
        }
    }
}
