//! The values that go in and out of a partition.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

/// The name of a partition.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TopicPartition {
    /// The topic's name.
    pub topic: Arc<str>,
    /// The partition's number, from 0.
    pub partition: i32,
}

impl TopicPartition {
    /// The partition of that number in that topic.
    pub fn new(topic: impl Into<Arc<str>>, partition: i32) -> TopicPartition {
        TopicPartition { topic: topic.into(), partition }
    }
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.topic, self.partition)
    }
}

/// Who appends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A producer: everything is checked, control batches are refused.
    Client,
    /// A coordinator of the broker itself: control batches are allowed.
    Internal,
}

/// What a reader may see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Isolation {
    /// Everything below the high watermark.
    #[default]
    ReadUncommitted,
    /// Everything below the last stable offset, with the aborted transactions named.
    ReadCommitted,
}

/// An append that was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The offset of the first record.
    pub base_offset: i64,
    /// The offset of the last record. The append is durable once the high watermark is above it.
    pub last_offset: i64,
    /// The time that the broker stamped, in ms, for LogAppendTime; the timestamp of the batch for a duplicate, as Kafka
    /// answers; otherwise -1.
    pub log_append_time_ms: i64,
    /// The first offset of the log.
    pub log_start_offset: i64,
    /// The batch had been appended before (an idempotent producer's retry): the offsets are those of then.
    pub duplicate: bool,
    /// Bytes stored; 0 for a duplicate.
    pub bytes: usize,
}

/// Where a partition begins and ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offsets {
    /// The first offset that can be read.
    pub log_start: i64,
    /// The first offset that cannot be read yet: everything below is durable.
    pub high_watermark: i64,
    /// The first offset of the earliest transaction that is open or whose marker is not below the high watermark; without
    /// one the high watermark.
    pub last_stable: i64,
    /// The offset of the next record.
    pub log_end: i64,
}

/// A transaction that ended in an abort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbortedTransaction {
    /// Whose.
    pub producer_id: i64,
    /// The offset of its first record.
    pub first_offset: i64,
}

/// What a read gives.
#[derive(Clone, Debug, Default)]
pub struct Fetched {
    /// Whole batches, in order; the first may begin before the offset that was asked for.
    pub slices: Vec<Bytes>,
    /// Their length in all, in bytes.
    pub bytes: usize,
    /// The partition's offsets at the time of the read.
    pub offsets: Offsets,
    /// For [`Isolation::ReadCommitted`]: the aborted transactions that overlap what was read.
    pub aborted: Vec<AbortedTransaction>,
}

/// What a partition remembers of one idempotent or transactional producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProducerState {
    /// The producer.
    pub producer_id: i64,
    /// Its epoch.
    pub producer_epoch: i16,
    /// The sequence number of its last record; -1 when it has written none in this epoch.
    pub last_sequence: i32,
    /// The largest timestamp of its last batch, in ms.
    pub last_timestamp: i64,
    /// The epoch of the coordinator that wrote its last transaction marker; -1 when there was none.
    pub coordinator_epoch: i32,
    /// Where its open transaction begins; -1 when none is open.
    pub current_transaction_start: i64,
}
