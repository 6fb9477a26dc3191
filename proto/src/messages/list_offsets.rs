//! `ListOffsets` (key 2), versions 1-11.

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(1..=11, flexible 6..) {
        /// Replica id.
        replica_id: i32,
        /// Isolation level.
        isolation_level: i8 [2..],
        /// Topics.
        topics: Vec<ListOffsetsTopic>,
        /// Timeout ms.
        timeout_ms: i32 [10..],
    }

    /// ListOffsetsTopic.
    pub struct ListOffsetsTopic {
        /// Name.
        name: Text,
        /// Partitions.
        partitions: Vec<ListOffsetsPartition>,
    }

    /// ListOffsetsPartition.
    pub struct ListOffsetsPartition {
        /// Partition index.
        partition_index: i32,
        /// Current leader epoch.
        current_leader_epoch: i32 [4..] = -1,
        /// Timestamp.
        timestamp: i64,
    }
}

message! {
    /// Response.
    pub struct Response(1..=11, flexible 6..) {
        /// Throttle time ms.
        throttle_time_ms: i32 [2..],
        /// Topics.
        topics: Vec<ListOffsetsTopicResponse>,
    }

    /// ListOffsetsTopicResponse.
    pub struct ListOffsetsTopicResponse {
        /// Name.
        name: Text,
        /// Partitions.
        partitions: Vec<ListOffsetsPartitionResponse>,
    }

    /// ListOffsetsPartitionResponse.
    pub struct ListOffsetsPartitionResponse {
        /// Partition index.
        partition_index: i32,
        /// Error code.
        error_code: i16,
        /// Timestamp.
        timestamp: i64 = -1,
        /// Offset.
        offset: i64 = -1,
        /// Leader epoch.
        leader_epoch: i32 [4..] = -1,
    }
}
