//! The sparse indexes of a segment: offset → position, and timestamp → offset.
//!
//! Both are caches of what the segment itself says. The newest segment's live in memory and go to their files, in
//! Kafka's formats, when the segment is sealed or the broker stops; after anything but a clean stop they are rebuilt.

use thalweg_proto::record::BatchHeader;

/// Bytes of an entry in an `.index` file: relative offset and position, 4 bytes each.
pub(super) const OFFSET_ENTRY: usize = 8;
/// Bytes of an entry in a `.timeindex` file: timestamp in 8 bytes, relative offset in 4.
pub(super) const TIME_ENTRY: usize = 12;

/// Where a batch is that the index remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OffsetEntry {
    /// The last offset of the batch, less the segment's base offset.
    pub(super) relative: u32,
    /// Where the batch begins in the segment.
    pub(super) position: u32,
}

/// The largest timestamp of the segment up to some batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TimeEntry {
    pub(super) timestamp: i64,
    /// The last offset of the batch that holds it, less the segment's base offset.
    pub(super) relative: u32,
}

/// Both indexes of one segment.
#[derive(Clone, Debug, Default)]
pub(super) struct Indexes {
    pub(super) offsets: Vec<OffsetEntry>,
    pub(super) times: Vec<TimeEntry>,
    /// The largest timestamp so far and the last offset of its batch; kept beside the entries since it is usually newer.
    pub(super) largest: Option<TimeEntry>,
    /// The same of batches that have records: no reader looks for the time of one that has none, and Kafka's tools take an
    /// entry that names such a batch for a wrong one.
    largest_of_records: Option<TimeEntry>,
    since_entry: u64,
}

impl Indexes {
    /// Takes note of a batch stored at `position`; makes entries when `interval` bytes went by since the last one.
    pub(super) fn note(&mut self, base_offset: i64, header: &BatchHeader, position: u64, interval: u32) {
        let relative = u32::try_from(header.last_offset().saturating_sub(base_offset)).unwrap_or(u32::MAX);
        // As in Kafka, the entry is made before the batch that comes after a full interval.
        let is_larger =
            |known: Option<TimeEntry>| known.is_none_or(|known| header.max_timestamp > known.timestamp);
        let entry = TimeEntry { timestamp: header.max_timestamp, relative };
        if is_larger(self.largest) {
            self.largest = Some(entry);
        }
        if header.records_count > 0 && is_larger(self.largest_of_records) {
            self.largest_of_records = Some(entry);
        }
        if self.since_entry > u64::from(interval) {
            if let Ok(position) = u32::try_from(position) {
                self.offsets.push(OffsetEntry { relative, position });
            }
            self.note_time();
            self.since_entry = 0;
        }
        self.since_entry = self.since_entry.saturating_add(header.size_in_bytes() as u64);
    }

    /// Puts the largest timestamp into the time index, unless it is there.
    pub(super) fn note_time(&mut self) {
        let Some(largest) = self.largest_of_records else { return };
        if largest.timestamp >= 0 && self.times.last().is_none_or(|last| largest.timestamp > last.timestamp) {
            self.times.push(largest);
        }
    }

    /// Whether one of the index files would exceed `segment.index.bytes` with the next entry.
    pub(super) fn is_full(&self, limit: u32) -> bool {
        let limit = limit as usize;
        self.offsets.len() >= limit / OFFSET_ENTRY || self.times.len() + 1 >= limit / TIME_ENTRY
    }

    /// Where to begin looking for the batch that holds the offset: a position at or before it.
    pub(super) fn position_for(&self, relative: u32) -> u64 {
        let after = self.offsets.partition_point(|entry| entry.relative <= relative);
        after.checked_sub(1).and_then(|i| self.offsets.get(i)).map_or(0, |entry| u64::from(entry.position))
    }

    /// The last batch that the index knows at or before a position.
    pub(super) fn last_position_up_to(&self, limit: u64) -> u64 {
        let after = self.offsets.partition_point(|entry| u64::from(entry.position) <= limit);
        after.checked_sub(1).and_then(|i| self.offsets.get(i)).map_or(0, |entry| u64::from(entry.position))
    }

    /// Where to begin looking for the first record of at least that time: no earlier record has it.
    pub(super) fn position_for_time(&self, timestamp: i64) -> u64 {
        let after = self.times.partition_point(|entry| entry.timestamp < timestamp);
        let before = after.checked_sub(1).and_then(|i| self.times.get(i));
        before.map_or(0, |entry| self.position_for(entry.relative))
    }

    /// The bytes of the `.index` file.
    pub(super) fn encode_offsets(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.offsets.len() * OFFSET_ENTRY);
        for entry in &self.offsets {
            bytes.extend_from_slice(&entry.relative.to_be_bytes());
            bytes.extend_from_slice(&entry.position.to_be_bytes());
        }
        bytes
    }

    /// The bytes of the `.timeindex` file.
    pub(super) fn encode_times(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.times.len() * TIME_ENTRY);
        for entry in &self.times {
            bytes.extend_from_slice(&entry.timestamp.to_be_bytes());
            bytes.extend_from_slice(&entry.relative.to_be_bytes());
        }
        bytes
    }

    /// Reads both files of a segment of `size` bytes; `None` where anything about them is in doubt.
    pub(super) fn decode(offsets: &[u8], times: &[u8], size: u64) -> Option<Indexes> {
        let offsets = decode_offsets(offsets)?;
        let times = decode_times(times)?;
        let ordered = offsets.is_sorted_by(|a, b| a.relative < b.relative && a.position < b.position);
        let inside = offsets.last().is_none_or(|last| u64::from(last.position) < size);
        let timely = times.is_sorted_by(|a, b| a.timestamp < b.timestamp && a.relative <= b.relative);
        let largest = times.last().copied();
        let known = Indexes { offsets, times, largest, largest_of_records: largest, since_entry: 0 };
        (ordered && inside && timely).then_some(known)
    }
}

/// The entries of an `.index` file; `None` when its length is no multiple of an entry's.
pub(super) fn decode_offsets(bytes: &[u8]) -> Option<Vec<OffsetEntry>> {
    let (entries, rest) = bytes.as_chunks::<OFFSET_ENTRY>();
    rest.is_empty().then(|| {
        entries
            .iter()
            .map(|[a, b, c, d, e, f, g, h]| OffsetEntry {
                relative: u32::from_be_bytes([*a, *b, *c, *d]),
                position: u32::from_be_bytes([*e, *f, *g, *h]),
            })
            .collect()
    })
}

/// The entries of a `.timeindex` file; `None` when its length is no multiple of an entry's.
pub(super) fn decode_times(bytes: &[u8]) -> Option<Vec<TimeEntry>> {
    let (entries, rest) = bytes.as_chunks::<TIME_ENTRY>();
    rest.is_empty().then(|| {
        entries
            .iter()
            .map(|[a, b, c, d, e, f, g, h, i, j, k, l]| TimeEntry {
                timestamp: i64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]),
                relative: u32::from_be_bytes([*i, *j, *k, *l]),
            })
            .collect()
    })
}
