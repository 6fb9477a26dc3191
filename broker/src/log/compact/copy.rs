//! The second pass: what stays is written into a new segment.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use thalweg_proto::record::BatchHeader;

use super::retain::{Sieve, Verdict};
use super::tour::{Stop, Tour};
use super::{Compacted, Limits, NEVER};
use crate::log::aborted::AbortedEntry;
use crate::log::error::LogError;
use crate::log::index::Indexes;
use crate::log::names::{CLEANED_SUFFIX, FileKind, with_suffix};
use crate::log::partition::Partition;
use crate::log::segment::Segment;
use crate::world::disk::Writer;

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
    writer: Box<dyn Writer>,
    size: u64,
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

    /// Writes what stays of a run of segments into one. `None` when `pace` asked to stop, or the partition is no more.
    pub(super) fn group(&mut self, group: &[(Arc<Segment>, i64)]) -> Result<Option<Cleaned>, LogError> {
        let Some((first, _)) = group.first() else { return Ok(None) };
        let path = with_suffix(&first.path(FileKind::Log), CLEANED_SUFFIX);
        let Some(writer) = self.begin(&path)? else { return Ok(None) };
        let output = Output {
            base_offset: first.base_offset,
            writer,
            size: 0,
            path: path.clone(),
            indexes: Indexes::default(),
            interval: self.partition.settings().index_interval_bytes,
            horizon: NEVER,
            covered: self.sieve.covered(),
        };
        let written = self.write(group, output);
        if !matches!(written, Ok(Some(_))) {
            self.partition.give_up(&path);
        }
        written
    }

    /// Makes the new segment's file; `None` where the directory may be another partition's by now.
    fn begin(&self, path: &Path) -> Result<Option<Box<dyn Writer>>, LogError> {
        let _upkeep = self.partition.upkeep.lock();
        if self.partition.is_out_of_service() {
            return Ok(None);
        }
        let disk = self.partition.shared.disk();
        disk.remove(path).map_err(LogError::io(path))?;
        disk.create(path).map(Some).map_err(LogError::io(path))
    }

    fn write(
        &mut self,
        group: &[(Arc<Segment>, i64)],
        mut output: Output,
    ) -> Result<Option<Cleaned>, LogError> {
        for (segment, end) in group {
            if !self.segment(segment, *end, &mut output)? {
                return Ok(None);
            }
        }
        let bytes = group.iter().map(|(segment, _)| segment.size()).sum();
        self.done.bytes_before = self.done.bytes_before.saturating_add(bytes);
        self.finish(output).map(Some)
    }

    /// Goes over one segment; false when `pace` asked to stop.
    fn segment(&mut self, segment: &Segment, end: i64, output: &mut Output) -> Result<bool, LogError> {
        let mut tour = Tour::new(self.partition, segment, 0..segment.visible(), self.limits)?;
        loop {
            let (position, batch) = match tour.step()? {
                Stop::Batch(position, batch) => (position, batch),
                Stop::End => return Ok(true),
                Stop::Asked => return Ok(false),
            };
            segment.check_end(position, batch.header(), end)?;
            let damaged = |error| tour.damaged(position, &error);
            let judged = self.sieve.judge(&batch).map_err(damaged)?;
            self.done.records_before = self.done.records_before.saturating_add(judged.records);
            self.done.records_after = self.done.records_after.saturating_add(judged.kept);
            let written = match judged.verdict {
                Verdict::Whole => output.copy(batch.bytes(), batch.header())?,
                Verdict::Replaced(bytes) => {
                    output.copy(&bytes, &BatchHeader::parse(&bytes).map_err(damaged)?)?
                }
                Verdict::Gone => 0,
            };
            (self.limits.wrote)(written);
        }
    }

    /// Makes the new segment durable.
    fn finish(&mut self, output: Output) -> Result<Cleaned, LogError> {
        let Output { writer, size, path, indexes, horizon, .. } = output;
        writer.finish().map_err(LogError::io(&path))?;
        self.done.bytes_after = self.done.bytes_after.saturating_add(size);
        Ok(Cleaned { path, size, indexes, horizon, aborted: self.sieve.take_aborted() })
    }
}

impl Output {
    /// Appends a batch. Returns its bytes.
    fn copy(&mut self, bytes: &[u8], header: &BatchHeader) -> Result<u64, LogError> {
        self.writer.append(bytes).map_err(LogError::io(&self.path))?;
        self.indexes.note(self.base_offset, header, self.size, self.interval);
        if header.records_count > 0 && header.base_offset < self.covered {
            self.horizon = self.horizon.min(header.delete_horizon().unwrap_or(NEVER));
        }
        self.size = self.size.saturating_add(bytes.len() as u64);
        Ok(bytes.len() as u64)
    }
}

impl Partition {
    /// Removes a new segment that takes nobody's place.
    pub(super) fn give_up(&self, path: &Path) {
        let _upkeep = self.upkeep.lock();
        // Behind a deletion the path may be another partition's.
        if !self.is_out_of_service()
            && let Err(error) = self.shared.disk().remove(path)
        {
            tracing::warn!(file = %path.display(), %error, "what a compaction began is left to the next");
        }
    }
}
