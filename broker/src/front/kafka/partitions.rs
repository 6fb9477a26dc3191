//! A map that keeps an order: things are found by key, walked in the order they were put, and can be moved to the end.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// Values by key, in an order of their own.
#[derive(Debug)]
pub(super) struct PartitionMap<K, V> {
    places: HashMap<K, u64>,
    values: BTreeMap<u64, V>,
    next: u64,
}

impl<K, V> Default for PartitionMap<K, V> {
    fn default() -> Self {
        Self { places: HashMap::new(), values: BTreeMap::new(), next: 0 }
    }
}

impl<K: Hash + Eq, V> PartitionMap<K, V> {
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.values.get_mut(self.places.get(key)?)
    }

    /// Puts a value at the end, in place of the one under this key.
    pub(super) fn push(&mut self, key: K, value: V) {
        self.remove(&key);
        self.places.insert(key, self.next);
        self.values.insert(self.next, value);
        self.next += 1;
    }

    pub(super) fn remove(&mut self, key: &K) {
        if let Some(place) = self.places.remove(key) {
            self.values.remove(&place);
        }
    }

    pub(super) fn move_to_end(&mut self, key: &K) {
        let Some(place) = self.places.get_mut(key) else { return };
        if let Some(value) = self.values.remove(place) {
            *place = self.next;
            self.values.insert(self.next, value);
            self.next += 1;
        }
    }

    /// Puts a value at the end, or in place of the one under this key, where that stands.
    pub(super) fn put(&mut self, key: K, value: V) {
        match self.get_mut(&key) {
            Some(before) => *before = value,
            None => self.push(key, value),
        }
    }

    /// The values in their order.
    pub(super) fn into_values(self) -> impl Iterator<Item = V> {
        self.values.into_values()
    }

    /// The values in their order.
    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        self.values.values()
    }
}
