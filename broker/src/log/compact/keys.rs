//! Where each key was written last: exact, and bounded in memory.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

/// Bytes of a slot and of its share of the table, which is never more than seven eighths full and doubles when it grows.
const SLOT_BYTES: usize = 40;

/// One key: its place among all keys' bytes, and its last offset.
struct Slot {
    start: u32,
    length: u32,
    offset: i64,
}

/// The last offset of each key. Keys are kept whole, so that two of them are never taken for one.
pub(super) struct KeyMap {
    slots: HashTable<Slot>,
    bytes: Vec<u8>,
    hasher: RandomState,
    limit: usize,
}

impl KeyMap {
    /// An empty map that takes about `limit` bytes at most.
    pub(super) fn new(limit: usize) -> KeyMap {
        let limit = limit.min(u32::MAX as usize);
        KeyMap { slots: HashTable::new(), bytes: Vec::new(), hasher: RandomState::new(), limit }
    }

    /// Whether the limit is reached.
    pub(super) fn is_full(&self) -> bool {
        self.slots.len().saturating_mul(SLOT_BYTES).saturating_add(self.bytes.len()) >= self.limit
    }

    /// Takes note of a record; offsets must come in their order. False, and nothing noted, if there is no room at all.
    pub(super) fn note(&mut self, key: &[u8], offset: i64) -> bool {
        let KeyMap { slots, bytes, hasher, .. } = self;
        let hash = hasher.hash_one(key);
        if let Some(slot) = slots.find_mut(hash, |slot| key_of(bytes, slot) == Some(key)) {
            slot.offset = offset;
            return true;
        }
        let place = (u32::try_from(bytes.len()), u32::try_from(key.len()));
        let (Ok(start), Ok(length)) = place else { return false };
        bytes.extend_from_slice(key);
        slots.insert_unique(hash, Slot { start, length, offset }, |slot| {
            hasher.hash_one(key_of(bytes, slot).unwrap_or_default())
        });
        true
    }

    /// The last offset of a key.
    pub(super) fn last_offset(&self, key: &[u8]) -> Option<i64> {
        let hash = self.hasher.hash_one(key);
        self.slots.find(hash, |slot| key_of(&self.bytes, slot) == Some(key)).map(|slot| slot.offset)
    }
}

fn key_of<'a>(bytes: &'a [u8], slot: &Slot) -> Option<&'a [u8]> {
    let start = slot.start as usize;
    bytes.get(start..start.saturating_add(slot.length as usize))
}

#[cfg(test)]
mod tests {
    use super::KeyMap;

    #[test]
    fn keys_are_told_apart_and_counted() {
        let mut keys = KeyMap::new(10_000);
        let mut offset = 0;
        while !keys.is_full() {
            assert!(keys.note(format!("key-{}", offset % 300).as_bytes(), offset));
            offset += 1;
            if offset == 300 {
                break;
            }
        }
        assert!(keys.is_full(), "{offset}");
        assert_eq!(keys.last_offset(b"key-7"), Some(7));
        assert!(keys.note(b"key-7", 500));
        assert_eq!(keys.last_offset(b"key-7"), Some(500));
        assert_eq!(keys.last_offset(b"key"), None);
        assert!(keys.note(b"", 501));
        assert_eq!(keys.last_offset(b""), Some(501));
    }
}
