//! When a new segment begins, and how.

use std::sync::Arc;
use std::sync::atomic::Ordering;

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
use super::types::Origin;
use super::validate::Rules;
use crate::world::{Disk, Random};

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

    /// Begins a segment at `log_end`; false when the newest segment is not what it was: records have come meanwhile, or
    /// somebody else has begun one there.
    pub(super) fn roll_at(&self, log_end: i64, now_ms: i64) -> Result<bool, LogError> {
        {
            let mut writer = self.writer.lock();
            // A second one of the same name would have the same file, which the first cuts when it is put away.
            let is_begun = self.view.load().active().is_some_and(|newest| newest.base_offset == log_end);
            if is_begun || self.published.log_end() != log_end {
                return Ok(false);
            }
            self.roll(&mut writer, now_ms)?;
        }
        self.force_flush().map(|_| true)
    }

    /// Ends the newest segment if anything is in it, and makes everything durable. Returns the log end of that moment.
    pub fn end_newest(&self, now_ms: i64) -> Result<i64, LogError> {
        let _upkeep = self.upkeep.lock();
        if !self.is_online() {
            return Err(LogError::Poisoned(self.id.to_string()));
        }
        let log_end = {
            let mut writer = self.writer.lock();
            let Some(active) = self.view.load().active().cloned() else {
                return Ok(self.published.log_end());
            };
            if active.size() > 0 {
                self.roll(&mut writer, now_ms)?;
            }
            self.published.log_end()
        };
        self.force_flush().map(|_| log_end)
    }

    /// Begins a segment that no batch asks for.
    fn roll(&self, writer: &mut Writer, now_ms: i64) -> Result<(), LogError> {
        let settings = self.settings.load();
        let (origin, log_start_offset) = (Origin::Internal, self.published.log_start());
        let rules = Rules { partition: &self.id, settings: &settings, origin, now_ms, log_start_offset };
        self.begin_segment(writer, &rules).map(drop)
    }

    /// Begins a new segment if nothing was appended since the last call and the newest has been there for `segment.ms`:
    /// appends alone would never begin one where nobody writes any more. The caller holds `upkeep`.
    pub(super) fn roll_if_idle(&self, now_ms: i64) -> Result<(), LogError> {
        let log_end = self.published.log_end();
        let is_idle = self.idle_at.swap(log_end, Ordering::AcqRel) == log_end;
        let Some(active) = self.view.load().active().cloned() else { return Ok(()) };
        if is_idle && self.is_online() && active.size() > 0 && self.has_aged(&active, now_ms)? {
            self.roll_at(log_end, now_ms)?;
        }
        Ok(())
    }

    fn has_aged(&self, active: &Segment, now_ms: i64) -> Result<bool, LogError> {
        let began = self.begin_of(active, now_ms)?;
        let age = longest_age(&self.settings.load()).saturating_sub(self.writer.lock().jitter_ms);
        Ok(now_ms.saturating_sub(began) > age)
    }

    /// When the newest segment was begun, in ms: by its first batch, or by the clock where that says nothing.
    pub(super) fn begin_of(&self, active: &Segment, now_ms: i64) -> Result<i64, LogError> {
        let mut writer = self.writer.lock();
        let was_closed = active.open_region().is_none();
        let first = self.first_timestamp(&mut writer, active)?;
        if was_closed {
            active.close(self.shared.disk())?;
        }
        // A time that is still to come says nothing.
        Ok(if (0..=now_ms).contains(&first) { first } else { writer.begun_ms })
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
        segment.ages.set_largest(-1);
        segment.ages.touch(rules.now_ms);
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
        writer.jitter_ms = draw_jitter(&*self.shared.world.random, rules.settings);
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

/// What the age of a new segment is shortened by, so that those that begin together do not all end together.
pub(super) fn draw_jitter(random: &dyn Random, settings: &TopicSettings) -> i64 {
    let most = settings.segment_jitter_ms.min(longest_age(settings));
    u64::try_from(most).ok().and_then(|most| i64::try_from(random.below(most)).ok()).unwrap_or_default()
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
