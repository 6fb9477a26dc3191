//! The durable marks: per partition, the offset below which everything was synced.
//!
//! Kafka's formats have no place for it, and it decides what a broken batch means after a crash: at or above the mark
//! a torn tail, which is cut; below it damage, which is reported and never cut. A mark is written after the sync it
//! tells of and is not synced itself: what is found may be old, never ahead of the truth.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;
use uuid::Uuid;

use super::error::LogError;
use crate::world::disk::{Disk, Table};

/// Bytes of a slot: it divides a disk's sector, so that a torn write cannot mix two versions of one.
pub(super) const SLOT: usize = 64;
/// Its bytes before the checksum.
const BODY: usize = 56;
const MAGIC: [u8; 4] = *b"TWM1";

/// What a slot says of its partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// Everything below was synced.
    pub(super) durable_end: i64,
    /// The base offset of the newest segment then.
    pub(super) segment: i64,
    /// Where in it the durable part ended, in bytes.
    pub(super) position: u64,
}

type Key = (Uuid, i32);

/// The file of marks of a data directory.
pub(super) struct Marks {
    table: Arc<dyn Table>,
    slots: Mutex<Slots>,
}

#[derive(Default)]
struct Slots {
    used: HashMap<Key, (usize, Mark)>,
    free: Vec<usize>,
    count: usize,
}

impl Marks {
    /// Reads the file, or starts one.
    pub(super) fn open(disk: &dyn Disk, path: &Path) -> Result<Marks, LogError> {
        let table = disk.table(path).map_err(LogError::io(path))?;
        let bytes = table.read().map_err(LogError::io(path))?;
        let mut slots = Slots::default();
        for (place, slot) in bytes.chunks(SLOT).enumerate() {
            slots.count = place.saturating_add(1);
            match decode(slot) {
                Some((key, mark)) => drop(slots.used.insert(key, (place, mark))),
                None => slots.free.push(place),
            }
        }
        Ok(Marks { table, slots: Mutex::new(slots) })
    }

    /// The mark of a partition.
    pub(super) fn get(&self, topic_id: Uuid, partition: i32) -> Option<Mark> {
        self.slots.lock().used.get(&(topic_id, partition)).map(|(_, mark)| *mark)
    }

    /// Sets the mark of a partition.
    pub(super) fn set(&self, topic_id: Uuid, partition: i32, mark: Mark) -> std::io::Result<()> {
        let key = (topic_id, partition);
        let place = {
            let mut slots = self.slots.lock();
            let known = slots.used.get(&key).map(|(place, _)| *place).or_else(|| slots.free.pop());
            let place = known.unwrap_or(slots.count);
            slots.count = slots.count.max(place.saturating_add(1));
            slots.used.insert(key, (place, mark));
            place
        };
        self.table.write_at((place * SLOT) as u64, &encode(key, mark))
    }

    /// Forgets a partition.
    pub(super) fn remove(&self, topic_id: Uuid, partition: i32) -> std::io::Result<()> {
        let mut slots = self.slots.lock();
        let Some((place, _)) = slots.used.remove(&(topic_id, partition)) else { return Ok(()) };
        slots.free.push(place);
        self.table.write_at((place * SLOT) as u64, &[0; SLOT])
    }

    /// Makes the marks themselves durable.
    pub(super) fn sync(&self) -> std::io::Result<()> {
        self.table.sync()
    }
}

fn encode((topic_id, partition): Key, mark: Mark) -> [u8; SLOT] {
    let mut body = Vec::with_capacity(SLOT);
    body.extend_from_slice(&MAGIC);
    body.extend_from_slice(&partition.to_be_bytes());
    body.extend_from_slice(topic_id.as_bytes());
    body.extend_from_slice(&mark.durable_end.to_be_bytes());
    body.extend_from_slice(&mark.segment.to_be_bytes());
    body.extend_from_slice(&mark.position.to_be_bytes());
    body.resize(BODY, 0);
    let crc = crc32fast::hash(&body);
    body.extend_from_slice(&crc.to_be_bytes());
    body.resize(SLOT, 0);
    body.try_into().unwrap_or([0; SLOT])
}

pub(super) fn decode(slot: &[u8]) -> Option<(Key, Mark)> {
    let field = |at: usize| slot.get(at..)?.first_chunk::<8>().copied();
    let crc = u32::from_be_bytes(*slot.get(BODY..)?.first_chunk()?);
    if !slot.starts_with(&MAGIC) || crc32fast::hash(slot.get(..BODY)?) != crc {
        return None;
    }
    let partition = i32::from_be_bytes(*slot.get(4..)?.first_chunk()?);
    let topic_id = Uuid::from_bytes(*slot.get(8..)?.first_chunk()?);
    let mark = Mark {
        durable_end: i64::from_be_bytes(field(24)?),
        segment: i64::from_be_bytes(field(32)?),
        position: u64::from_be_bytes(field(40)?),
    };
    Some(((topic_id, partition), mark))
}
