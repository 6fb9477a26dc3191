//! What a partition needs now and then: deletion of records, closing when idle, stopping.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use thalweg_proto::error::ErrorCode;

use super::error::LogError;
use super::partition::{Health, Partition};
use super::roll::write_aborted;
use super::snapshot;

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
            if let Some(first_kept) = self.view.load().from(target).first() {
                self.keep_producers(first_kept);
            }
            // Durable before it is told: what a client saw deleted must not come back.
            self.shared.set_log_start(self, target)?;
            self.published.raise_log_start(target);
            self.advanced();
        }
        Ok(self.published.log_start())
    }

    /// Forgets the idempotent producers that wrote nothing since `before_ms` (`producer.id.expiration.ms`).
    pub fn expire_producers(&self, before_ms: i64) {
        self.writer.lock().producers.expire(before_ms);
    }

    /// Closes files and maps when nobody used the partition since the last call. The next use opens them.
    pub fn idle_close(&self) -> Result<(), LogError> {
        let _upkeep = self.upkeep.lock();
        if self.is_out_of_service() {
            return Ok(());
        }
        self.retry_put_away();
        if self.used.swap(false, Ordering::Relaxed) {
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

    /// Closes what nobody reads of the segments that take no more, so that the next who does sees their files as they are then.
    pub fn close_sealed(&self) {
        let _upkeep = self.upkeep.lock();
        let _flushing = self.flushing.lock();
        let view = self.view.load_full();
        let sealed = view.segments.len().saturating_sub(1);
        for segment in view.segments.iter().take(sealed).filter(|segment| segment.is_sealed()) {
            if segment.close(self.shared.disk()).unwrap_or(false) {
                *segment.indexes.write() = None;
            }
        }
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
        self.shared.retired.forget(&self.dir);
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
