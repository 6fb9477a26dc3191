//! Which batches a reader of a partition gets to see.

use std::collections::{HashSet, VecDeque};

use super::control::{ControlKind, ControlRecord};
use super::error::RecordError;
use super::view::Batch;

/// Follows one partition's batches in order and hides those that hold nothing for a reader: control batches, and, given
/// the aborted transactions, the records of those (KIP-98).
#[derive(Debug, Clone, Default)]
pub struct Visibility {
    /// Producer and first offset of transactions that the reader has not come to yet.
    aborts: VecDeque<(i64, i64)>,
    /// Producers whose present transaction was aborted.
    aborted: HashSet<i64>,
}

impl Visibility {
    /// Takes the aborted transactions, each as producer id and first offset, that overlap the batches to come. A reader
    /// that sees uncommitted records has none.
    pub fn set_aborted(&mut self, transactions: impl IntoIterator<Item = (i64, i64)>) {
        self.aborts = transactions.into_iter().collect();
        self.aborts.make_contiguous().sort_by_key(|&(_, first_offset)| first_offset);
    }

    /// Whether the next batch is hidden.
    ///
    /// # Errors
    /// A control batch is malformed.
    pub fn hides(&mut self, batch: &Batch) -> Result<bool, RecordError> {
        let header = batch.header();
        let begun = |&mut (_, first_offset): &mut (i64, i64)| first_offset <= header.last_offset();
        while let Some((producer_id, _)) = self.aborts.pop_front_if(begun) {
            self.aborted.insert(producer_id);
        }
        if !header.is_control() {
            return Ok(header.is_transactional() && self.aborted.contains(&header.producer_id));
        }
        if self.aborted.contains(&header.producer_id) {
            let records = batch.records(batch.bytes().len())?;
            if let Some(record) = records.iter().next()
                && ControlRecord::parse(&record?)?.kind == ControlKind::Abort
            {
                self.aborted.remove(&header.producer_id);
            }
        }
        Ok(true)
    }
}
