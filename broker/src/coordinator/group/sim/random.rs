//! The one source of chance of a run.

use std::cell::Cell;
use std::time::Duration;

/// Numbers that follow from a seed (SplitMix64).
#[derive(Debug)]
pub struct Random(Cell<u64>);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(Cell::new(seed))
    }

    pub fn bits(&self) -> u64 {
        let state = self.0.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.0.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, but not, `limit`.
    pub fn below(&self, limit: usize) -> usize {
        (self.bits() % limit.max(1) as u64) as usize
    }

    /// A number of at least `least` and at most `most`.
    pub fn between(&self, least: u64, most: u64) -> u64 {
        least + self.bits() % (most - least + 1)
    }

    /// True in `percent` of a hundred.
    pub fn percent(&self, percent: u64) -> bool {
        self.bits() % 100 < percent
    }

    pub fn millis(&self, least: u64, most: u64) -> Duration {
        Duration::from_millis(self.between(least, most))
    }

    pub fn pick<'a, T>(&self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}
