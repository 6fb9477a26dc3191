//! The second pass: what stays is written into a new segment.

use std::path::PathBuf;
use std::sync::Arc;

use thalweg_proto::record::BatchHeader;

use super::retain::{Sieve, Verdict};
use super::{Compacted, Limits, NEVER};
use crate::log::aborted::AbortedEntry;
use crate::log::error::LogError;
use crate::log::index::Indexes;
use crate::log::names::{CLEANED_SUFFIX, FileKind, with_suffix};
use crate::log::partition::Partition;
use crate::log::segment::Segment;
use crate::log::walk::Walk;
use crate::world::disk::Access;
use crate::world::region::Region;

/// Room for batches that grow: a delete horizon makes timestamps longer.
const SLACK: u64 = 1 << 20;

/// A new segment, durable under a name that nobody looks for yet.
pub(super) struct Cleaned {
    /// Where it lies.
    pub(super) path: PathBuf,
    /// Its bytes.
    pub(super) size: u64,
    /// Its indexes.
    pub(super) indexes: Indexes,
    /// The earliest delete horizon of its batches.
    pub(super) horizon: i64,
    /// The aborted transactions whose markers are in it.
    pub(super) aborted: Vec<AbortedEntry>,
}

/// The pass at work.
pub(super) struct Copy<'a, S> {
    partition: &'a Partition,
    limits: &'a Limits<'a>,
    /// What decides.
    pub(super) sieve: S,
    /// What was done so far.
    pub(super) done: Compacted,
}

/// The segment being written.
struct Output {
    base_offset: i64,
    region: Arc<dyn Region>,
    path: PathBuf,
    indexes: Indexes,
    interval: u32,
    horizon: i64,
    /// Horizons from this offset on are not looked at: the next compaction comes there.
    covered: i64,
}

impl<'a, S: Sieve> Copy<'a, S> {
    pub(super) fn new(partition: &'a Partition, limits: &'a Limits<'a>, sieve: S) -> Copy<'a, S> {
        Copy { partition, limits, sieve, done: Compacted::default() }
    }

    /// Writes what stays of a run of segments into one. `None` when `pace` asked to stop.
    pub(super) fn group(&mut self, group: &[(Arc<Segment>, i64)]) -> Result<Option<Cleaned>, LogError> {
        let Some((first, _)) = group.first() else { return Ok(None) };
        let disk = self.partition.shared.disk();
        let path = with_suffix(&first.path(FileKind::Log), CLEANED_SUFFIX);
        disk.remove(&path).map_err(LogError::io(&path))?;
        let bytes: u64 = group.iter().map(|(segment, _)| segment.size()).sum();
        let access =
            Access::Append { len: 0, capacity: bytes.saturating_add(bytes / 2).saturating_add(SLACK) };
        let mut output = Output {
            base_offset: first.base_offset,
            region: disk.region(&path, access).map_err(LogError::io(&path))?,
            path,
            indexes: Indexes::default(),
            interval: self.partition.settings().index_interval_bytes,
            horizon: NEVER,
            covered: self.sieve.covered(),
        };
        for (segment, end) in group {
            match self.segment(segment, *end, &mut output) {
                Ok(true) => {}
                stopped => {
                    drop(output.region);
                    disk.remove(&output.path).map_err(LogError::io(&output.path))?;
                    return stopped.map(|_| None);
                }
            }
        }
        self.done.bytes_before = self.done.bytes_before.saturating_add(bytes);
        self.finish(output).map(Some)
    }

    /// Goes over one segment; false when `pace` asked to stop.
    fn segment(&mut self, segment: &Segment, end: i64, output: &mut Output) -> Result<bool, LogError> {
        let disk = self.partition.shared.disk();
        let size = segment.visible();
        // Batches that stay as they are, and follow each other, are copied in one piece.
        let mut run = 0..0;
        let mut headers: Vec<BatchHeader> = Vec::new();
        let mut walk = Walk::new(segment, disk, 0, size)?;
        while let Some((position, header)) = walk.step()? {
            let batch = segment.batch_at(disk, position, &header)?;
            let damaged =
                |error: thalweg_proto::record::RecordError| segment.corrupt(position, &error.to_string());
            batch.verify_crc().map_err(damaged)?;
            segment.check_end(position, &header, end)?;
            let judged = self.sieve.judge(&batch).map_err(damaged)?;
            self.done.records_before = self.done.records_before.saturating_add(judged.records);
            self.done.records_after = self.done.records_after.saturating_add(judged.kept);
            let next = position.saturating_add(header.size_in_bytes() as u64);
            if judged.verdict == Verdict::Whole {
                run = if headers.is_empty() { position..next } else { run.start..next };
                headers.push(header);
            } else {
                output.copy(&segment.slice(disk, run.start, run.end)?, &headers)?;
                headers.clear();
                run = next..next;
                if let Verdict::Replaced(bytes) = judged.verdict {
                    let header = BatchHeader::parse(&bytes).map_err(damaged)?;
                    output.copy(&bytes, &[header])?;
                }
            }
            if !(self.limits.pace)(header.size_in_bytes() as u64) {
                return Ok(false);
            }
        }
        output.copy(&segment.slice(disk, run.start, run.end)?, &headers)?;
        Ok(true)
    }

    /// Makes the new segment durable.
    fn finish(&mut self, output: Output) -> Result<Cleaned, LogError> {
        let Output { region, path, indexes, horizon, .. } = output;
        let size = region.len();
        region.sync().map_err(LogError::io(&path))?;
        drop(region);
        let disk = self.partition.shared.disk();
        disk.truncate(&path, size).map_err(LogError::io(&path))?;
        disk.sync_file(&path).map_err(LogError::io(&path))?;
        self.done.bytes_after = self.done.bytes_after.saturating_add(size);
        Ok(Cleaned { path, size, indexes, horizon, aborted: self.sieve.take_aborted() })
    }
}

impl Output {
    /// Appends batches that lie behind each other.
    fn copy(&mut self, bytes: &[u8], headers: &[BatchHeader]) -> Result<(), LogError> {
        if bytes.is_empty() {
            return Ok(());
        }
        let mut position = self.region.append(&[bytes]).map_err(LogError::io(&self.path))?;
        for header in headers {
            self.indexes.note(self.base_offset, header, position, self.interval);
            if header.records_count > 0 && header.base_offset < self.covered {
                self.horizon = self.horizon.min(header.delete_horizon().unwrap_or(NEVER));
            }
            position = position.saturating_add(header.size_in_bytes() as u64);
        }
        Ok(())
    }
}
