//! What retention and compaction ask of a segment: how old its batches are, and when its tombstones may go.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use super::compact::UNKNOWN;

/// The ages of a segment, as far as they are known.
pub(super) struct Ages {
    largest: AtomicI64,
    largest_is_exact: AtomicBool,
    /// The earliest delete horizon of its batches, or what is said instead of one.
    horizon: AtomicI64,
    /// When the segment was last written to, or opened, by the wall clock.
    touched_ms: AtomicI64,
    warned: AtomicBool,
}

/// What is known of the largest timestamp in a segment, from its batches.
#[derive(Clone, Copy, Debug)]
pub(super) struct Largest {
    /// Some batch has it; below 0 where none with a timestamp is known.
    pub(super) at_least: i64,
    /// None has a larger one.
    pub(super) is_exact: bool,
}

impl Default for Ages {
    fn default() -> Self {
        Self {
            largest: AtomicI64::new(-1),
            largest_is_exact: AtomicBool::new(false),
            horizon: AtomicI64::new(UNKNOWN),
            touched_ms: AtomicI64::new(i64::MIN),
            warned: AtomicBool::new(false),
        }
    }
}

impl Ages {
    /// What is known of the largest timestamp of the batches.
    pub(super) fn largest(&self) -> Largest {
        let is_exact = self.largest_is_exact.load(Ordering::Acquire);
        Largest { at_least: self.largest.load(Ordering::Acquire), is_exact }
    }

    /// Takes note of the largest timestamp of one of the batches.
    pub(super) fn note_timestamp(&self, timestamp: i64) {
        self.largest.fetch_max(timestamp, Ordering::AcqRel);
    }

    /// Takes note of the largest timestamp of all of the batches; -1 if none has any.
    pub(super) fn set_largest(&self, timestamp: i64) {
        self.note_timestamp(timestamp);
        self.largest_is_exact.store(true, Ordering::Release);
    }

    /// The earliest delete horizon of the batches.
    pub(super) fn horizon(&self) -> i64 {
        self.horizon.load(Ordering::Acquire)
    }

    /// Takes note of the earliest delete horizon of the batches.
    pub(super) fn set_horizon(&self, horizon: i64) {
        self.horizon.store(horizon, Ordering::Release);
    }

    /// Takes note that the segment was in use at this time.
    pub(super) fn touch(&self, now_ms: i64) {
        self.touched_ms.fetch_max(now_ms, Ordering::AcqRel);
    }

    /// From when the age counts of what has this largest timestamp: without one, from when this process last had to do with it.
    pub(super) fn age_from(&self, largest: i64) -> i64 {
        if largest >= 0 { largest } else { self.touched_ms.load(Ordering::Acquire) }
    }

    /// True at the first call.
    pub(super) fn is_first_warning(&self) -> bool {
        !self.warned.swap(true, Ordering::AcqRel)
    }
}
