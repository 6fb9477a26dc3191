use bytes::Bytes;

use super::{Records, Text, Value, Version};

/// Elements that one message gets before its arrays stay empty.
const ELEMENTS: usize = 300;

/// A stream of random choices, the same for the same seed.
#[derive(Debug, Clone)]
pub struct Source {
    state: u64,
    elements: usize,
}

impl Source {
    /// The choices of `seed`.
    pub fn new(seed: u64) -> Self {
        Self { state: seed, elements: ELEMENTS }
    }

    /// Any value of the message `M`, with the fields that `version` has.
    ///
    /// # Errors
    /// Where the message has no such version.
    pub fn message<M: super::Message + Value>(&mut self, version: i16) -> Result<M, super::WireError> {
        Ok(M::arbitrary(self, Version::of::<M>(version)?))
    }

    /// The next 64 random bits (SplitMix64).
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number below `limit`, which is not 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.bits() % limit.max(1)
    }

    /// True once in `times`.
    pub fn chance(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// An integer, often one at an edge of some type.
    pub fn number(&mut self) -> i64 {
        match self.below(8) {
            0 => 0,
            1 => -1,
            2 => i64::MAX,
            3 => i64::MIN,
            4 => i64::from(i32::MAX),
            _ => self.bits() as i64 >> self.below(64),
        }
    }

    /// A length, mostly short, sometimes with a compact form of two bytes or above the length that is spliced.
    fn length(&mut self) -> usize {
        let limit = match self.below(32) {
            0 => 1500,
            1 | 2 => 200,
            _ => 12,
        };
        self.below(limit) as usize
    }

    fn count(&mut self) -> usize {
        let wanted = if self.chance(64) { 140 } else { self.below(4) as usize };
        let count = wanted.min(self.elements);
        self.elements -= count;
        count
    }
}

/// Values that [`Value::arbitrary`] makes where null shares the length field.
pub(super) trait Arbitrary {
    fn any(source: &mut Source, version: Version) -> Self;
}

impl Arbitrary for Text {
    fn any(source: &mut Source, _: Version) -> Self {
        let length = source.length();
        let letters = ['a', 'b', 'z', '-', '.', '_', '0', ' ', '\u{0}', 'é', '水', '🌊'];
        let text = (0..length).filter_map(|_| letters.get(source.below(letters.len() as u64) as usize));
        Self::from(text.collect::<String>())
    }
}

impl Arbitrary for String {
    fn any(source: &mut Source, version: Version) -> Self {
        Text::any(source, version).into()
    }
}

impl Arbitrary for Bytes {
    fn any(source: &mut Source, _: Version) -> Self {
        (0..source.length()).map(|_| source.bits() as u8).collect()
    }
}

impl Arbitrary for Records {
    fn any(source: &mut Source, version: Version) -> Self {
        Self { slices: (0..source.below(4)).map(|_| Bytes::any(source, version)).collect() }
    }
}

impl<T: Value> Arbitrary for Vec<T> {
    fn any(source: &mut Source, version: Version) -> Self {
        (0..source.count()).map(|_| T::arbitrary(source, version)).collect()
    }
}
