//! Going over a segment once, from end to end, in a way that others hardly notice.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use thalweg_proto::record::{Batch, RecordError};

use super::Limits;
use crate::log::error::LogError;
use crate::log::partition::Partition;
use crate::log::segment::Segment;
use crate::log::walk::Walk;
use crate::world::region::Region;

/// What was read is forgotten in pieces of so many bytes.
const PIECE: u64 = 4 << 20;

/// The batches of a segment, one after the other, every checksum checked. What of them was in memory before stays there;
/// what had to be read from the disk is given up again, so that it takes nobody's place.
pub(super) struct Tour<'a> {
    segment: &'a Segment,
    limits: &'a Limits<'a>,
    walk: Walk<'a>,
    region: Arc<dyn Region>,
    /// What was not in memory at the beginning and has not been given up yet.
    absent: VecDeque<Range<u64>>,
}

/// A stop of the tour.
pub(super) enum Stop {
    /// A batch, and where it begins.
    Batch(u64, Batch),
    /// There are no more.
    End,
    /// [`Limits::pace`] asked to stop.
    Asked,
}

impl<'a> Tour<'a> {
    /// Of the batches that lie in a range.
    pub(super) fn new(
        partition: &'a Partition,
        segment: &'a Segment,
        range: Range<u64>,
        limits: &'a Limits<'a>,
    ) -> Result<Tour<'a>, LogError> {
        let disk = partition.shared.disk();
        let walk = Walk::whole(segment, disk, range.start, range.end)?;
        let region = segment.region(disk)?;
        let absent = region.absent().into();
        Ok(Tour { segment, limits, walk, region, absent })
    }

    /// Goes on to the next batch.
    pub(super) fn step(&mut self) -> Result<Stop, LogError> {
        let Some((position, header)) = self.walk.step()? else { return Ok(Stop::End) };
        self.forget_up_to(position, PIECE);
        if !(self.limits.pace)(header.size_in_bytes() as u64) {
            return Ok(Stop::Asked);
        }
        let batch = self.walk.batch(position, &header)?;
        batch.verify_crc().map_err(|error| self.damaged(position, &error))?;
        Ok(Stop::Batch(position, batch))
    }

    /// The error of a batch that is not what it should be.
    pub(super) fn damaged(&self, position: u64, error: &RecordError) -> LogError {
        self.segment.corrupt(position, &error.to_string())
    }

    /// Gives up what lies before a position, where that is a piece's worth.
    fn forget_up_to(&mut self, position: u64, piece: u64) {
        while let Some(first) = self.absent.front_mut() {
            let end = first.end.min(position);
            if end < first.start.saturating_add(piece).min(first.end) || end == first.start {
                return;
            }
            self.region.forget(first.start..end);
            first.start = end;
            if first.start == first.end {
                self.absent.pop_front();
            }
        }
    }
}

impl Drop for Tour<'_> {
    fn drop(&mut self) {
        // To the end: the system reads ahead of whoever reads.
        self.forget_up_to(u64::MAX, 0);
    }
}
