//! What stays of a batch when a key is purged.

use thalweg_proto::record::build::empty_batch;
use thalweg_proto::record::{Batch, RecordError};

use super::MOST_DECOMPRESSED;
use super::retain::{Judged, Sieve, Verdict, rebuild};
use crate::log::aborted::AbortedEntry;

/// Lets everything pass but the records of a key.
pub(super) struct Without<'a> {
    pub(super) key: &'a [u8],
    /// The one record of the key that stays.
    pub(super) spared: Option<i64>,
    /// The offset of the segment's last batch. It stays, if without records: a reader that has come so far must find the
    /// segment's end, where nothing may ever follow.
    pub(super) last_batch: i64,
    /// The aborted transactions whose markers are in the segment.
    pub(super) aborted: Vec<AbortedEntry>,
}

impl Sieve for Without<'_> {
    fn judge(&mut self, batch: &Batch) -> Result<Judged, RecordError> {
        let header = batch.header();
        let records = u64::try_from(header.records_count).unwrap_or_default();
        let mut kept = Vec::new();
        let all = batch.records(MOST_DECOMPRESSED)?;
        for record in &all {
            let record = record?;
            if header.is_control() || record.key != Some(self.key) || Some(record.offset) == self.spared {
                kept.push(record);
            }
        }
        let count = kept.len() as u64;
        let verdict = if count == records {
            Verdict::Whole
        } else if !kept.is_empty() {
            Verdict::Replaced(rebuild(header, &kept, header.delete_horizon())?)
        } else if header.has_producer() || header.base_offset == self.last_batch {
            // Sequences and transactions are made again from the batches at a start.
            Verdict::Replaced(empty_batch(header))
        } else {
            Verdict::Gone
        };
        Ok(Judged { verdict, records, kept: count })
    }

    fn covered(&self) -> i64 {
        i64::MAX
    }

    fn take_aborted(&mut self) -> Vec<AbortedEntry> {
        std::mem::take(&mut self.aborted)
    }
}
