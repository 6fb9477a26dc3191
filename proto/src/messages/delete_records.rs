//! `DeleteRecords` (key 21), versions 0-2.

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(0..=2, flexible 2..) {
        /// Topics.
        topics: Vec<DeleteRecordsTopic>,
        /// Timeout ms.
        timeout_ms: i32,
    }

    /// DeleteRecordsTopic.
    pub struct DeleteRecordsTopic {
        /// Name.
        name: Text,
        /// Partitions.
        partitions: Vec<DeleteRecordsPartition>,
    }

    /// DeleteRecordsPartition.
    pub struct DeleteRecordsPartition {
        /// Partition index.
        partition_index: i32,
        /// Offset.
        offset: i64,
    }
}

message! {
    /// Response.
    pub struct Response(0..=2, flexible 2..) {
        /// Throttle time ms.
        throttle_time_ms: i32,
        /// Topics.
        topics: Vec<DeleteRecordsTopicResult>,
    }

    /// DeleteRecordsTopicResult.
    pub struct DeleteRecordsTopicResult {
        /// Name.
        name: Text,
        /// Partitions.
        partitions: Vec<DeleteRecordsPartitionResult>,
    }

    /// DeleteRecordsPartitionResult.
    pub struct DeleteRecordsPartitionResult {
        /// Partition index.
        partition_index: i32,
        /// Low watermark.
        low_watermark: i64,
        /// Error code.
        error_code: i16,
    }
}
