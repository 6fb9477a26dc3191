//! Compaction: of each key only the last record stays, at its offset and in its place.
//!
//! Two passes. The first ([`scan`]) goes over the dirty part of the log and remembers where each key was written last
//! ([`keys`]). The second ([`copy`]) goes over everything from the log's beginning and writes what stays ([`retain`]) into new
//! segments, which then take the place of the old ones ([`swap`]). What may be compacted at all is said by [`plan`]. The
//! newest segment never is.

mod copy;
mod horizons;
mod keys;
mod plan;
mod proof;
mod purge;
mod retain;
mod scan;
mod search;
mod survey;
mod swap;
mod tour;
mod transactions;
mod without;

use std::sync::atomic::Ordering;

use super::error::LogError;
use super::partition::Partition;
use keys::KeyMap;
use plan::Plan;
use retain::Keeper;
use transactions::Transactions;

pub(super) use horizons::{NEVER, UNKNOWN};
pub use plan::Debt;
pub use proof::Proof;
pub use purge::{Purge, PurgeError, PurgedSegment};
pub use search::OffsetRuns;
pub use survey::Survey;
pub(super) use swap::finish_swaps;

/// What a compressed batch may unfold to, in bytes.
const MOST_DECOMPRESSED: usize = 128 << 20;

/// What a compaction may use.
pub struct Limits<'a> {
    /// The wall clock's time.
    pub now_ms: i64,
    /// Memory for the keys, in bytes.
    pub memory_bytes: usize,
    /// Called with the number of bytes that are read next; may sleep, or ask to stop with `false`.
    pub pace: &'a dyn Fn(u64) -> bool,
    /// Called with the number of bytes that were written since the last call; may sleep.
    pub wrote: &'a dyn Fn(u64),
}

/// What a compaction did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compacted {
    /// Up to here every key has been considered.
    pub cleaned_to: i64,
    /// Bytes of the segments that were gone over.
    pub bytes_before: u64,
    /// Bytes of the segments that took their place.
    pub bytes_after: u64,
    /// Records read.
    pub records_before: u64,
    /// Records that stayed.
    pub records_after: u64,
}

impl Compacted {
    /// What this compaction and the next one of the same partition did together.
    pub fn followed_by(&self, next: &Compacted) -> Compacted {
        let removed = |before: u64, after: u64| before.saturating_sub(after);
        let (bytes, records) =
            (removed(self.bytes_before, self.bytes_after), removed(self.records_before, self.records_after));
        Compacted {
            bytes_before: next.bytes_before.saturating_add(bytes),
            records_before: next.records_before.saturating_add(records),
            ..*next
        }
    }
}

impl Partition {
    /// Compacts what can be compacted; `None` if there is nothing, somebody else is at it, or `pace` asked to stop.
    ///
    /// Readers and the writer go on meanwhile. After an error each segment is as it was or as it shall be, unless the partition is
    /// offline, and the whole is done once more.
    pub fn compact(&self, limits: &Limits<'_>) -> Result<Option<Compacted>, LogError> {
        let Some(_compacting) = self.compacting.try_lock() else { return Ok(None) };
        if self.is_lazy() {
            self.flush()?;
        }
        let plan = Plan::of(self, self.durable.load(Ordering::Acquire), limits.now_ms)?;
        let Some(end) = plan.end() else { return Ok(None) };
        let is_dirty = end > plan.first_dirty;
        if !is_dirty && !self.has_expired_tombstones(limits.now_ms) {
            return Ok(None);
        }
        self.tombstones_removed_ms.store(limits.now_ms, Ordering::Release);
        let mut keys = KeyMap::new(limits.memory_bytes);
        let aborted = || self.aborted_between(plan.first_dirty, end);
        let Some(covered) = scan::fill(self, &plan, &mut keys, Transactions::new(aborted()?), limits)? else {
            return Ok(None);
        };
        tracing::debug!(partition = %self.id, covered, memory = keys.memory(), "the keys are known");
        // In a statement of its own: the lock must be free again when the aborted transactions are asked for.
        let last_batches = self.writer.lock().producers.last_batches();
        let keeper = Keeper {
            keys: &keys,
            covered,
            now_ms: limits.now_ms,
            delete_retention_ms: self.settings().delete_retention_ms,
            last_batches,
            last_of_all: self.last_of_all(),
            transactions: Transactions::new(self.aborted_between(plan.start(), end)?),
        };
        let mut copy = copy::Copy::new(self, limits, keeper);
        let mut horizon = NEVER;
        for group in plan.groups(covered, &self.settings()) {
            let known = horizons::earliest(group);
            if !is_dirty && known > limits.now_ms {
                horizon = horizon.min(known);
                continue;
            }
            let Some(cleaned) = copy.group(group)? else { return Ok(None) };
            horizon = horizon.min(cleaned.horizon);
            if !swap::put_in_place(self, group, cleaned)? {
                return Ok(None);
            }
            // Nobody begins to read them any more.
            for region in group.iter().filter_map(|(old, _)| old.open_region()) {
                region.forget(0..region.len());
            }
        }
        if !self.note_compacted(covered, horizon)? {
            return Ok(None);
        }
        Ok(Some(Compacted { cleaned_to: covered, ..copy.done }))
    }

    /// Takes note of how far the partition is compacted; false when it is no more, and its name may be another's.
    fn note_compacted(&self, covered: i64, horizon: i64) -> Result<bool, LogError> {
        let _upkeep = self.upkeep.lock();
        if self.is_out_of_service() {
            return Ok(false);
        }
        self.set_horizon(horizon)?;
        self.shared.set_cleaned_to(self, covered)?;
        self.cleaned_to.store(covered, Ordering::Release);
        Ok(true)
    }

    /// The last offset of all, where it is not certain that a record will ever follow it.
    fn last_of_all(&self) -> Option<i64> {
        let (view, durable) = (self.view.load(), self.durable.load(Ordering::Acquire));
        let newest = view.active().filter(|newest| durable <= newest.base_offset);
        newest.map(|newest| newest.base_offset.saturating_sub(1))
    }
}
