//! What readers see of a partition: the list of its segments, replaced as a whole, and its offsets, each an atomic.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::segment::Segment;
use super::types::Offsets;

/// The segments at one moment, oldest first. Changes with a roll or a removal only.
#[derive(Default)]
pub(super) struct View {
    pub(super) segments: Vec<Arc<Segment>>,
}

impl View {
    /// The place of the segment that would hold the offset; the first one for an offset before all.
    pub(super) fn place_of(&self, offset: i64) -> usize {
        self.segments.partition_point(|segment| segment.base_offset <= offset).saturating_sub(1)
    }

    /// The segments from the one that would hold the offset on.
    pub(super) fn from(&self, offset: i64) -> &[Arc<Segment>] {
        self.segments.get(self.place_of(offset)..).unwrap_or_default()
    }

    /// The newest segment.
    pub(super) fn active(&self) -> Option<&Arc<Segment>> {
        self.segments.last()
    }

    /// The same with one more.
    pub(super) fn with(&self, segment: Arc<Segment>) -> View {
        let mut segments = Vec::with_capacity(self.segments.len().saturating_add(1));
        segments.extend(self.segments.iter().cloned());
        segments.push(segment);
        View { segments }
    }
}

/// The offsets of a partition.
#[derive(Default)]
pub(super) struct Published {
    log_start: AtomicI64,
    high_watermark: AtomicI64,
    /// The first offset of the earliest open transaction; `i64::MAX` when none is open.
    first_open: AtomicI64,
    log_end: AtomicI64,
}

impl Published {
    pub(super) fn new(log_start: i64, log_end: i64, first_open: Option<i64>) -> Published {
        Published {
            log_start: AtomicI64::new(log_start),
            high_watermark: AtomicI64::new(log_end),
            first_open: AtomicI64::new(first_open.unwrap_or(i64::MAX)),
            log_end: AtomicI64::new(log_end),
        }
    }

    pub(super) fn offsets(&self) -> Offsets {
        // In the order in which they bound each other, so that start <= stable <= watermark <= end holds whatever
        // moves meanwhile. A transaction is made known before the watermark passes its first record: asked for after
        // the watermark, it cannot be missed.
        let log_start = self.log_start.load(Ordering::Acquire);
        let high_watermark = self.high_watermark();
        let first_open = self.first_open.load(Ordering::Acquire);
        let log_end = self.log_end();
        // Records of an open transaction may have been deleted.
        let last_stable = high_watermark.min(first_open).max(log_start);
        Offsets { log_start, high_watermark, last_stable, log_end }
    }

    pub(super) fn log_start(&self) -> i64 {
        self.log_start.load(Ordering::Acquire)
    }

    pub(super) fn high_watermark(&self) -> i64 {
        self.high_watermark.load(Ordering::Acquire)
    }

    pub(super) fn log_end(&self) -> i64 {
        self.log_end.load(Ordering::Acquire)
    }

    pub(super) fn set_log_end(&self, offset: i64) {
        self.log_end.store(offset, Ordering::Release);
    }

    /// Raises the high watermark; true when it was lower.
    pub(super) fn raise_high_watermark(&self, offset: i64) -> bool {
        self.high_watermark.fetch_max(offset, Ordering::AcqRel) < offset
    }

    /// Raises the log start; true when it was lower.
    pub(super) fn raise_log_start(&self, offset: i64) -> bool {
        self.log_start.fetch_max(offset, Ordering::AcqRel) < offset
    }

    pub(super) fn set_first_open(&self, offset: Option<i64>) {
        self.first_open.store(offset.unwrap_or(i64::MAX), Ordering::Release);
    }
}
