//! Making a partition durable, and visible.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use thalweg_config::FlushMode;

use super::error::LogError;
use super::marks::Mark;
use super::names::{self, FileKind};
use super::partition::{Health, Partition};
use super::segment::Segment;

impl Partition {
    /// Whether a flush would find something to do.
    pub fn needs_flush(&self) -> bool {
        let offsets = self.offsets();
        offsets.high_watermark < offsets.log_end || self.durable.load(Ordering::Acquire) < offsets.log_end
    }

    /// Makes everything appended so far durable, then lets readers see it. Returns the durable end: every offset below
    /// it survives a power cut.
    ///
    /// A failed sync takes the partition offline: what the disk holds is unknown from then on, and asking it again
    /// would only hide that.
    pub fn flush(&self) -> Result<i64, LogError> {
        let _flushing = self.flushing.lock();
        if self.health.load(Ordering::Acquire) != Health::Online as u8 {
            return Err(LogError::Poisoned(self.id.to_string()));
        }
        let end = self.published.log_end();
        if self.durable.load(Ordering::Acquire) >= end {
            return Ok(self.published.high_watermark());
        }
        self.sync_and_publish()
    }

    /// The same, whether or not anything was appended: names may be new.
    pub(super) fn force_flush(&self) -> Result<i64, LogError> {
        let _flushing = self.flushing.lock();
        if self.health.load(Ordering::Acquire) != Health::Online as u8 {
            return Err(LogError::Poisoned(self.id.to_string()));
        }
        self.sync_and_publish()
    }

    pub(super) fn sync_and_publish(&self) -> Result<i64, LogError> {
        let (end, rolled) = self.sync_all().inspect_err(|error| self.poison(error))?;
        let raised = self.published.raise_high_watermark(end);
        if self.settle() || raised {
            self.advanced();
        }
        self.put_away(&rolled, end);
        Ok(end)
    }

    /// Flushes what is left at a stop, whose last sync takes care of the names. The caller holds `flushing`.
    pub(super) fn flush_rest(&self) -> Result<(), LogError> {
        let (durable, end) = (self.durable.load(Ordering::Acquire), self.published.log_end());
        if durable < end || !self.writer.lock().rolled.is_empty() {
            return self.sync_and_publish().map(drop);
        }
        self.put_away(&[], end);
        Ok(())
    }

    /// Writes the indexes of durable segments that take no more, and gives the room behind them back. What cannot be
    /// written, as on a full disk, is tried again with the next; until then an unclean start reads those segments again.
    /// Once all are written, an unclean start has nothing to read below `durable_end`.
    fn put_away(&self, rolled: &[Arc<Segment>], durable_end: i64) {
        let mut segments = std::mem::take(&mut self.writer.lock().unindexed);
        segments.extend(rolled.iter().cloned());
        segments.retain(|segment| {
            let written = segment.write_indexes(self.shared.disk(), true);
            if let Err(error) = &written {
                tracing::warn!(partition = %self.id, %error, "cannot write the indexes of a segment");
            }
            segment.seal();
            written.is_err()
        });
        if segments.is_empty() {
            self.recovery_point.store(durable_end, Ordering::Release);
        }
        self.writer.lock().unindexed = segments;
    }

    /// Tries again to put away what could not be, as on a full disk: where nobody writes any more, no flush would.
    pub(super) fn retry_put_away(&self) {
        let _flushing = self.flushing.lock();
        if !self.writer.lock().unindexed.is_empty() {
            self.put_away(&[], self.durable.load(Ordering::Acquire));
        }
    }

    /// The first offset of the segments whose indexes could not be written yet; `i64::MAX` without any.
    pub(super) fn first_not_put_away(&self) -> i64 {
        self.writer.lock().unindexed.iter().map(|segment| segment.base_offset).min().unwrap_or(i64::MAX)
    }

    fn sync_all(&self) -> Result<(i64, Vec<Arc<Segment>>), LogError> {
        let (rolled, active, end, new_names, new_dir) = {
            let mut writer = self.writer.lock();
            let view = self.view.load();
            let active = view.active().map(|active| (active.clone(), active.size()));
            let new_names = std::mem::take(&mut writer.new_names);
            let new_dir = std::mem::take(&mut writer.new_dir);
            (std::mem::take(&mut writer.rolled), active, self.published.log_end(), new_names, new_dir)
        };
        for segment in &rolled {
            let size = segment.size();
            self.sync_segment(segment)?;
            segment.reveal(size);
        }
        let Some((active, size)) = active else { return Ok((end, rolled)) };
        self.sync_segment(&active)?;
        if new_names {
            if active.base_offset <= self.published.log_start() {
                // A start removes what lies below without a look.
                self.keep_producers(&active);
            }
            self.sync_names(new_dir)?;
        }
        active.reveal(size);
        self.durable.store(end, Ordering::Release);
        self.mark(Mark { durable_end: end, segment: active.base_offset, position: size })?;
        Ok((end, rolled))
    }

    fn mark(&self, mark: Mark) -> Result<(), LogError> {
        let marked = self.shared.marks.set(self.topic_id, self.id.partition, mark);
        marked.map_err(LogError::io(&self.shared.dir.join(names::MARKS)))
    }

    /// Makes what was recovered durable: a crash of the broker alone left it in the page cache at best.
    pub(super) fn sync_recovered(&self) -> Result<(), LogError> {
        if self.view.load().active().is_none() {
            return Ok(());
        }
        for segment in self.segments() {
            let path = segment.path(FileKind::Log);
            self.shared.disk().sync_file(&path).map_err(LogError::io(&path))?;
        }
        self.sync_names(true)?;
        self.mark_recovered()
    }

    /// Takes note that all that was recovered has become durable.
    pub(super) fn mark_recovered(&self) -> Result<(), LogError> {
        let view = self.view.load();
        let Some(active) = view.active() else { return Ok(()) };
        let durable_end = self.published.log_end();
        self.mark(Mark { durable_end, segment: active.base_offset, position: active.size() })?;
        self.recovery_point.store(durable_end, Ordering::Release);
        Ok(())
    }

    /// Syncs and seals the segments that were rolled, so that they keep neither a writable map nor the room behind it.
    fn put_away_rolled(&self) -> Result<(), LogError> {
        let _flushing = self.flushing.lock();
        if self.health.load(Ordering::Acquire) != Health::Online as u8 {
            return Ok(());
        }
        let rolled = std::mem::take(&mut self.writer.lock().rolled);
        for segment in &rolled {
            let size = segment.size();
            self.sync_segment(segment).inspect_err(|error| self.poison(error))?;
            // No later flush knows of them.
            segment.reveal(size);
        }
        self.put_away(&rolled, self.durable.load(Ordering::Acquire));
        Ok(())
    }

    fn sync_segment(&self, segment: &Segment) -> Result<(), LogError> {
        // A closed region has nothing that was not synced before it was closed.
        let Some(region) = segment.open_region() else { return Ok(()) };
        region.sync().map_err(LogError::io(&segment.path(FileKind::Log)))
    }

    /// Makes the names of the partition's files durable, and the few bytes that say what it is.
    pub(super) fn sync_names(&self, new_dir: bool) -> Result<(), LogError> {
        let disk = self.shared.disk();
        if new_dir {
            for name in [names::PARTITION_METADATA, names::LEADER_EPOCHS] {
                let path = self.dir.join(name);
                disk.sync_file(&path).map_err(LogError::io(&path))?;
            }
            disk.sync_dir(&self.shared.dir).map_err(LogError::io(&self.shared.dir))?;
        }
        disk.sync_dir(&self.dir).map_err(LogError::io(&self.dir))
    }

    /// Lets the disk make room ahead of the writer, and puts away the segments that were rolled where no flush does:
    /// for a thread off the hot path, now and then.
    pub fn prepare_ahead(&self) -> Result<(), LogError> {
        if self.is_lazy() {
            self.put_away_rolled()?;
        }
        let Some(active) = self.view.load().active().cloned() else { return Ok(()) };
        let Some(region) = active.open_region() else { return Ok(()) };
        region.prepare_ahead().map_err(LogError::io(&active.path(FileKind::Log)))
    }

    /// Whether appends become visible without a sync.
    pub fn is_lazy(&self) -> bool {
        self.settings.load().flush_mode != FlushMode::Sync
    }
}
