//! Looking for every record of one key.

use thalweg_proto::record::{Batch, RecordError};

use super::tour::{Stop, Tour};
use super::{Limits, MOST_DECOMPRESSED};
use crate::log::error::LogError;
use crate::log::partition::Partition;
use crate::log::segment::Segment;

/// Offsets, in runs of those that follow each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetRuns {
    runs: Vec<(i64, i64)>,
    count: u64,
}

impl OffsetRuns {
    /// Takes an offset in, which is larger than all before.
    pub fn push(&mut self, offset: i64) {
        self.count = self.count.saturating_add(1);
        match self.runs.last_mut() {
            Some((_, last)) if last.saturating_add(1) == offset => *last = offset,
            _ => self.runs.push((offset, offset)),
        }
    }

    /// Takes in offsets that are larger than all before, but for one.
    pub(super) fn push_all_but(&mut self, spared: Option<i64>, others: &OffsetRuns) {
        let all = others.runs.iter().flat_map(|(first, last)| *first..=*last);
        all.filter(|offset| Some(*offset) != spared).for_each(|offset| self.push(offset));
    }

    /// First and last offset of each run, in order.
    pub fn runs(&self) -> &[(i64, i64)] {
        &self.runs
    }

    /// How many offsets there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// What a segment holds of a key.
#[derive(Default)]
pub(super) struct Held {
    /// The offsets of its records.
    pub(super) offsets: OffsetRuns,
    /// The last of them, and whether it is a tombstone.
    pub(super) last: Option<(i64, bool)>,
    /// The offset of the last batch of the segment, whatever it holds.
    pub(super) last_batch: i64,
    /// Records looked at.
    pub(super) records: u64,
    /// Bytes looked at.
    pub(super) bytes: u64,
}

/// Looks through the first `size` bytes of a segment, every checksum checked. `None` when `pace` asked to stop.
pub(super) fn look_through(
    partition: &Partition,
    segment: &Segment,
    size: u64,
    key: &[u8],
    limits: &Limits<'_>,
) -> Result<Option<Held>, LogError> {
    let mut held = Held { last_batch: segment.base_offset, ..Held::default() };
    let mut tour = Tour::new(partition, segment, 0..size, limits)?;
    loop {
        match tour.step()? {
            Stop::Batch(position, batch) => {
                look_into(&batch, key, &mut held).map_err(|error| tour.damaged(position, &error))?;
            }
            Stop::End => return Ok(Some(held)),
            Stop::Asked => return Ok(None),
        }
    }
}

fn look_into(batch: &Batch, key: &[u8], held: &mut Held) -> Result<(), RecordError> {
    let header = batch.header();
    held.last_batch = header.base_offset;
    held.bytes = held.bytes.saturating_add(header.size_in_bytes() as u64);
    held.records = held.records.saturating_add(u64::try_from(header.records_count).unwrap_or_default());
    // The keys of markers are the broker's own.
    if header.is_control() {
        return Ok(());
    }
    for record in &batch.records(MOST_DECOMPRESSED)? {
        let record = record?;
        if record.key == Some(key) {
            held.offsets.push(record.offset);
            held.last = Some((record.offset, record.value.is_none()));
        }
    }
    Ok(())
}
