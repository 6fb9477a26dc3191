//! When tombstones go where nobody writes any more.
//!
//! A tombstone that a compaction keeps gets a delete horizon (KIP-534), and the first compaction behind it removes it. In
//! Kafka there is none where nothing new is written. Here each partition's earliest horizon is remembered, also over a
//! restart, and when it has come the segments that have one are compacted once more.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::log::error::LogError;
use crate::log::partition::Partition;
use crate::log::segment::Segment;

/// What stands for a horizon where there is none.
pub(in crate::log) const NEVER: i64 = i64::MAX;
/// What stands for a horizon where it has to be looked for.
pub(in crate::log) const UNKNOWN: i64 = i64::MIN;
/// A busy day leaves many horizons, an idle one after it must not mean as many compactions: between two of them lies this
/// part of `delete.retention.ms` …
const PAUSES: i64 = 24;
/// … but no more than this.
const LONGEST_PAUSE_MS: i64 = 3_600_000;

impl Partition {
    /// Whether there are tombstones whose time is over.
    pub(super) fn has_expired_tombstones(&self, now_ms: i64) -> bool {
        let pause = (self.settings().delete_retention_ms / PAUSES).min(LONGEST_PAUSE_MS);
        let since = now_ms.saturating_sub(self.tombstones_removed_ms.load(Ordering::Acquire));
        self.horizon.load(Ordering::Acquire) <= now_ms && !(0..pause).contains(&since)
    }

    /// Takes note, durably, that there may be a horizon as early as this: before it is in the log.
    pub(super) fn lower_horizon(&self, horizon: i64) -> Result<(), LogError> {
        let _upkeep = self.upkeep.lock();
        // Behind a deletion, what is noted under this name is of another partition.
        let is_news = !self.is_out_of_service() && horizon < self.horizon.load(Ordering::Acquire);
        if is_news { self.set_horizon(horizon) } else { Ok(()) }
    }

    /// Takes note of the earliest horizon. The caller holds `upkeep`.
    pub(super) fn set_horizon(&self, horizon: i64) -> Result<(), LogError> {
        if horizon != self.horizon.load(Ordering::Acquire) {
            self.shared.set_horizon(self, horizon)?;
            self.horizon.store(horizon, Ordering::Release);
        }
        Ok(())
    }
}

/// The earliest horizon of some segments, as far as it is known.
pub(super) fn earliest(group: &[(Arc<Segment>, i64)]) -> i64 {
    group.iter().map(|(segment, _)| segment.ages.horizon()).min().unwrap_or(NEVER)
}
