//! When a new segment begins, and how.

use std::sync::Arc;

use thalweg_config::TopicSettings;
use thalweg_proto::record::BatchHeader;

use super::aborted::{self, AbortedEntry};
use super::checkpoint;
use super::error::LogError;
use super::index::Indexes;
use super::marks::Mark;
use super::names::{self, FileKind};
use super::partition::{Partition, Writer};
use super::segment::{Role, Segment};
use super::snapshot;
use super::validate::Rules;
use crate::world::Disk;

impl Partition {
    /// The segment that takes the batch: the newest, or a new one.
    pub(super) fn segment_for(
        &self,
        writer: &mut Writer,
        header: &BatchHeader,
        size: u64,
        rules: &Rules<'_>,
    ) -> Result<Arc<Segment>, LogError> {
        let active = self.view.load().active().cloned();
        let Some(active) = active else {
            return self.begin_segment(writer, rules);
        };
        // The region is opened here, so that its failure changes nothing, and so are the indexes.
        active.region(self.shared.disk())?;
        active.with_indexes(self.shared.disk(), |_| ())?;
        if active.size() > 0 && self.is_due(writer, &active, header, size, rules)? {
            return self.begin_segment(writer, rules);
        }
        Ok(active)
    }

    /// Whether the batch must go into a new segment (`LogSegment.shouldRoll`).
    fn is_due(
        &self,
        writer: &mut Writer,
        active: &Segment,
        header: &BatchHeader,
        size: u64,
        rules: &Rules<'_>,
    ) -> Result<bool, LogError> {
        let end = active.size().saturating_add(size);
        if end > u64::from(rules.settings.segment_bytes).min(active.capacity()) {
            return Ok(true);
        }
        if header.last_offset().saturating_sub(active.base_offset) > i64::from(i32::MAX) {
            return Ok(true);
        }
        let full = |indexes: &Indexes| indexes.is_full(rules.settings.segment_index_bytes);
        if active.with_indexes(self.shared.disk(), full)? {
            return Ok(true);
        }
        let first = self.first_timestamp(writer, active)?;
        let waited = if first >= 0 {
            header.max_timestamp.saturating_sub(first)
        } else {
            rules.now_ms.saturating_sub(writer.begun_ms)
        };
        Ok(waited > longest_age(rules.settings).saturating_sub(writer.jitter_ms))
    }

    fn first_timestamp(&self, writer: &mut Writer, active: &Segment) -> Result<i64, LogError> {
        if let Some(first) = writer.first_timestamp {
            return Ok(first);
        }
        let first = active.header_at(self.shared.disk(), 0, active.size())?;
        let first = first.map_or(-1, |header| header.max_timestamp);
        writer.first_timestamp = Some(first);
        Ok(first)
    }

    /// Begins a segment at the log end. Everything that can fail happens before anything changes.
    pub(super) fn begin_segment(
        &self,
        writer: &mut Writer,
        rules: &Rules<'_>,
    ) -> Result<Arc<Segment>, LogError> {
        let disk = self.shared.disk();
        let base_offset = self.published.log_end();
        let capacity = u64::from(rules.settings.segment_bytes);
        let segment = Arc::new(Segment::new(&self.dir, base_offset, 0, Role::Active { capacity }));
        if self.view.load().active().is_none() {
            self.write_identity(writer)?;
        }
        let view = self.view.load();
        if let Err(error) = self.make_room(writer, &segment, view.active()) {
            // Left behind, it would be what the next start takes for the newest.
            let _ = disk.remove(&segment.path(FileKind::Log));
            return Err(error);
        }
        if let Some(old) = view.active() {
            writer.aborted.clear();
            writer.rolled.push(Arc::clone(old));
        }
        self.view.store(Arc::new(view.with(Arc::clone(&segment))));
        writer.new_names = true;
        writer.first_timestamp = None;
        writer.begun_ms = rules.now_ms;
        let jitter = u64::try_from(rules.settings.segment_jitter_ms).unwrap_or_default();
        let jitter = jitter.min(u64::try_from(longest_age(rules.settings)).unwrap_or_default());
        writer.jitter_ms = i64::try_from(self.shared.world.random.below(jitter)).unwrap_or_default();
        Ok(segment)
    }

    /// Makes the files that a new segment begins with, and those that the old one ends with.
    fn make_room(
        &self,
        writer: &Writer,
        segment: &Segment,
        old: Option<&Arc<Segment>>,
    ) -> Result<(), LogError> {
        let disk = self.shared.disk();
        segment.region(disk)?.reserve(1).map_err(LogError::io(&segment.path(FileKind::Log)))?;
        *segment.indexes.write() = Some(Indexes::default());
        if segment.base_offset > 0 {
            snapshot::write(disk, &self.dir, segment.base_offset, &writer.producers)?;
        }
        old.map_or(Ok(()), |old| write_aborted(disk, old, &writer.aborted))
    }

    /// Writes what the directory says of the partition itself, before its first segment.
    fn write_identity(&self, writer: &mut Writer) -> Result<(), LogError> {
        let disk = self.shared.disk();
        let mut epochs = (**self.epochs.load()).clone();
        if epochs.begin(self.published.log_end()) {
            let path = self.dir.join(names::LEADER_EPOCHS);
            let bytes = checkpoint::encode_epochs(epochs.entries());
            disk.write(&path, &bytes).map_err(LogError::io(&path))?;
            self.epochs.store(Arc::new(epochs));
        }
        // The slot of the partition's mark is taken now: a disk that is full later must not fail a sync for 64 bytes.
        let nothing = Mark { durable_end: 0, segment: 0, position: 0 };
        let marked = self.shared.marks.set(self.topic_id, self.id.partition, nothing);
        marked.map_err(LogError::io(&self.shared.dir.join(names::MARKS)))?;
        writer.new_dir = true;
        Ok(())
    }
}

/// How long a segment may be appended to. A compacted topic's cannot be compacted before (`LogConfig.maxSegmentMs`).
pub(super) fn longest_age(settings: &TopicSettings) -> i64 {
    match settings.cleanup_policy.compact {
        true => settings.segment_ms.min(settings.max_compaction_lag_ms),
        false => settings.segment_ms,
    }
}

/// Writes the aborted transactions of a segment, where there are any.
pub(super) fn write_aborted(
    disk: &dyn Disk,
    segment: &Segment,
    aborted: &[AbortedEntry],
) -> Result<(), LogError> {
    if aborted.is_empty() {
        return Ok(());
    }
    let path = segment.path(FileKind::TransactionIndex);
    disk.write(&path, &aborted::encode(aborted)).map_err(LogError::io(&path))
}
