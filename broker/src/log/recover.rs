//! Opening what is on the disk.
//!
//! After a clean stop nothing is read but names, lengths and the newest producer snapshot. After any other stop the
//! batches from the recovery point on are read and checked: what does not hold together at or above the durable mark
//! is a torn tail and is cut; below it, it is damage, and the partition stays offline.

use std::path::Path;
use std::sync::Arc;

use thalweg_proto::record::batch::HEADER_BYTES;
use thalweg_proto::record::{Batch, BatchHeader};

use super::error::LogError;
use super::index::Indexes;
use super::marks::Mark;
use super::names::{self, FileKind};
use super::partition::{Writer, note_control};
use super::producers::Producers;
use super::segment::{Role, Segment};
use super::snapshot;
use crate::world::Disk;
use crate::world::disk::Entry;

/// What is known of a partition before its files are looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Before {
    /// The broker was stopped cleanly.
    pub(super) clean: bool,
    /// Everything below was synced when last said.
    pub(super) mark: Option<Mark>,
    /// Nobody can read what lies below.
    pub(super) log_start: i64,
    /// Everything below was synced, and its indexes written.
    pub(super) recovery_point: i64,
    /// What a region of the newest segment may hold, in bytes.
    pub(super) segment_bytes: u32,
    pub(super) index_interval_bytes: u32,
}

/// What was found.
pub(super) struct Found {
    pub(super) segments: Vec<Arc<Segment>>,
    pub(super) log_end: i64,
    pub(super) producers: Producers,
    pub(super) aborted: Vec<super::aborted::AbortedEntry>,
    /// Bytes were cut, or batches read whose durability is unknown: they must be synced before they are served.
    pub(super) unsynced: bool,
    /// Everything below is durable, and so are its indexes.
    pub(super) recovery_point: i64,
    /// Where the newest producer snapshot ends that holds for the log end.
    pub(super) snapshot_at: Option<i64>,
}

impl Found {
    /// No segment, and a log that ends at an offset.
    pub(super) fn nothing(log_end: i64) -> Found {
        Found {
            segments: Vec::new(),
            log_end,
            producers: Producers::default(),
            aborted: Vec::new(),
            unsynced: false,
            recovery_point: 0,
            snapshot_at: None,
        }
    }
}

/// The files of segments in a listing: base offset and length of each log, and the offsets of the snapshots.
fn segments_of(entries: &[Entry]) -> (Vec<(i64, u64)>, Vec<i64>) {
    let (mut logs, mut snapshots) = (Vec::new(), Vec::new());
    for entry in entries {
        match names::parse_segment_file(&entry.name) {
            Some((base_offset, FileKind::Log)) => logs.push((base_offset, entry.len)),
            Some((offset, FileKind::Snapshot)) => snapshots.push(offset),
            _ => {}
        }
    }
    logs.sort_unstable();
    snapshots.sort_unstable();
    (logs, snapshots)
}

/// Opens the segments of a directory.
pub(super) fn recover(
    disk: &dyn Disk,
    dir: &Path,
    entries: &[Entry],
    before: &Before,
) -> Result<Found, LogError> {
    let (mut logs, snapshots) = segments_of(entries);
    // Retention was at work when the power went: which of the files that it dropped are still there is left to chance, and a
    // hole among them is no torn tail.
    let dropped = logs.iter().skip(1).take_while(|(next, _)| *next <= before.log_start).count();
    for (base_offset, _) in logs.drain(..dropped) {
        remove_segment(disk, dir, base_offset)?;
    }
    let Some((newest, _)) = logs.last().copied() else {
        return Ok(Found::nothing(0));
    };
    let capacity = u64::from(before.segment_bytes);
    let segments: Vec<Arc<Segment>> = logs
        .iter()
        .map(|(base_offset, len)| {
            let role = if *base_offset == newest { Role::Active { capacity } } else { Role::Sealed };
            Arc::new(Segment::new(dir, *base_offset, *len, role))
        })
        .collect();
    let recovery = Recovery { disk, dir, before, snapshots };
    if before.clean { recovery.clean(segments) } else { recovery.unclean(segments) }
}

fn remove_segment(disk: &dyn Disk, dir: &Path, base_offset: i64) -> Result<(), LogError> {
    for kind in FileKind::ALL {
        let path = names::segment_file(dir, base_offset, kind);
        disk.remove(&path).map_err(LogError::io(&path))?;
    }
    Ok(())
}

struct Recovery<'a> {
    disk: &'a dyn Disk,
    dir: &'a Path,
    before: &'a Before,
    snapshots: Vec<i64>,
}

/// What a scan of batches gathers.
struct Scan {
    writer: Writer,
    expected: i64,
}

impl Recovery<'_> {
    fn clean(&self, segments: Vec<Arc<Segment>>) -> Result<Found, LogError> {
        let Some(active) = segments.last() else { return self.unclean(segments) };
        let log_end = match self.before.mark {
            Some(mark) if mark.segment == active.base_offset && mark.position <= active.size() => {
                active.set_size(mark.position);
                mark.durable_end
            }
            // A segment that was begun and never used, as on a full disk: the log ends before it.
            Some(_) => return self.unclean(segments),
            // A directory that another broker wrote: its newest index tells where its last batches are.
            None => self.end_of(active, active.size())?,
        };
        for sealed in segments.iter().take(segments.len().saturating_sub(1)) {
            self.trim_sealed(sealed)?;
        }
        let Some(producers) = self.snapshot_at(log_end)? else { return self.unclean(segments) };
        let path = active.path(FileKind::TransactionIndex);
        let aborted = self.disk.read(&path).map_err(LogError::io(&path))?;
        let aborted = aborted.and_then(|bytes| super::aborted::decode(&bytes)).unwrap_or_default();
        let snapshot_at = Some(log_end);
        Ok(Found {
            log_end,
            producers,
            aborted,
            unsynced: false,
            recovery_point: log_end,
            snapshot_at,
            segments,
        })
    }

    /// The producers at an offset, when that can be told without reading the log.
    fn snapshot_at(&self, offset: i64) -> Result<Option<Producers>, LogError> {
        match self.snapshots.last() {
            Some(newest) if *newest == offset => snapshot::read(self.disk, self.dir, offset),
            _ if offset == 0 => Ok(Some(Producers::default())),
            _ => Ok(None),
        }
    }

    /// The offset behind the last batch of a segment that was closed cleanly.
    fn end_of(&self, segment: &Segment, size: u64) -> Result<i64, LogError> {
        let from = segment.with_indexes(self.disk, |indexes| indexes.last_position_up_to(size))?;
        let (mut position, mut end) = (from, segment.base_offset);
        while let Some(header) = segment.header_at(self.disk, position, size)? {
            end = header.next_offset();
            position = position.saturating_add(header.size_in_bytes() as u64);
        }
        Ok(end)
    }

    fn unclean(&self, mut segments: Vec<Arc<Segment>>) -> Result<Found, LogError> {
        let checked_from = self.before.recovery_point;
        let (start, producers) = self.producers_before(checked_from, &segments)?;
        let mut scan = Scan { writer: Writer::new(producers), expected: start };
        let mut whole = true;
        let mut keep = 0;
        for segment in &segments {
            if !whole {
                break;
            }
            keep += 1;
            let next = segments.get(keep).map(|next| next.base_offset);
            if next.is_some_and(|next| next <= start) {
                self.trim_sealed(segment)?;
                continue;
            }
            scan.writer.aborted.clear();
            if segment.base_offset > start {
                self.complete_snapshot(segment.base_offset, &scan.writer.producers);
            }
            whole = self.scan_segment(segment, &mut scan, next)?;
        }
        for torn in segments.drain(keep..) {
            tracing::warn!(segment = %torn.path(FileKind::Log).display(), "removing a segment behind a torn tail");
            remove_segment(self.disk, self.dir, torn.base_offset)?;
        }
        self.drop_stale_snapshots(scan.expected)?;
        let durable = self.before.mark.map_or(0, |mark| mark.durable_end);
        if scan.expected < durable {
            let at = segments.last().map_or(0, |active| active.size());
            let problem = format!("the log ends at offset {}, {durable} was durable", scan.expected);
            return Err(segments.last().map_or_else(
                || LogError::Corrupt { path: self.dir.to_path_buf(), position: 0, problem: problem.clone() },
                |active| active.corrupt(at, &problem),
            ));
        }
        if let Some(active) = segments.last() {
            active.set_role(Role::Active { capacity: u64::from(self.before.segment_bytes) });
        }
        let Writer { producers, aborted, .. } = scan.writer;
        let (log_end, recovery_point) = (scan.expected, self.before.recovery_point);
        Ok(Found { segments, log_end, producers, aborted, unsynced: true, recovery_point, snapshot_at: None })
    }

    /// Where to begin reading so that the producers are known: the newest snapshot at or below the recovery point, or that of
    /// the first segment, which alone knows of what lay below.
    fn producers_before(
        &self,
        checked_from: i64,
        segments: &[Arc<Segment>],
    ) -> Result<(i64, Producers), LogError> {
        let first = segments.first().map_or(0, |segment| segment.base_offset);
        for offset in self.snapshots.iter().rev().filter(|offset| **offset <= checked_from.max(first)) {
            let begins_segment = segments.iter().any(|segment| segment.base_offset == *offset);
            if begins_segment && let Some(producers) = snapshot::read(self.disk, self.dir, *offset)? {
                return Ok((*offset, producers));
            }
        }
        Ok((first, Producers::default()))
    }

    /// Writes the snapshot of a segment's begin where a power cut took it: when what lies below goes, nothing else will know
    /// of the producers that wrote it.
    fn complete_snapshot(&self, offset: i64, producers: &Producers) {
        if !matches!(snapshot::read(self.disk, self.dir, offset), Ok(Some(_)))
            && let Err(error) = snapshot::write(self.disk, self.dir, offset, producers)
        {
            tracing::warn!(%error, "a snapshot of producers cannot be written");
        }
    }

    /// Cuts the room that an older segment was left with when the broker stopped before giving it back.
    fn trim_sealed(&self, segment: &Segment) -> Result<(), LogError> {
        if !segment.size().is_multiple_of(4096) {
            return Ok(());
        }
        segment.set_role(Role::Sealed);
        let mut position = 0;
        while let Some(header) = self.header_or_end(segment, position)? {
            position = position.saturating_add(header.size_in_bytes() as u64);
        }
        self.cut(segment, position)
    }

    /// The header at a position; `None` at the end of the file or where nothing was written.
    fn header_or_end(&self, segment: &Segment, position: u64) -> Result<Option<BatchHeader>, LogError> {
        let end = position.saturating_add(HEADER_BYTES as u64).min(segment.size());
        let bytes = segment.slice(self.disk, position, end)?;
        if bytes.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        segment.header_at(self.disk, position, segment.size())
    }

    fn cut(&self, segment: &Segment, len: u64) -> Result<(), LogError> {
        if len == segment.size() {
            return Ok(());
        }
        segment.forget_region();
        let path = segment.path(FileKind::Log);
        self.disk.truncate(&path, len).map_err(LogError::io(&path))?;
        segment.set_size(len);
        Ok(())
    }

    /// Reads a segment batch by batch; false when a torn tail was cut from it.
    fn scan_segment(&self, segment: &Segment, scan: &mut Scan, next: Option<i64>) -> Result<bool, LogError> {
        segment.set_role(Role::Sealed);
        let (size, mut position, mut indexes) = (segment.size(), 0, Indexes::default());
        let fault = loop {
            if position >= size {
                break None;
            }
            match self.batch_at(segment, position, scan.expected.max(segment.base_offset))? {
                Ok(batch) => {
                    let header = *batch.header();
                    indexes.note(segment.base_offset, &header, position, self.before.index_interval_bytes);
                    if header.is_control() {
                        let _ = note_control(&mut scan.writer, &header, &batch.bytes().slice(HEADER_BYTES..));
                    } else {
                        scan.writer.producers.note(&header);
                    }
                    scan.expected = header.next_offset();
                    position = position.saturating_add(header.size_in_bytes() as u64);
                }
                Err(fault) => break Some(fault),
            }
        };
        scan.expected = scan.expected.max(segment.base_offset);
        let durable = self.before.mark.map_or(0, |mark| mark.durable_end);
        // The next segment says where this one ends; only what compaction left may have a gap there.
        let joined = next.is_some_and(|next| {
            next == scan.expected || (next > scan.expected && next <= durable && fault.is_none())
        });
        let unwritten = fault.as_ref().is_none_or(String::is_empty);
        let ends_well = unwritten && (joined || next.is_none());
        if !(joined && unwritten) && scan.expected < durable {
            return Err(
                segment.corrupt(position, &fault.unwrap_or_else(|| "the segment ends early".to_owned()))
            );
        }
        if !ends_well {
            let path = segment.path(FileKind::Log);
            tracing::info!(segment = %path.display(), position, fault, "cutting a torn tail");
        }
        self.cut(segment, position)?;
        segment.ages.set_largest(indexes.largest.map_or(-1, |largest| largest.timestamp));
        *segment.indexes.write() = Some(indexes);
        if ends_well && next.is_some() {
            segment.write_indexes(self.disk, true)?;
            super::roll::write_aborted(self.disk, segment, &scan.writer.aborted)?;
        }
        Ok(ends_well)
    }

    /// The batch at a position, or why there is none: an empty reason where nothing was written.
    fn batch_at(
        &self,
        segment: &Segment,
        position: u64,
        expected: i64,
    ) -> Result<Result<Batch, String>, LogError> {
        let head_end = position.saturating_add(HEADER_BYTES as u64).min(segment.size());
        let head = segment.slice(self.disk, position, head_end)?;
        if head.iter().all(|byte| *byte == 0) {
            return Ok(Err(String::new()));
        }
        let header = match BatchHeader::parse(&head) {
            Ok(header) => header,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let end = position.saturating_add(header.size_in_bytes() as u64);
        if end > segment.size() {
            return Ok(Err("the batch is longer than the file".to_owned()));
        }
        let batch = segment.batch_at(self.disk, position, &header)?;
        if header.last_offset() >= self.before.recovery_point
            && let Err(error) = batch.verify_crc()
        {
            return Ok(Err(error.to_string()));
        }
        let (base_offset, last_offset) = (header.base_offset, header.last_offset());
        let durable = self.before.mark.map_or(0, |mark| mark.durable_end);
        let follows = base_offset == expected || (base_offset > expected && last_offset < durable);
        if !follows || last_offset < base_offset {
            return Ok(Err(format!("a batch at offset {base_offset} where {expected} was expected")));
        }
        Ok(Ok(batch))
    }

    fn drop_stale_snapshots(&self, log_end: i64) -> Result<(), LogError> {
        for offset in self.snapshots.iter().filter(|offset| **offset > log_end) {
            let path = names::segment_file(self.dir, *offset, FileKind::Snapshot);
            self.disk.remove(&path).map_err(LogError::io(&path))?;
        }
        Ok(())
    }
}

/// Removes the snapshots that earlier stops left in the middle of segments.
pub(super) fn drop_passing_snapshots(
    disk: &dyn Disk,
    dir: &Path,
    entries: &[Entry],
    found: &Found,
) -> Result<(), LogError> {
    let (_, snapshots) = segments_of(entries);
    for offset in snapshots {
        let begins_segment = found.segments.iter().any(|segment| segment.base_offset == offset);
        if !begins_segment && Some(offset) != found.snapshot_at {
            let path = names::segment_file(dir, offset, FileKind::Snapshot);
            disk.remove(&path).map_err(LogError::io(&path))?;
        }
    }
    Ok(())
}
