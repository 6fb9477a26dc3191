//! Which transactions were aborted, followed batch by batch (`CleanedTransactionMetadata`).

use std::collections::{HashMap, HashSet, VecDeque};

use thalweg_proto::record::{Batch, BatchHeader, ControlKind, ControlRecord, RecordError};

use crate::log::aborted::AbortedEntry;

/// The transactions of a run over a log.
#[derive(Default)]
pub(super) struct Transactions {
    /// Those that the run has not come to yet, by their first offset.
    ahead: VecDeque<AbortedEntry>,
    /// By producer: an aborted transaction in progress, and whether any of its records was met.
    aborting: HashMap<i64, (AbortedEntry, bool)>,
    /// Producers of which records were met that will be committed.
    committing: HashSet<i64>,
    /// Aborted transactions that had records, as their markers went by.
    ended: Vec<AbortedEntry>,
}

impl Transactions {
    /// With all aborted transactions that have records in the range.
    pub(super) fn new(mut aborted: Vec<AbortedEntry>) -> Transactions {
        aborted.sort_by_key(|entry| entry.first_offset);
        Transactions { ahead: aborted.into(), ..Transactions::default() }
    }

    fn come_to(&mut self, offset: i64) {
        while let Some(entry) = self.ahead.pop_front_if(|entry| entry.first_offset <= offset) {
            self.aborting.entry(entry.producer_id).or_insert((entry, false));
        }
    }

    /// Passes a batch of data; true if its transaction was aborted.
    pub(super) fn pass_batch(&mut self, header: &BatchHeader) -> bool {
        self.come_to(header.last_offset());
        if !header.is_transactional() {
            return false;
        }
        match self.aborting.get_mut(&header.producer_id) {
            Some((_, met)) => {
                *met = true;
                true
            }
            None => {
                self.committing.insert(header.producer_id);
                false
            }
        }
    }

    /// Passes a control batch; true if it ends a transaction of which no record is left.
    pub(super) fn pass_marker(&mut self, batch: &Batch) -> Result<bool, RecordError> {
        let header = batch.header();
        self.come_to(header.last_offset());
        let records = batch.records(batch.bytes().len())?;
        let Some(record) = records.iter().next() else { return Ok(true) };
        match ControlRecord::parse(&record?)?.kind {
            ControlKind::Abort => match self.aborting.remove(&header.producer_id) {
                Some((entry, true)) => {
                    self.ended.push(entry);
                    Ok(false)
                }
                _ => Ok(true),
            },
            ControlKind::Commit => Ok(!self.committing.remove(&header.producer_id)),
            ControlKind::Other(_) => Ok(false),
        }
    }

    /// The aborted transactions whose markers went by since the last call.
    pub(super) fn take_ended(&mut self) -> Vec<AbortedEntry> {
        std::mem::take(&mut self.ended)
    }
}
