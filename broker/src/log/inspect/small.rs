//! Names and fields of what the small files say, for people.

use std::path::Path;

use super::InspectError;
use crate::log::{aborted, checkpoint, index, marks, names, producers, snapshot};

/// Names and values of one entry of a file.
pub type Fields = Vec<(&'static str, String)>;

pub(super) fn read(path: &Path) -> Result<Vec<u8>, InspectError> {
    std::fs::read(path).map_err(InspectError::io(path))
}

pub(super) fn damaged(path: &Path) -> impl FnOnce() -> InspectError + use<> {
    let path = path.to_path_buf();
    move || InspectError::Damaged(path)
}

pub(super) fn offsets(path: &Path, base_offset: i64) -> Result<Vec<Fields>, InspectError> {
    let entries = index::decode_offsets(&read(path)?).ok_or_else(damaged(path))?;
    let fields = |entry: &index::OffsetEntry| {
        let offset = base_offset.saturating_add(i64::from(entry.relative));
        vec![("offset", offset.to_string()), ("position", entry.position.to_string())]
    };
    // Reserved entries hold zeros; only the first may be one in earnest.
    let used = |(place, entry): &(usize, &index::OffsetEntry)| *place == 0 || entry.position > 0;
    Ok(entries.iter().enumerate().filter(used).map(|(_, entry)| fields(entry)).collect())
}

pub(super) fn times(path: &Path, base_offset: i64) -> Result<Vec<Fields>, InspectError> {
    let entries = index::decode_times(&read(path)?).ok_or_else(damaged(path))?;
    let fields = |entry: &index::TimeEntry| {
        let offset = base_offset.saturating_add(i64::from(entry.relative));
        vec![("timestamp", entry.timestamp.to_string()), ("offset", offset.to_string())]
    };
    let used = |(place, entry): &(usize, &index::TimeEntry)| *place == 0 || entry.timestamp > 0;
    Ok(entries.iter().enumerate().filter(used).map(|(_, entry)| fields(entry)).collect())
}

pub(super) fn aborted(path: &Path) -> Result<Vec<Fields>, InspectError> {
    let entries = aborted::decode(&read(path)?).ok_or_else(damaged(path))?;
    let fields = |entry: &aborted::AbortedEntry| {
        vec![
            ("producer_id", entry.producer_id.to_string()),
            ("first_offset", entry.first_offset.to_string()),
            ("last_offset", entry.last_offset.to_string()),
            ("last_stable_offset", entry.last_stable.to_string()),
        ]
    };
    Ok(entries.iter().map(fields).collect())
}

pub(super) fn producers(path: &Path) -> Result<Vec<Fields>, InspectError> {
    let producers = snapshot::decode(&read(path)?).ok_or_else(damaged(path))?;
    let fields = |(id, producer): (i64, &producers::Producer)| {
        let last_offset = producer.batches.back().map_or(-1, |batch| batch.last_offset);
        vec![
            ("producer_id", id.to_string()),
            ("epoch", producer.epoch.to_string()),
            ("last_sequence", producer.last_sequence().to_string()),
            ("last_offset", last_offset.to_string()),
            ("last_timestamp", producer.last_timestamp.to_string()),
            ("coordinator_epoch", producer.coordinator_epoch.to_string()),
            ("transaction_start", producer.transaction_start.unwrap_or(-1).to_string()),
        ]
    };
    let mut all: Vec<(i64, &producers::Producer)> = producers.iter().collect();
    all.sort_by_key(|(id, _)| *id);
    Ok(all.into_iter().map(fields).collect())
}

pub(super) fn epochs(path: &Path) -> Result<Vec<Fields>, InspectError> {
    let entries = checkpoint::decode_epochs(&read(path)?).ok_or_else(damaged(path))?;
    let fields = |(epoch, offset): &(i32, i64)| {
        vec![("epoch", epoch.to_string()), ("start_offset", offset.to_string())]
    };
    Ok(entries.iter().map(fields).collect())
}

pub(super) fn checkpoint(path: &Path) -> Result<Vec<Fields>, InspectError> {
    let entries = checkpoint::decode_offsets(&read(path)?).ok_or_else(damaged(path))?;
    let fields = |(id, offset): &(crate::log::TopicPartition, i64)| {
        vec![
            ("topic", id.topic.to_string()),
            ("partition", id.partition.to_string()),
            ("offset", offset.to_string()),
        ]
    };
    Ok(entries.iter().map(fields).collect())
}

pub(super) fn durable_marks(path: &Path) -> Result<Vec<Fields>, InspectError> {
    let bytes = read(path)?;
    let fields = |slot: &[u8]| {
        let ((topic_id, partition), mark) = marks::decode(slot)?;
        Some(vec![
            ("topic_id", checkpoint::encode_uuid(topic_id)),
            ("partition", partition.to_string()),
            ("durable_end", mark.durable_end.to_string()),
            ("segment", mark.segment.to_string()),
            ("position", mark.position.to_string()),
        ])
    };
    Ok(bytes.chunks(marks::SLOT).filter_map(fields).collect())
}

/// `key=value` or `key: value`, line by line.
pub(super) fn properties(path: &Path) -> Result<Vec<Fields>, InspectError> {
    let text = String::from_utf8(read(path)?).map_err(|_| InspectError::Damaged(path.to_path_buf()))?;
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let pairs = lines.filter_map(|line| line.split_once(['=', ':']));
    let fields =
        |(key, value): (&str, &str)| vec![("key", key.trim().to_owned()), ("value", value.trim().to_owned())];
    Ok(pairs.map(fields).collect())
}

/// Which offsets checkpoint, if any, has this name.
pub(super) fn is_checkpoint(name: &str) -> bool {
    [names::RECOVERY_POINTS, names::LOG_STARTS, names::HIGH_WATERMARKS].contains(&name)
}
