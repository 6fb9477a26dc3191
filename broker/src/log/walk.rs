//! Going over the batches of a segment, header by header or batch by batch.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use thalweg_proto::record::batch::HEADER_BYTES;
use thalweg_proto::record::{Batch, BatchHeader};

use super::error::LogError;
use super::names::FileKind;
use super::segment::Segment;
use crate::world::Disk;
use crate::world::region::Region;

/// Bytes of a segment looked at in one piece while walking from header to header.
const WINDOW: u64 = 16 << 10;
/// The same where every byte is looked at: small enough for a core's own cache.
const WHOLE_WINDOW: u64 = 256 << 10;

/// A walk over the batches of a segment.
pub(super) struct Walk<'a> {
    segment: &'a Segment,
    region: Arc<dyn Region>,
    /// Where windows are copied to; `None` if they are read in place.
    copied: Option<BytesMut>,
    /// Bytes of a window, if no batch is longer.
    window_bytes: u64,
    window: Bytes,
    window_start: u64,
    position: u64,
    end: u64,
    /// The least offset that the next batch may have.
    least: i64,
}

impl<'a> Walk<'a> {
    /// From the batch at `position` to `end`.
    pub(super) fn new(
        segment: &'a Segment,
        disk: &dyn Disk,
        position: u64,
        end: u64,
    ) -> Result<Walk<'a>, LogError> {
        let (region, least) = (segment.region(disk)?, segment.base_offset);
        Ok(Walk {
            segment,
            region,
            copied: None,
            window_bytes: WINDOW,
            window: Bytes::new(),
            window_start: 0,
            position,
            end,
            least,
        })
    }

    /// The same over copies: for one who goes over all of a segment, where a bad sector is to be an error and no signal.
    pub(super) fn over_copies(
        segment: &'a Segment,
        disk: &dyn Disk,
        position: u64,
        end: u64,
    ) -> Result<Walk<'a>, LogError> {
        let copied = Some(BytesMut::new());
        Ok(Walk { copied, ..Walk::new(segment, disk, position, end)? })
    }

    /// The same for one who looks at every batch, each before the next step.
    pub(super) fn whole(
        segment: &'a Segment,
        disk: &dyn Disk,
        position: u64,
        end: u64,
    ) -> Result<Walk<'a>, LogError> {
        Ok(Walk { window_bytes: WHOLE_WINDOW, ..Walk::over_copies(segment, disk, position, end)? })
    }

    /// Position and header of the next batch; `None` at the end.
    pub(super) fn step(&mut self) -> Result<Option<(u64, BatchHeader)>, LogError> {
        let position = self.position;
        if position.saturating_add(HEADER_BYTES as u64) > self.end {
            return Ok(None);
        }
        let start = self.look(position, HEADER_BYTES)?;
        let header = BatchHeader::parse(self.window.get(start..).unwrap_or_default())
            .map_err(|error| self.segment.corrupt(position, &error.to_string()))?;
        let next = position.saturating_add(header.size_in_bytes() as u64);
        if next > self.end {
            return Err(self.segment.corrupt(position, "the batch is longer than the file"));
        }
        // Offsets lie outside the checksum.
        let (first, last) = (header.base_offset, header.last_offset());
        let most = self.segment.base_offset.saturating_add(i64::from(i32::MAX));
        if first < self.least || last < first || last > most {
            let problem = format!("a batch at offset {first} where {} was expected", self.least);
            return Err(self.segment.corrupt(position, &problem));
        }
        self.least = header.next_offset();
        self.position = next;
        Ok(Some((position, header)))
    }

    /// The batch of the last step.
    pub(super) fn batch(&mut self, position: u64, header: &BatchHeader) -> Result<Batch, LogError> {
        let start = self.look(position, header.size_in_bytes())?;
        let end = start.saturating_add(header.size_in_bytes()).min(self.window.len());
        Batch::new(self.window.slice(start.min(end)..end))
            .map_err(|error| self.segment.corrupt(position, &error.to_string()))
    }

    /// Sees to it that the window holds at least so many bytes from a position on, which are there. Returns where in it.
    fn look(&mut self, position: u64, least: usize) -> Result<usize, LogError> {
        let window_end = self.window_start.saturating_add(self.window.len() as u64);
        if position < self.window_start || position.saturating_add(least as u64) > window_end {
            let end = position.saturating_add(self.window_bytes.max(least as u64)).min(self.end);
            self.look_at(position..end).map_err(|e| LogError::io(&self.segment.path(FileKind::Log))(e))?;
        }
        Ok(usize::try_from(position.saturating_sub(self.window_start)).unwrap_or(usize::MAX))
    }

    fn look_at(&mut self, range: Range<u64>) -> io::Result<()> {
        self.window_start = range.start;
        // Given up first: its memory takes the next.
        self.window = Bytes::new();
        self.window = match &mut self.copied {
            Some(buffer) => {
                self.region.copy(range, buffer)?;
                buffer.split().freeze()
            }
            None => self.region.slice(range)?,
        };
        Ok(())
    }
}
