//! Snapshots of the producers, in Kafka's format: `<offset>.snapshot` holds what was known below that offset.
//!
//! Kafka writes an entry a producer, with its last batch. We write one for each batch that is remembered, oldest first: a
//! producer that had several in flight when the broker died may send again any of them. Whoever reads the file and knows
//! nothing of this takes the last entry of a producer, which is Kafka's.

use std::path::Path;

use thalweg_proto::record::batch::NO_SEQUENCE;
use thalweg_proto::record::crc::crc32c;

use super::error::LogError;
use super::names::{self, FileKind};
use super::producers::{Producer, Producers, SeenBatch};
use crate::world::Disk;

const VERSION: i16 = 1;
/// Version, checksum, number of entries.
const HEAD: usize = 10;
/// Where the bytes begin that the checksum covers.
const COVERED_FROM: usize = 6;
const ENTRY: usize = 46;

/// Writes the snapshot of a segment's begin, not durably: a missing or damaged one is rebuilt from the log, as long as what
/// lies below is there.
pub(super) fn write(disk: &dyn Disk, dir: &Path, offset: i64, producers: &Producers) -> Result<(), LogError> {
    let path = names::segment_file(dir, offset, FileKind::Snapshot);
    disk.write(&path, &encode(producers)).map_err(LogError::io(&path))
}

/// Makes the snapshot of a segment's begin durable, if there is one: before that goes which it could be rebuilt from.
pub(super) fn sync(disk: &dyn Disk, dir: &Path, offset: i64) -> Result<(), LogError> {
    let path = names::segment_file(dir, offset, FileKind::Snapshot);
    if disk.exists(&path) { disk.sync_file(&path).map_err(LogError::io(&path)) } else { Ok(()) }
}

/// Reads a snapshot; `None` when it is missing or damaged.
pub(super) fn read(disk: &dyn Disk, dir: &Path, offset: i64) -> Result<Option<Producers>, LogError> {
    let path = names::segment_file(dir, offset, FileKind::Snapshot);
    Ok(disk.read(&path).map_err(LogError::io(&path))?.and_then(|bytes| decode(&bytes)))
}

fn encode(producers: &Producers) -> Vec<u8> {
    let mut all: Vec<(i64, &Producer)> = producers.iter().collect();
    all.sort_by_key(|(id, _)| *id);
    let (mut body, mut count) = (vec![0; 4], 0_u32);
    for (id, producer) in all {
        let before = producer.batches.len().saturating_sub(1);
        for batch in producer.batches.iter().take(before) {
            encode_entry(&mut body, id, producer.epoch, Some(batch), (batch.timestamp, -1, -1));
        }
        let start = producer.transaction_start.unwrap_or(-1);
        let rest = (producer.last_timestamp, producer.coordinator_epoch, start);
        encode_entry(&mut body, id, producer.epoch, producer.batches.back(), rest);
        count = count.saturating_add(u32::try_from(before).unwrap_or(u32::MAX)).saturating_add(1);
    }
    if let Some(head) = body.first_chunk_mut() {
        *head = count.to_be_bytes();
    }
    let mut bytes = VERSION.to_be_bytes().to_vec();
    bytes.extend_from_slice(&crc32c(&body).to_be_bytes());
    bytes.extend_from_slice(&body);
    bytes
}

/// `rest` is the timestamp, the coordinator's epoch and the first offset of the open transaction.
fn encode_entry(body: &mut Vec<u8>, id: i64, epoch: i16, batch: Option<&SeenBatch>, rest: (i64, i32, i64)) {
    let (timestamp, coordinator_epoch, transaction_start) = rest;
    body.extend_from_slice(&id.to_be_bytes());
    body.extend_from_slice(&epoch.to_be_bytes());
    body.extend_from_slice(&batch.map_or(NO_SEQUENCE, |batch| batch.last_sequence).to_be_bytes());
    body.extend_from_slice(&batch.map_or(-1, |batch| batch.last_offset).to_be_bytes());
    body.extend_from_slice(&batch.map_or(0, |batch| batch.offset_delta).to_be_bytes());
    body.extend_from_slice(&timestamp.to_be_bytes());
    body.extend_from_slice(&coordinator_epoch.to_be_bytes());
    body.extend_from_slice(&transaction_start.to_be_bytes());
}

/// Reads the bytes of a snapshot; `None` when they are damaged.
pub(super) fn decode(bytes: &[u8]) -> Option<Producers> {
    let version = i16::from_be_bytes(*bytes.first_chunk()?);
    let crc = u32::from_be_bytes(*bytes.get(2..)?.first_chunk()?);
    let count = u32::from_be_bytes(*bytes.get(COVERED_FROM..)?.first_chunk()?);
    let (entries, rest) = bytes.get(HEAD..)?.as_chunks::<ENTRY>();
    if version != VERSION
        || crc32c(bytes.get(COVERED_FROM..)?) != crc
        || entries.len() != count as usize
        || !rest.is_empty()
    {
        return None;
    }
    let mut producers = Producers::default();
    for entry in entries {
        let (id, producer) = decode_entry(entry)?;
        producers.restore(id, producer);
    }
    Some(producers)
}

fn decode_entry(entry: &[u8; ENTRY]) -> Option<(i64, Producer)> {
    let long = |at: usize| Some(i64::from_be_bytes(*entry.get(at..)?.first_chunk()?));
    let int = |at: usize| Some(i32::from_be_bytes(*entry.get(at..)?.first_chunk()?));
    let mut producer = Producer::new(i16::from_be_bytes(*entry.get(8..)?.first_chunk()?));
    let (last_sequence, last_offset, offset_delta) = (int(10)?, long(14)?, int(22)?);
    producer.last_timestamp = long(26)?;
    producer.coordinator_epoch = int(34)?;
    producer.transaction_start = Some(long(38)?).filter(|start| *start >= 0);
    if last_offset >= 0 {
        producer.batches.push_back(SeenBatch {
            first_sequence: first_sequence(last_sequence, offset_delta),
            last_sequence,
            last_offset,
            offset_delta,
            timestamp: producer.last_timestamp,
        });
    }
    Some((long(0)?, producer))
}

/// Sequence numbers wrap from the largest to 0.
fn first_sequence(last: i32, delta: i32) -> i32 {
    let first = i64::from(last) - i64::from(delta);
    let wrapped = if first < 0 { first + i64::from(i32::MAX) + 1 } else { first };
    i32::try_from(wrapped).unwrap_or_default()
}
