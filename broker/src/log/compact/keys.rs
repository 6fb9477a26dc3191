//! Where each key was written last: exact, and bounded in memory.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

/// Bytes of an offset, as the distance from the first.
const OFFSET_BYTES: usize = 4;
/// Bytes of a key's length.
const LENGTH_BYTES: usize = 4;
/// A key of fewer bytes than this has its length in one byte; of a longer one that byte is this, and its length follows.
const LONG: u8 = u8::MAX;
/// Keys that there is room for at first.
const FEW: usize = 1 << 10;
/// Room for keys grows by this at least, in bytes.
const STEP: usize = 16 << 10;

/// The last offset of each key. Keys are kept whole, so that two of them are never taken for one.
///
/// A key takes its own bytes, five, and its share of a table that holds four bytes and a control byte for each place, of
/// which at most seven eighths are taken.
pub(super) struct KeyMap {
    /// Where each key's entry begins.
    places: HashTable<u32>,
    /// An entry for each key, in the order in which they came: its last offset, its length, and the key.
    entries: Vec<u8>,
    /// What the offsets are counted from.
    base: Option<i64>,
    hasher: RandomState,
    limit: usize,
}

/// An entry, read.
struct Entry<'a> {
    offset: u32,
    key: &'a [u8],
    end: usize,
}

impl KeyMap {
    /// An empty map that takes `limit` bytes at most.
    pub(super) fn new(limit: usize) -> KeyMap {
        let limit = limit.min(u32::MAX as usize);
        KeyMap {
            places: HashTable::new(),
            entries: Vec::new(),
            base: None,
            hasher: RandomState::new(),
            limit,
        }
    }

    /// Bytes of memory taken.
    pub(super) fn memory(&self) -> usize {
        self.places.allocation_size().saturating_add(self.entries.capacity())
    }

    /// Whether a record can be noted within the limit.
    pub(super) fn has_room_for(&self, key: &[u8], offset: i64) -> bool {
        let entry = key.len().saturating_add(OFFSET_BYTES + 1 + LENGTH_BYTES);
        let needed = self.entries.len().saturating_add(entry);
        let entries = if needed <= self.entries.capacity() { self.entries.capacity() } else { grown(needed) };
        let places = match self.places.len() < self.places.capacity() {
            true => self.places.allocation_size(),
            // The old table is gone before the new one is made.
            false => self.places.allocation_size().saturating_mul(2),
        };
        self.relative(offset).is_some() && entries.saturating_add(places) <= self.limit
    }

    /// Takes note of a record; offsets must come in their order. False, and nothing noted, if there is no room at all.
    pub(super) fn note(&mut self, key: &[u8], offset: i64) -> bool {
        let Some(relative) = self.relative(offset) else { return false };
        let hash = self.hasher.hash_one(key);
        if let Some(place) = self.find(key, hash) {
            if let Some(bytes) = self.entries.get_mut(place as usize..).and_then(<[u8]>::first_chunk_mut) {
                *bytes = relative.to_le_bytes();
            }
            return true;
        }
        let (Ok(place), Ok(length)) = (u32::try_from(self.entries.len()), u32::try_from(key.len())) else {
            return false;
        };
        self.base.get_or_insert(offset);
        let needed =
            self.entries.len().saturating_add(key.len()).saturating_add(OFFSET_BYTES + 1 + LENGTH_BYTES);
        if needed > self.entries.capacity() {
            self.entries.reserve_exact(grown(needed).saturating_sub(self.entries.len()));
        }
        self.entries.extend_from_slice(&relative.to_le_bytes());
        match u8::try_from(length) {
            Ok(short) if short < LONG => self.entries.push(short),
            _ => {
                self.entries.push(LONG);
                self.entries.extend_from_slice(&length.to_le_bytes());
            }
        }
        self.entries.extend_from_slice(key);
        if self.places.len() == self.places.capacity() {
            self.enlarge();
        } else {
            self.places.insert_unique(hash, place, |_| 0);
        }
        true
    }

    /// The last offset of a key.
    pub(super) fn last_offset(&self, key: &[u8]) -> Option<i64> {
        let place = self.find(key, self.hasher.hash_one(key))?;
        let entry = entry(&self.entries, place as usize)?;
        Some(self.base?.saturating_add(i64::from(entry.offset)))
    }

    fn find(&self, key: &[u8], hash: u64) -> Option<u32> {
        let is_it = |place: &u32| entry(&self.entries, *place as usize).is_some_and(|entry| entry.key == key);
        self.places.find(hash, is_it).copied()
    }

    /// Makes the table anew, twice as large, from the entries: so both need not be there at a time.
    fn enlarge(&mut self) {
        let more = self.places.capacity().saturating_add(1).max(FEW);
        self.places = HashTable::new();
        self.places = HashTable::with_capacity(more);
        let mut place = 0;
        while let Some(entry) = entry(&self.entries, place) {
            let hash = self.hasher.hash_one(entry.key);
            // There is room for all; nothing is ever hashed again.
            self.places.insert_unique(hash, u32::try_from(place).unwrap_or(u32::MAX), |_| 0);
            place = entry.end;
        }
    }

    /// Offsets that lie further apart than this can tell belong to the next run.
    fn relative(&self, offset: i64) -> Option<u32> {
        u32::try_from(offset.saturating_sub(self.base.unwrap_or(offset))).ok()
    }
}

/// The room taken when so many bytes are needed.
fn grown(needed: usize) -> usize {
    needed.saturating_add((needed / 8).max(STEP))
}

fn entry(entries: &[u8], place: usize) -> Option<Entry<'_>> {
    let (offset, rest) = entries.get(place..)?.split_first_chunk::<OFFSET_BYTES>()?;
    let (short, mut rest) = rest.split_first()?;
    let (mut length, mut head) = (usize::from(*short), OFFSET_BYTES + 1);
    if *short == LONG {
        let (long, behind) = rest.split_first_chunk::<LENGTH_BYTES>()?;
        length = u32::from_le_bytes(*long) as usize;
        rest = behind;
        head += LENGTH_BYTES;
    }
    let end = place.checked_add(head)?.checked_add(length)?;
    Some(Entry { offset: u32::from_le_bytes(*offset), key: rest.get(..length)?, end })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::KeyMap;

    /// Few enough that most come again, of all lengths at which something changes.
    fn key(number: u64) -> Vec<u8> {
        let length = [0, 1, 8, 16, 254, 255, 256, 3000][(number % 8) as usize];
        let mut key = number.to_le_bytes().repeat(375);
        key.truncate(length);
        key
    }

    #[test]
    fn what_is_told_is_what_was_noted() {
        let (mut keys, mut model) = (KeyMap::new(usize::MAX), HashMap::new());
        let mut number = 1_u64;
        for offset in 7_000_000_000..7_000_020_000 {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let key = key((number >> 33) % 5000);
            assert!(keys.note(&key, offset));
            model.insert(key, offset);
        }
        assert!((0..6000).all(|number| keys.last_offset(&key(number)) == model.get(&key(number)).copied()));
        assert!(!keys.has_room_for(b"far", 7_000_000_000 + (1 << 32)) && keys.last_offset(b"far").is_none());
        assert!(!keys.note(b"far", 7_000_000_000 + (1 << 32)));
    }

    #[test]
    fn the_limit_holds_and_is_made_use_of() {
        for limit in [1 << 20, 3 << 20, 5 << 20] {
            let mut keys = KeyMap::new(limit);
            let mut count = 0;
            while keys.has_room_for(format!("key-{count:012}").as_bytes(), count) {
                assert!(keys.note(format!("key-{count:012}").as_bytes(), count));
                assert!(keys.memory() <= limit, "{} of {limit}", keys.memory());
                count += 1;
            }
            let each = limit as f64 / count as f64;
            assert!(each < 40.0, "{each} bytes for a key of 16");
            assert_eq!(keys.last_offset(b"key-000000000007"), Some(7));
        }
    }
}
