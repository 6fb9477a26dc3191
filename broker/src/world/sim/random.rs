//! Random numbers from a seed (SplitMix64).

use parking_lot::Mutex;

use crate::world::Random;

/// A seeded generator.
pub struct SimRandom(Mutex<u64>);

impl SimRandom {
    /// The generator of a seed.
    pub fn new(seed: u64) -> SimRandom {
        SimRandom(Mutex::new(seed))
    }

    /// The next 64 bits.
    pub fn next(&self) -> u64 {
        let mut state = self.0.lock();
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = *state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// True once in `times`.
    pub fn once_in(&self, times: u64) -> bool {
        self.next().checked_rem(times).unwrap_or(0) == 0
    }
}

impl Random for SimRandom {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let word = self.next().to_le_bytes();
            for (byte, random) in chunk.iter_mut().zip(word) {
                *byte = random;
            }
        }
    }
}
