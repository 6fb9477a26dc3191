//! Going over the batches of a segment, header by header.

use std::sync::Arc;

use bytes::Bytes;
use thalweg_proto::record::BatchHeader;
use thalweg_proto::record::batch::HEADER_BYTES;

use super::error::LogError;
use super::names::FileKind;
use super::segment::Segment;
use crate::world::Disk;
use crate::world::region::Region;

/// Bytes of a segment looked at in one piece while walking from header to header.
const WINDOW: u64 = 16 << 10;

/// A walk over the batches of a segment, header by header.
pub(super) struct Walk<'a> {
    segment: &'a Segment,
    region: Arc<dyn Region>,
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
        let region = segment.region(disk)?;
        let least = segment.base_offset;
        Ok(Walk { segment, region, window: Bytes::new(), window_start: 0, position, end, least })
    }

    /// Position and header of the next batch; `None` at the end.
    pub(super) fn step(&mut self) -> Result<Option<(u64, BatchHeader)>, LogError> {
        let position = self.position;
        if position.saturating_add(HEADER_BYTES as u64) > self.end {
            return Ok(None);
        }
        let header = BatchHeader::parse(self.bytes_at(position)?)
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

    /// At least a header's bytes from a position.
    fn bytes_at(&mut self, position: u64) -> Result<&[u8], LogError> {
        let window_end = self.window_start.saturating_add(self.window.len() as u64);
        if position < self.window_start || position.saturating_add(HEADER_BYTES as u64) > window_end {
            let end = position.saturating_add(WINDOW).min(self.end);
            let path = || self.segment.path(FileKind::Log);
            self.window = self.region.slice(position..end).map_err(|e| LogError::io(&path())(e))?;
            self.window_start = position;
        }
        let start = usize::try_from(position.saturating_sub(self.window_start)).unwrap_or(usize::MAX);
        Ok(self.window.get(start..).unwrap_or_default())
    }
}
