//! Which segments go: by age, by size, and because nobody can read them any more.
//!
//! Age is what the batches say of themselves. Where an index says that a segment is young, the batch that it names is asked;
//! before one goes by age, all of its batches have been looked at. A file's own time is never asked for: copies and backups change it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::ages::Largest;
use super::error::LogError;
use super::names::FileKind;
use super::partition::Partition;
use super::segment::Segment;
use super::snapshot;
use super::view::View;
use super::walk::Walk;

/// What retention has dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Segments.
    pub segments: usize,
    /// Their bytes.
    pub bytes: u64,
}

impl Partition {
    /// Removes the segments that `retention.ms`, `retention.bytes` and the log start let go (`UnifiedLog.deleteOldSegments`),
    /// and begins a new one where the newest has seen nothing for long. Returns what went.
    pub fn retain(&self, now_ms: i64) -> Result<Dropped, LogError> {
        let _upkeep = self.upkeep.lock();
        if self.is_out_of_service() {
            return Ok(Dropped::default());
        }
        // A disk that is too full for a new segment must not keep the old ones.
        let mut not_begun = self.roll_if_idle(now_ms).err();
        let log_end = self.published.log_end();
        let mut view = self.view.load_full();
        let mut gone = self.count_gone(&view, log_end, now_ms);
        if gone > 0 && gone == view.segments.len() {
            // The newest is removed, too: an empty one in its place keeps the log end.
            match self.roll_at(log_end, now_ms) {
                Ok(true) => view = self.view.load_full(),
                not_rolled => {
                    not_begun = not_rolled.err();
                    gone = gone.saturating_sub(1);
                }
            }
        }
        let dropped = if gone == 0 { Dropped::default() } else { self.drop_first(&view, gone)? };
        match not_begun {
            Some(error) if gone == 0 => Err(error),
            Some(error) => {
                tracing::warn!(partition = %self.id, %error, "the newest segment cannot be ended");
                Ok(dropped)
            }
            None => Ok(dropped),
        }
    }

    /// How many of the oldest segments go.
    fn count_gone(&self, view: &View, log_end: i64, now_ms: i64) -> usize {
        let settings = self.settings.load_full();
        let stored = || view.segments.iter().map(|segment| segment.size()).sum::<u64>();
        let mut excess = settings.retention_bytes.and_then(|limit| stored().checked_sub(limit));
        let (log_start, high_watermark) = (self.published.log_start(), self.published.high_watermark());
        let (mut gone, deletes) = (0, settings.cleanup_policy.delete);
        for (place, segment) in view.segments.iter().enumerate() {
            let next = view.segments.get(place.saturating_add(1));
            let end = next.map_or(log_end, |next| next.base_offset);
            let size = segment.size();
            if end > high_watermark || (next.is_none() && size == 0) {
                break;
            }
            if size == 0 && end > log_start {
                // What a compaction has emptied goes together with the next that goes.
                continue;
            }
            let before_start = end <= log_start;
            let by_size = deletes && excess.is_some_and(|excess| excess >= size);
            let by_age =
                || deletes && settings.retention_ms.is_some_and(|age| self.is_older(segment, now_ms, age));
            if !(before_start || by_size || by_age()) {
                break;
            }
            excess = excess.and_then(|excess| excess.checked_sub(size));
            gone = place.saturating_add(1);
        }
        gone
    }

    /// Whether every record of a segment is older than `age`.
    fn is_older(&self, segment: &Segment, now_ms: i64, age: i64) -> bool {
        let is_old = |timestamp: i64| now_ms.saturating_sub(timestamp) > age;
        let known = segment.ages.largest();
        if !known.is_exact && (known.at_least < 0 || is_old(known.at_least)) {
            let was_closed = segment.open_region().is_none();
            let asked = self.ask_batches(segment, is_old);
            if was_closed {
                self.close_unused(segment);
            }
            match asked {
                Ok(known) => return known.is_exact && is_old(segment.ages.age_from(known.at_least)),
                Err(error) => {
                    let log = segment.path(FileKind::Log);
                    tracing::error!(segment = %log.display(), %error, "its age cannot be told: it is kept");
                    return false;
                }
            }
        }
        if known.at_least > now_ms && segment.ages.is_first_warning() {
            let log = segment.path(FileKind::Log);
            tracing::warn!(
                segment = %log.display(), timestamp = known.at_least,
                "a record has a timestamp of the future: it keeps its segment and all later ones from expiring"
            );
        }
        is_old(segment.ages.age_from(known.at_least))
    }

    /// Finds out the largest timestamp of a segment's batches, as far as is needed to tell whether it is old.
    fn ask_batches(&self, segment: &Segment, is_old: impl Fn(i64) -> bool) -> Result<Largest, LogError> {
        let hint = self.largest_of(segment).unwrap_or_default();
        if let Some((timestamp, offset)) = hint.filter(|(timestamp, _)| !is_old(*timestamp))
            && self.has_timestamp(segment, offset, timestamp)?
        {
            segment.ages.note_timestamp(timestamp);
            return Ok(segment.ages.largest());
        }
        let mut largest = self.read_largest(segment, false)?;
        if hint.is_some_and(|(timestamp, _)| timestamp > largest) {
            // A batch without records has a time that no index knows, but not the other way round: one of the two is
            // wrong. Checksums say whether it is the batches.
            let index = segment.path(FileKind::TimeIndex);
            tracing::error!(index = %index.display(), "a time index is wrong: the batches themselves are asked");
            largest = self.read_largest(segment, true)?;
        }
        segment.ages.set_largest(largest);
        Ok(segment.ages.largest())
    }

    /// Closes what was opened for a look: a check of ten thousand idle partitions must not end with as many open files. What was
    /// appended meanwhile keeps it open.
    fn close_unused(&self, segment: &Segment) {
        let _flushing = self.flushing.lock();
        let writer = self.writer.lock();
        if writer.rolled.is_empty() && !self.needs_flush() {
            let _ = segment.close(self.shared.disk());
        }
    }

    /// Whether the batch that an index names has the timestamp that the index says.
    fn has_timestamp(&self, segment: &Segment, offset: i64, timestamp: i64) -> Result<bool, LogError> {
        let found = segment.find(self.shared.disk(), offset, segment.visible())?;
        Ok(found.is_some_and(|(_, header)| header.max_timestamp == timestamp))
    }

    fn read_largest(&self, segment: &Segment, checks: bool) -> Result<i64, LogError> {
        let walk = if checks { Walk::whole } else { Walk::over_copies };
        let (mut largest, mut walk) = (-1, walk(segment, self.shared.disk(), 0, segment.size())?);
        while let Some((position, header)) = walk.step()? {
            if checks {
                let checked = walk.batch(position, &header)?.verify_crc();
                checked.map_err(|error| segment.corrupt(position, &error.to_string()))?;
            }
            largest = largest.max(header.max_timestamp);
        }
        Ok(largest)
    }

    /// Sees to it that the producers of what lies below a segment are known when that is gone.
    pub(super) fn keep_producers(&self, segment: &Segment) {
        // Not to be had on a failing disk, which must not keep retention from its work.
        if let Err(error) = snapshot::sync(self.shared.disk(), &self.dir, segment.base_offset) {
            tracing::warn!(partition = %self.id, %error, "a snapshot of producers cannot be synced");
        }
    }

    fn drop_first(&self, view: &View, count: usize) -> Result<Dropped, LogError> {
        let (old, kept) = view.segments.split_at(count.min(view.segments.len()));
        let Some(first) = kept.first() else { return Ok(Dropped::default()) };
        if first.base_offset >= self.durable.load(Ordering::Acquire) {
            // The name of what is kept must not be lost when those before it are gone.
            self.force_flush()?;
        }
        self.keep_producers(first);
        let mut is_told = true;
        if first.base_offset > self.published.log_start() {
            match self.shared.set_log_start(self, first.base_offset) {
                // Room is what is being made here. The first segment says where the log starts, too.
                Err(error) if error.is_full() => is_told = false,
                told => told?,
            }
            self.published.raise_log_start(first.base_offset);
        }
        {
            // A segment that is being put away would leave its indexes behind.
            let _flushing = self.flushing.lock();
            let mut writer = self.writer.lock();
            let now = self.view.load();
            let first_kept = first.base_offset;
            writer.rolled.retain(|segment| segment.base_offset >= first_kept);
            writer.unindexed.retain(|segment| segment.base_offset >= first_kept);
            let kept: Vec<Arc<Segment>> =
                now.segments.iter().filter(|segment| segment.base_offset >= first_kept).cloned().collect();
            self.view.store(Arc::new(View { segments: kept }));
        }
        let delay_ms = self.settings.load().file_delete_delay_ms;
        let sync = || self.shared.disk().sync_dir(&self.dir).map_err(LogError::io(&self.dir));
        for segment in old {
            self.shared.retired.add(&self.shared, segment, &FileKind::ALL, delay_ms)?;
            if !is_told {
                // In this order alone: a younger one that is lost before an older would leave a hole in the log.
                sync()?;
            }
        }
        sync()?;
        let dropped =
            Dropped { segments: old.len(), bytes: old.iter().map(|segment| segment.size()).sum::<u64>() };
        tracing::info!(
            partition = %self.id, segments = dropped.segments, bytes = dropped.bytes,
            log_start = self.published.log_start(), "retention dropped segments"
        );
        self.advanced();
        Ok(dropped)
    }
}
