//! Aborted transactions, as a segment's `.txnindex` keeps them.

use super::producers::EndedTransaction;
use super::types::AbortedTransaction;

/// Bytes of an entry: a version in 2, then producer id, first and last offset, and last stable offset in 8 each.
pub(super) const ABORTED_ENTRY: usize = 34;

/// One aborted transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AbortedEntry {
    pub(super) producer_id: i64,
    pub(super) first_offset: i64,
    /// The offset of the marker.
    pub(super) last_offset: i64,
    /// What was stable when the marker was written.
    pub(super) last_stable: i64,
}

impl AbortedEntry {
    pub(super) fn new(ended: &EndedTransaction, last_stable: i64) -> AbortedEntry {
        AbortedEntry {
            producer_id: ended.producer_id,
            first_offset: ended.first_offset,
            last_offset: ended.last_offset,
            last_stable,
        }
    }

    /// As readers are told of it.
    pub(super) fn into_transaction(self) -> AbortedTransaction {
        AbortedTransaction { producer_id: self.producer_id, first_offset: self.first_offset }
    }

    /// Whether any of its records lies in first..end.
    pub(super) fn overlaps(&self, first: i64, end: i64) -> bool {
        self.last_offset >= first && self.first_offset < end
    }
}

/// The bytes of a `.txnindex` file.
pub(super) fn encode(entries: &[AbortedEntry]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(entries.len() * ABORTED_ENTRY);
    for entry in entries {
        bytes.extend_from_slice(&0_i16.to_be_bytes());
        for field in [entry.producer_id, entry.first_offset, entry.last_offset, entry.last_stable] {
            bytes.extend_from_slice(&field.to_be_bytes());
        }
    }
    bytes
}

/// The entries of a `.txnindex` file; `None` when it is damaged.
pub(super) fn decode(bytes: &[u8]) -> Option<Vec<AbortedEntry>> {
    let (entries, rest) = bytes.as_chunks::<ABORTED_ENTRY>();
    let decode = |entry: &[u8; ABORTED_ENTRY]| {
        let field = |at: usize| Some(i64::from_be_bytes(*entry.get(at..)?.first_chunk()?));
        (entry.first_chunk() == Some(&[0, 0])).then_some(())?;
        Some(AbortedEntry {
            producer_id: field(2)?,
            first_offset: field(10)?,
            last_offset: field(18)?,
            last_stable: field(26)?,
        })
    };
    if rest.is_empty() { entries.iter().map(decode).collect() } else { None }
}
