//! What a partition needs now and then: retention, deletion of records, closing when idle, stopping.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use thalweg_proto::error::ErrorCode;

use super::error::LogError;
use super::names::FileKind;
use super::partition::{Health, Partition};
use super::roll::write_aborted;
use super::segment::Segment;
use super::snapshot;
use super::types::Origin;
use super::validate::Rules;
use super::view::View;

impl Partition {
    /// Makes `offset` the first offset that can be read (DeleteRecords); -1 stands for the high watermark.
    /// Returns the new log start, once it is durable. An offset below the log start changes nothing.
    pub fn delete_records_before(&self, offset: i64) -> Result<i64, DeleteError> {
        let high_watermark = self.published.high_watermark();
        let target = if offset == -1 { high_watermark } else { offset };
        if !(0..=high_watermark).contains(&target) {
            return Err(DeleteError::OutOfRange);
        }
        let _upkeep = self.upkeep.lock();
        if !self.is_online() {
            return Err(LogError::Poisoned(self.id.to_string()).into());
        }
        if target > self.published.log_start() {
            // A log start that outlives the records below it would hide those that get their offsets next.
            if target > self.durable.load(Ordering::Acquire) {
                self.flush()?;
            }
            // Durable before it is told: what a client saw deleted must not come back.
            self.shared.set_log_start(self, target)?;
            self.published.raise_log_start(target);
            self.advanced();
        }
        Ok(self.published.log_start())
    }

    /// Removes the segments that `retention.ms`, `retention.bytes` and the log start let go. Returns how many went.
    pub fn retain(&self, now_ms: i64) -> Result<usize, LogError> {
        let _upkeep = self.upkeep.lock();
        if self.is_out_of_service() {
            return Ok(0);
        }
        let settings = self.settings.load_full();
        let log_end = self.published.log_end();
        let mut view = self.view.load_full();
        let mut excess = settings.retention_bytes.and_then(|limit| self.size_bytes().checked_sub(limit));
        let (mut gone, high_watermark) = (0, self.published.high_watermark());
        for (place, segment) in view.segments.iter().enumerate() {
            let next = view.segments.get(place.saturating_add(1));
            let end = next.map_or(self.published.log_end(), |next| next.base_offset);
            if end > high_watermark || segment.size() == 0 {
                break;
            }
            let before_start = end <= self.published.log_start();
            let by_age = settings.cleanup_policy.delete
                && settings.retention_ms.is_some_and(|age| self.is_older(segment, now_ms, age));
            let by_size = settings.cleanup_policy.delete
                && excess.is_some_and(|excess| next.is_some() && excess >= segment.size());
            if !(before_start || by_age || by_size) {
                break;
            }
            excess = excess.and_then(|excess| excess.checked_sub(segment.size()));
            gone = place.saturating_add(1);
        }
        if gone > 0 && gone == view.segments.len() {
            // The newest is removed, too: an empty one in its place keeps the log end.
            if self.roll_at(log_end, now_ms)? {
                view = self.view.load_full();
            } else {
                gone = gone.saturating_sub(1);
            }
        }
        if gone == 0 {
            return Ok(0);
        }
        self.drop_first(&view, gone)?;
        Ok(gone)
    }

    fn is_older(&self, segment: &Segment, now_ms: i64, age: i64) -> bool {
        // A segment without a single timestamp is kept: nothing says that it is old.
        let largest = self.largest_of(segment).ok().flatten().filter(|(largest, _)| *largest >= 0);
        largest.is_some_and(|(largest, offset)| {
            now_ms.saturating_sub(largest) > age && self.has_timestamp(segment, offset, largest)
        })
    }

    /// Whether the batch that the index names has the timestamp that the index says: a damaged index must not be what
    /// records are deleted for.
    fn has_timestamp(&self, segment: &Segment, offset: i64, timestamp: i64) -> bool {
        let found = segment.find(self.shared.disk(), offset, segment.visible());
        match found {
            Ok(Some((_, header))) if header.max_timestamp == timestamp => true,
            _ => {
                let path = segment.path(FileKind::TimeIndex);
                tracing::error!(index = %path.display(), "a time index is wrong: its segment is kept");
                false
            }
        }
    }

    /// Begins a segment at `log_end`; false when records have come meanwhile: the newest segment is not what it was.
    pub(super) fn roll_at(&self, log_end: i64, now_ms: i64) -> Result<bool, LogError> {
        let settings = self.settings.load();
        let rules = Rules {
            partition: &self.id,
            settings: &settings,
            origin: Origin::Internal,
            now_ms,
            log_start_offset: self.published.log_start(),
        };
        {
            let mut writer = self.writer.lock();
            if self.published.log_end() != log_end {
                return Ok(false);
            }
            self.begin_segment(&mut writer, &rules)?;
        }
        self.force_flush().map(|_| true)
    }

    fn drop_first(&self, view: &View, count: usize) -> Result<(), LogError> {
        let (old, kept) = view.segments.split_at(count.min(view.segments.len()));
        let Some(first) = kept.first() else { return Ok(()) };
        if first.base_offset >= self.durable.load(Ordering::Acquire) {
            // The name of what is kept must not be lost when those before it are gone.
            self.force_flush()?;
        }
        if first.base_offset > self.published.log_start() {
            match self.shared.set_log_start(self, first.base_offset) {
                // Room is what is being made here. The first segment says where the log starts, too.
                Err(error) if error.is_full() => {}
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
        for segment in old {
            self.remove_files(segment)?;
        }
        self.shared.disk().sync_dir(&self.dir).map_err(LogError::io(&self.dir))?;
        self.advanced();
        Ok(())
    }

    /// Readers that hold slices of it keep them: the map outlives the name.
    fn remove_files(&self, segment: &Segment) -> Result<(), LogError> {
        for kind in FileKind::ALL {
            let path = segment.path(kind);
            self.shared.disk().remove(&path).map_err(LogError::io(&path))?;
        }
        Ok(())
    }

    /// Forgets the idempotent producers that wrote nothing since `before_ms` (`producer.id.expiration.ms`).
    pub fn expire_producers(&self, before_ms: i64) {
        self.writer.lock().producers.expire(before_ms);
    }

    /// Closes files and maps when nobody used the partition since the last call. The next use opens them.
    pub fn idle_close(&self) -> Result<(), LogError> {
        let _upkeep = self.upkeep.lock();
        if self.used.swap(false, Ordering::Relaxed) || self.is_out_of_service() {
            return Ok(());
        }
        if self.needs_flush() && self.is_lazy() {
            self.flush()?;
        }
        self.close_files()
    }

    fn close_files(&self) -> Result<(), LogError> {
        let _flushing = self.flushing.lock();
        let writer = self.writer.lock();
        if !writer.rolled.is_empty() || !writer.unindexed.is_empty() || self.needs_flush() {
            return Ok(());
        }
        for segment in self.segments() {
            let newest = self.view.load().active().is_some_and(|active| Arc::ptr_eq(active, &segment));
            if newest {
                segment.write_indexes(self.shared.disk(), false)?;
            }
            if segment.close(self.shared.disk())? {
                *segment.indexes.write() = None;
            }
        }
        Ok(())
    }

    /// Takes no more appends, flushes, and writes what lets the next start open the partition without reading it. Names
    /// that are new, and what is written here, become durable with the directory's last sync.
    pub(super) fn stop(&self) -> Result<(), LogError> {
        let _upkeep = self.upkeep.lock();
        {
            let _flushing = self.flushing.lock();
            if !self.take_out_of_service() {
                return Err(LogError::Poisoned(self.id.to_string()));
            }
            self.flush_rest()?;
        }
        let end = self.published.log_end();
        {
            let writer = self.writer.lock();
            if end > 0 && self.stopped_at.swap(end, Ordering::AcqRel) != end {
                snapshot::write(self.shared.disk(), &self.dir, end, &writer.producers)?;
            }
            if let Some(active) = self.view.load().active() {
                write_aborted(self.shared.disk(), active, &writer.aborted)?;
            }
        }
        self.close_files()
    }

    /// Lets no append pass any more; false when the partition was not online.
    fn take_out_of_service(&self) -> bool {
        let _writer = self.writer.lock();
        let (online, stopped) = (Health::Online as u8, Health::Stopped as u8);
        self.health.compare_exchange(online, stopped, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Takes the partition out of service for good. Behind this nothing touches its paths: its name may be given to
    /// another at any moment.
    pub(super) fn mark_deleted(&self) {
        let _upkeep = self.upkeep.lock();
        let _flushing = self.flushing.lock();
        let _writer = self.writer.lock();
        self.health.store(Health::Deleted as u8, Ordering::Release);
        self.segments().iter().for_each(|segment| segment.abandon());
    }
}

/// Why records cannot be deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// The offset is not between 0 and the high watermark.
    #[error("the offset is out of range")]
    OutOfRange,
    /// Storage failed.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl DeleteError {
    /// The Kafka error that a client gets.
    pub fn code(&self) -> ErrorCode {
        match self {
            DeleteError::OutOfRange => ErrorCode::OffsetOutOfRange,
            DeleteError::Log(error) => error.code(),
        }
    }
}
