//! What stays of a batch (`Cleaner` and `MemoryRecords.filterTo`).

use std::collections::HashMap;

use bytes::Bytes;
use thalweg_proto::record::batch::TimestampType;
use thalweg_proto::record::build::empty_batch;
use thalweg_proto::record::{Batch, BatchBuilder, BatchHeader, Record, RecordError};

use super::MOST_DECOMPRESSED;
use super::keys::KeyMap;
use super::transactions::Transactions;
use crate::log::aborted::AbortedEntry;

/// What decides, batch by batch in their order, what stays of a log.
pub(super) trait Sieve {
    /// Judges a batch.
    fn judge(&mut self, batch: &Batch) -> Result<Judged, RecordError>;

    /// Everything below has been considered.
    fn covered(&self) -> i64;

    /// The aborted transactions whose markers stayed since the last call.
    fn take_aborted(&mut self) -> Vec<AbortedEntry>;
}

/// Compaction: the last record of each key stays.
pub(super) struct Keeper<'a> {
    /// Where each key was written last.
    pub(super) keys: &'a KeyMap,
    /// Offsets from here on are not in `keys`: their records stay.
    pub(super) covered: i64,
    /// The wall clock's time.
    pub(super) now_ms: i64,
    /// `delete.retention.ms`
    pub(super) delete_retention_ms: i64,
    /// The offset of each idempotent producer's last batch.
    pub(super) last_batches: HashMap<i64, i64>,
    /// The last offset of the log, where its batch has to stay, if without records: a reader that has come so far must find
    /// the end, where nothing may ever follow.
    pub(super) last_of_all: Option<i64>,
    /// Which transactions were aborted.
    pub(super) transactions: Transactions,
}

/// What becomes of a batch.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It stays as it is.
    Whole,
    /// It is replaced by another.
    Replaced(Bytes),
    /// It goes.
    Gone,
}

/// What became of a batch, and how many of how many records stayed.
pub(super) struct Judged {
    pub(super) verdict: Verdict,
    pub(super) records: u64,
    pub(super) kept: u64,
}

impl Sieve for Keeper<'_> {
    fn judge(&mut self, batch: &Batch) -> Result<Judged, RecordError> {
        let header = batch.header();
        // Its transaction was aborted or, of a marker, no record of its transaction is left.
        let obsolete = match header.is_control() {
            true => self.transactions.pass_marker(batch)?,
            false => self.transactions.pass_batch(header),
        };
        // A marker outlives the records of its transaction, as long as tombstones live.
        let goes = obsolete && (!header.is_control() || self.is_past_horizon(header));
        let all = batch.records(MOST_DECOMPRESSED)?;
        let (mut kept, mut count, mut tombstones) = (Vec::new(), 0_usize, false);
        for record in &all {
            let record = record?;
            count = count.saturating_add(1);
            if !goes && (header.is_control() || self.stays(header, &record)) {
                tombstones |= record.value.is_none();
                kept.push(record);
            }
        }
        let (records, remaining) = (count as u64, kept.len() as u64);
        // A horizon that nothing waits for any more would call for one compaction after the other.
        let wants_horizon = tombstones || (obsolete && header.is_control());
        let verdict = if kept.is_empty() {
            self.nothing_left(header)
        } else if kept.len() == count && header.delete_horizon().is_some() == wants_horizon {
            Verdict::Whole
        } else {
            let fresh = self.now_ms.saturating_add(self.delete_retention_ms);
            let horizon = wants_horizon.then(|| header.delete_horizon().unwrap_or(fresh));
            Verdict::Replaced(rebuild(header, &kept, horizon)?)
        };
        Ok(Judged { verdict, records, kept: remaining })
    }

    fn covered(&self) -> i64 {
        self.covered
    }

    fn take_aborted(&mut self) -> Vec<AbortedEntry> {
        self.transactions.take_ended()
    }
}

impl Keeper<'_> {
    fn stays(&self, header: &BatchHeader, record: &Record<'_>) -> bool {
        if record.offset >= self.covered {
            return true;
        }
        // A record without a key has no place in a compacted topic.
        let Some(key) = record.key else { return false };
        let is_last = self.keys.last_offset(key).is_none_or(|last| record.offset >= last);
        is_last && (record.value.is_some() || !self.is_past_horizon(header))
    }

    fn is_past_horizon(&self, header: &BatchHeader) -> bool {
        header.delete_horizon().is_some_and(|horizon| horizon <= self.now_ms)
    }

    /// A producer's last batch keeps its sequence, even without records.
    fn nothing_left(&self, header: &BatchHeader) -> Verdict {
        let last = Some(header.last_offset());
        let is_last = self.last_batches.get(&header.producer_id).copied() == last;
        match (header.has_producer() && is_last) || self.last_of_all == last {
            true if header.records_count == 0 => Verdict::Whole,
            true => Verdict::Replaced(empty_batch(header)),
            false => Verdict::Gone,
        }
    }
}

/// The batch with these of its records, which keep their offsets.
pub(super) fn rebuild(
    header: &BatchHeader,
    kept: &[Record<'_>],
    horizon: Option<i64>,
) -> Result<Bytes, RecordError> {
    let mut builder = BatchBuilder::new(header.compression()?)
        .base_offset(header.base_offset, header.partition_leader_epoch)
        .with_capacity(header.size_in_bytes());
    if header.is_transactional() {
        builder = builder.transactional();
    }
    if header.is_control() {
        builder = builder.control();
    }
    if header.timestamp_type() == TimestampType::LogAppendTime {
        builder = builder.log_append_time(header.max_timestamp);
    }
    if let Some(horizon) = horizon {
        builder = builder.delete_horizon(horizon);
    }
    for record in kept {
        builder.append_at(record.offset_delta, record.timestamp, record.key, record.value, record.headers)?;
    }
    builder.set_producer(header.producer_id, header.producer_epoch, header.base_sequence);
    builder.set_last_offset_delta(header.last_offset_delta);
    builder.build()
}
