//! Counters of the engine, cheap enough for the hot path.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::coordinator::group::{ByType, Tally};
use crate::log::Dropped;

/// What the engine has done since it was started.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Bytes of record batches accepted.
    pub bytes_in: AtomicU64,
    /// Bytes of record batches handed to readers.
    pub bytes_out: AtomicU64,
    /// Batches appended.
    pub appends: AtomicU64,
    /// Appends that were refused.
    pub refused_appends: AtomicU64,
    /// Syncs of a partition, each of which may have served many appends.
    pub syncs: AtomicU64,
    /// Fetches that had to wait for bytes.
    pub long_polls: AtomicU64,
    /// Heartbeats of members, of both protocols.
    pub group_heartbeats: AtomicU64,
    /// Joins of members of classic groups.
    pub group_joins: AtomicU64,
    /// Commits of offsets, each of one or more partitions.
    pub group_commits: AtomicU64,
    /// Records that groups have written.
    pub group_records: AtomicU64,
    /// Changes of groups that could not be stored.
    pub group_refusals: AtomicU64,
    /// Rebalances that have come to their end.
    pub group_rebalances: CounterByType,
    /// Members that were let go because they were silent.
    pub group_silent_members: CounterByType,
    /// Members that were let go because they did not do their part of a rebalance in time.
    pub group_late_members: CounterByType,
    /// Offsets committed, each of one partition.
    pub group_offsets_committed: AtomicU64,
    /// Committed offsets whose time was over.
    pub group_offsets_expired: AtomicU64,
    /// Compactions of a partition that were done.
    pub compactions: AtomicU64,
    /// Compactions that failed.
    pub compaction_failures: AtomicU64,
    /// Milliseconds that compactions took.
    pub compaction_ms: AtomicU64,
    /// Bytes that compactions have removed.
    pub compacted_bytes: AtomicU64,
    /// Records that compactions have removed.
    pub compacted_records: AtomicU64,
    /// Purges of a key from a partition.
    pub purges: AtomicU64,
    /// Records that purges have removed.
    pub purged_records: AtomicU64,
    /// Segments that retention has dropped.
    pub dropped_segments: AtomicU64,
    /// Their bytes.
    pub dropped_bytes: AtomicU64,
}

/// A counter for the groups of each type.
#[derive(Debug, Default)]
pub struct CounterByType {
    /// Of groups whose clients assign.
    pub classic: AtomicU64,
    /// Of groups whose partitions the broker assigns (KIP-848).
    pub consumer: AtomicU64,
}

impl CounterByType {
    fn add(&self, more: ByType) {
        self.classic.fetch_add(more.classic, Ordering::Relaxed);
        self.consumer.fetch_add(more.consumer, Ordering::Relaxed);
    }
}

impl Metrics {
    pub(super) fn appended(&self, bytes: usize) {
        self.appends.fetch_add(1, Ordering::Relaxed);
        self.bytes_in.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn refused(&self) {
        self.refused_appends.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read(&self, bytes: usize) {
        self.bytes_out.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn synced(&self) {
        self.syncs.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn group_heartbeat(&self) {
        self.group_heartbeats.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn group_join(&self) {
        self.group_joins.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn group_commit(&self) {
        self.group_commits.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn group_wrote(&self, records: usize) {
        self.group_records.fetch_add(records as u64, Ordering::Relaxed);
    }

    pub(super) fn group_refused(&self) {
        self.group_refusals.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn groups_did(&self, tally: &Tally) {
        self.group_rebalances.add(tally.rebalances);
        self.group_silent_members.add(tally.silent_members);
        self.group_late_members.add(tally.late_members);
        self.group_offsets_committed.fetch_add(tally.offsets_committed, Ordering::Relaxed);
        self.group_offsets_expired.fetch_add(tally.offsets_expired, Ordering::Relaxed);
    }

    pub(super) fn compacted(&self, took: Duration, bytes: u64, records: u64) {
        self.compactions.fetch_add(1, Ordering::Relaxed);
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        self.compaction_ms.fetch_add(ms, Ordering::Relaxed);
        self.compacted_bytes.fetch_add(bytes, Ordering::Relaxed);
        self.compacted_records.fetch_add(records, Ordering::Relaxed);
    }

    pub(super) fn dropped(&self, dropped: Dropped) {
        self.dropped_segments.fetch_add(dropped.segments as u64, Ordering::Relaxed);
        self.dropped_bytes.fetch_add(dropped.bytes, Ordering::Relaxed);
    }

    pub(super) fn purged(&self, records: u64) {
        self.purges.fetch_add(1, Ordering::Relaxed);
        self.purged_records.fetch_add(records, Ordering::Relaxed);
    }

    pub(super) fn waited(&self) {
        self.long_polls.fetch_add(1, Ordering::Relaxed);
    }
}
