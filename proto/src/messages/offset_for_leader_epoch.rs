//! `OffsetForLeaderEpoch` (key 23), versions 2-4.

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(2..=4, flexible 4..) {
        /// Replica id.
        replica_id: i32 [3..] = -2,
        /// Topics.
        topics: Vec<OffsetForLeaderTopic>,
    }

    /// OffsetForLeaderTopic.
    pub struct OffsetForLeaderTopic {
        /// Topic.
        topic: Text,
        /// Partitions.
        partitions: Vec<OffsetForLeaderPartition>,
    }

    /// OffsetForLeaderPartition.
    pub struct OffsetForLeaderPartition {
        /// Partition.
        partition: i32,
        /// Current leader epoch.
        current_leader_epoch: i32 = -1,
        /// Leader epoch.
        leader_epoch: i32,
    }
}

message! {
    /// Response.
    pub struct Response(2..=4, flexible 4..) {
        /// Throttle time ms.
        throttle_time_ms: i32,
        /// Topics.
        topics: Vec<OffsetForLeaderTopicResult>,
    }

    /// OffsetForLeaderTopicResult.
    pub struct OffsetForLeaderTopicResult {
        /// Topic.
        topic: Text,
        /// Partitions.
        partitions: Vec<EpochEndOffset>,
    }

    /// EpochEndOffset.
    pub struct EpochEndOffset {
        /// Error code.
        error_code: i16,
        /// Partition.
        partition: i32,
        /// Leader epoch.
        leader_epoch: i32 = -1,
        /// End offset.
        end_offset: i64 = -1,
    }
}
