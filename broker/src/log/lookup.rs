//! Finding offsets by time.

use thalweg_proto::record::BatchHeader;

use super::error::LogError;
use super::partition::Partition;
use super::segment::Segment;
use super::walk::Walk;

/// What a compressed batch may unfold to in a look-up, in bytes.
const MOST_DECOMPRESSED: usize = 128 << 20;

/// A record as ListOffsets tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedOffset {
    /// Its offset.
    pub offset: i64,
    /// Its timestamp, in ms.
    pub timestamp: i64,
    /// The leader epoch of its batch.
    pub leader_epoch: i32,
}

impl Partition {
    /// The first record at or after the log start with at least this timestamp, exact to the record, among those that
    /// readers can see.
    pub fn offset_for_timestamp(&self, timestamp: i64) -> Result<Option<TimedOffset>, LogError> {
        let view = self.view.load_full();
        let (log_start, end) = (self.published.log_start(), self.published.high_watermark());
        for segment in view.from(log_start) {
            let largest = self.largest_of(segment)?;
            if largest.is_none_or(|(largest, _)| largest < timestamp) {
                continue;
            }
            if let Some(found) = self.first_since(segment, timestamp, log_start, end)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn first_since(
        &self,
        segment: &Segment,
        timestamp: i64,
        log_start: i64,
        end: i64,
    ) -> Result<Option<TimedOffset>, LogError> {
        let disk = self.shared.disk();
        let position = segment.with_indexes(disk, |indexes| indexes.position_for_time(timestamp))?;
        let mut walk = Walk::new(segment, disk, position, segment.visible())?;
        while let Some((position, header)) = walk.step()? {
            if header.base_offset >= end {
                return Ok(None);
            }
            if header.max_timestamp < timestamp || header.last_offset() < log_start {
                continue;
            }
            let wanted = |offset: i64, at: i64| offset >= log_start && at >= timestamp;
            if let Some(found) = self.record_where(segment, position, &header, wanted)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The record with the largest timestamp that readers can see, the earliest of several (ListOffsets -3, KIP-734).
    /// As in Kafka it may lie below the log start, where the segment that holds it is still there.
    pub fn max_timestamp(&self) -> Result<Option<TimedOffset>, LogError> {
        let view = self.view.load_full();
        let end = self.published.high_watermark();
        let mut best: Option<(i64, u64, BatchHeader, usize)> = None;
        for (place, segment) in view.segments.iter().enumerate() {
            let Some((largest, _)) = self.largest_of(segment)? else { continue };
            if best.as_ref().is_some_and(|(best, ..)| *best >= largest) {
                continue;
            }
            let disk = self.shared.disk();
            let position = segment.with_indexes(disk, |indexes| indexes.position_for_time(largest))?;
            let mut walk = Walk::new(segment, disk, position, segment.visible())?;
            while let Some((position, header)) = walk.step()? {
                let better = header.records_count > 0
                    && best.as_ref().is_none_or(|(best, ..)| header.max_timestamp > *best);
                if better && header.base_offset < end && header.max_timestamp >= 0 {
                    best = Some((header.max_timestamp, position, header, place));
                }
            }
        }
        let Some((largest, position, header, place)) = best else { return Ok(None) };
        let Some(segment) = view.segments.get(place) else { return Ok(None) };
        self.record_where(segment, position, &header, |_, at| at == largest)
    }

    /// The largest timestamp of a segment, and the last offset of its batch.
    pub(super) fn largest_of(&self, segment: &Segment) -> Result<Option<(i64, i64)>, LogError> {
        let largest = segment.with_indexes(self.shared.disk(), |indexes| indexes.largest)?;
        Ok(largest
            .map(|entry| (entry.timestamp, segment.base_offset.saturating_add(i64::from(entry.relative)))))
    }

    /// The first record of a batch that is wanted. Looks into compressed batches, too.
    fn record_where(
        &self,
        segment: &Segment,
        position: u64,
        header: &BatchHeader,
        wanted: impl Fn(i64, i64) -> bool,
    ) -> Result<Option<TimedOffset>, LogError> {
        let batch = segment.batch_at(self.shared.disk(), position, header)?;
        let damaged =
            |error: thalweg_proto::record::RecordError| segment.corrupt(position, &error.to_string());
        let records = batch.records(MOST_DECOMPRESSED).map_err(damaged)?;
        for record in &records {
            let record = record.map_err(damaged)?;
            if wanted(record.offset, record.timestamp) {
                let leader_epoch = header.partition_leader_epoch;
                return Ok(Some(TimedOffset {
                    offset: record.offset,
                    timestamp: record.timestamp,
                    leader_epoch,
                }));
            }
        }
        Ok(None)
    }
}
