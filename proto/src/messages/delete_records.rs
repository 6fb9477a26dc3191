//! DeleteRecords (key 21), versions 0-2: deletion from the start of partitions (KIP-107).
//!
//! 2 flexible.

use crate::wire::{Text, message};

message! {
    /// Deletes records from the start of partitions.
    pub struct Request(0..=2, flexible 2..) {
        /// The topics.
        topics: Vec<DeleteRecordsTopic>,
        /// How long the broker may take, in milliseconds.
        timeout_ms: i32,
    }

    /// A topic to delete from.
    pub struct DeleteRecordsTopic {
        /// Name of the topic.
        name: Text,
        /// The partitions.
        partitions: Vec<DeleteRecordsPartition>,
    }

    /// A partition to delete from.
    pub struct DeleteRecordsPartition {
        /// Index of the partition in its topic.
        partition_index: i32,
        /// First offset to keep; -1 for the high watermark.
        offset: i64,
    }
}

message! {
    /// How each partition fared.
    pub struct Response(0..=2, flexible 2..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32,
        /// The topics.
        topics: Vec<DeleteRecordsTopicResult>,
    }

    /// How one topic fared.
    pub struct DeleteRecordsTopicResult {
        /// Name of the topic.
        name: Text,
        /// The partitions.
        partitions: Vec<DeleteRecordsPartitionResult>,
    }

    /// How one partition fared.
    pub struct DeleteRecordsPartitionResult {
        /// Index of the partition in its topic.
        partition_index: i32,
        /// First offset that is left; -1 on an error.
        low_watermark: i64,
        /// Error code, 0 for none.
        error_code: i16,
    }
}
