//! What stands at each offset, whoever says so: the acknowledgement of the producer and every reader must agree, for all time.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

use crate::harness::records::Seen;

/// A record to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub partition: i32,
    pub key: Vec<u8>,
    /// `None` is a tombstone.
    pub value: Option<Vec<u8>>,
}

/// Partition and offset.
pub type Place = (i32, i64);

struct Entry {
    change: Change,
    acknowledged: Option<Instant>,
}

/// All that is known of a topic.
#[derive(Default)]
pub struct Ledger(Mutex<BTreeMap<Place, Entry>>);

/// The newest record of a key.
pub struct Last {
    pub place: Place,
    pub change: Change,
    pub acknowledged: Option<Instant>,
}

impl Ledger {
    /// A reader has got a record.
    pub fn seen(&self, who: &str, record: Seen) {
        let Seen { partition, offset, key, value } = record;
        let key = key.unwrap_or_else(|| panic!("{who}: no key at {partition}:{offset}"));
        self.note(who, offset, &Change { partition, key, value }, None);
    }

    /// A producer has been told where its record stands.
    pub fn acknowledged(&self, who: &str, offset: i64, change: &Change) {
        self.note(who, offset, change, Some(Instant::now()));
    }

    fn note(&self, who: &str, offset: i64, change: &Change, acknowledged: Option<Instant>) {
        let mut entries = self.entries();
        let place = (change.partition, offset);
        let entry =
            entries.entry(place).or_insert_with(|| Entry { change: change.clone(), acknowledged: None });
        assert!(
            entry.change == *change,
            "{who}: at {place:?} stands {}, which was {}",
            text(change),
            text(&entry.change)
        );
        if acknowledged.is_some() {
            assert!(entry.acknowledged.is_none(), "{who}: two records were promised the place {place:?}");
            entry.acknowledged = acknowledged;
        }
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<Place, Entry>> {
        self.0.lock().expect("no reader has found a difference")
    }

    /// Number of records known.
    pub fn len(&self) -> usize {
        self.entries().len()
    }

    /// Where records were seen that no producer was told of: written twice, or by nobody.
    pub fn unacknowledged(&self) -> Vec<Place> {
        let entries = self.entries();
        entries.iter().filter(|(_, entry)| entry.acknowledged.is_none()).map(|(place, _)| *place).collect()
    }

    /// The newest record of each key of each partition.
    pub fn last(&self) -> HashMap<(i32, Vec<u8>), Last> {
        let entries = self.entries();
        let last = entries.iter().map(|(place, entry)| {
            let (change, acknowledged) = (entry.change.clone(), entry.acknowledged);
            ((change.partition, change.key.clone()), Last { place: *place, change, acknowledged })
        });
        last.collect()
    }

    /// Where what is left stands when all compaction is done and no tombstone is kept any more.
    pub fn left(&self) -> Vec<Place> {
        let last = self.last();
        let mut left: Vec<Place> =
            last.values().filter(|last| last.change.value.is_some()).map(|last| last.place).collect();
        left.sort_unstable();
        left
    }

    /// Fails unless whoever has been at these places knows every key that is left as it is now.
    pub fn assert_complete(&self, who: &str, places: &[Place]) {
        let places: BTreeSet<&Place> = places.iter().collect();
        let missing: Vec<Place> = self.left().into_iter().filter(|place| !places.contains(place)).collect();
        assert!(missing.is_empty(), "{who} has not seen {} newest records: {missing:?}", missing.len());
    }
}

fn text(change: &Change) -> String {
    let value = change.value.as_deref().map_or("no value".to_owned(), |value| {
        String::from_utf8_lossy(value).chars().take(80).collect::<String>()
    });
    format!("{}: {value:?}", String::from_utf8_lossy(&change.key))
}
