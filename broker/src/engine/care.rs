//! What compaction and purges have done in each partition, since the broker was started.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{Engine, EngineError, Served};
use crate::log::{Compacted, Debt};

/// What was done in a partition.
#[derive(Clone, Debug, Default)]
pub struct Care {
    /// Compactions that were done.
    pub runs: u64,
    /// Compactions that failed.
    pub failures: u64,
    /// Bytes that compactions and purges have removed.
    pub bytes_removed: u64,
    /// Records that they have removed.
    pub records_removed: u64,
    /// The last compaction.
    pub last_run: Option<Run>,
}

/// One compaction.
#[derive(Clone, Debug)]
pub struct Run {
    /// When it began, on the wall clock, in ms.
    pub started_ms: i64,
    /// How long it took.
    pub took: Duration,
    /// What was done; `None` if there was nothing to do.
    pub outcome: Result<Option<Compacted>, EngineError>,
}

/// How a partition stands with compaction and retention.
#[derive(Clone, Debug)]
pub struct Outlook {
    /// What waits for compaction; nothing where that cannot be told.
    pub debt: Debt,
    /// Whether the topic is compacted.
    pub is_compacted: bool,
    /// What was done.
    pub care: Care,
    /// When retention drops the oldest segment, on the wall clock, in ms.
    pub next_expiry_ms: Option<i64>,
}

impl Engine {
    /// How a partition stands. Looks at its files: to be called where blocking is allowed.
    pub fn outlook(&self, served: &Served) -> Outlook {
        let now_ms = self.world.clock.wall_ms();
        let debt = served.compaction_debt(now_ms).unwrap_or_else(|error| {
            tracing::warn!(partition = %served.id(), %error, "what waits for compaction cannot be told");
            Debt::default()
        });
        Outlook {
            debt,
            is_compacted: served.settings().cleanup_policy.compact,
            care: served.care.lock().clone(),
            next_expiry_ms: served.next_expiry(now_ms),
        }
    }

    /// Takes note of a compaction.
    pub(super) fn note_run(&self, served: &Served, run: &Run) {
        let mut care = served.care.lock();
        match &run.outcome {
            Ok(None) if care.last_run.is_some() => return,
            Ok(None) => {}
            Ok(Some(done)) => {
                care.runs = care.runs.saturating_add(1);
                let bytes = done.bytes_before.saturating_sub(done.bytes_after);
                let records = done.records_before.saturating_sub(done.records_after);
                note_removed(&mut care, bytes, records);
                self.metrics.compacted(run.took, bytes, records);
            }
            Err(EngineError::Deleted) => return,
            Err(_) => {
                care.failures = care.failures.saturating_add(1);
                self.metrics.compaction_failures.fetch_add(1, Ordering::Relaxed);
            }
        }
        care.last_run = Some(run.clone());
    }

    /// Takes note of what a purge has removed.
    pub(super) fn note_purge(&self, served: &Served, bytes: u64, records: u64) {
        note_removed(&mut served.care.lock(), bytes, records);
        self.metrics.purged(records);
    }
}

fn note_removed(care: &mut Care, bytes: u64, records: u64) {
    care.bytes_removed = care.bytes_removed.saturating_add(bytes);
    care.records_removed = care.records_removed.saturating_add(records);
}
