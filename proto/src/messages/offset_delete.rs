//! `OffsetDelete` (key 47), versions 0-0.

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(0..=0) {
        /// Group id.
        group_id: Text,
        /// Topics.
        topics: Vec<OffsetDeleteRequestTopic>,
    }

    /// OffsetDeleteRequestTopic.
    pub struct OffsetDeleteRequestTopic {
        /// Name.
        name: Text,
        /// Partitions.
        partitions: Vec<OffsetDeleteRequestPartition>,
    }

    /// OffsetDeleteRequestPartition.
    pub struct OffsetDeleteRequestPartition {
        /// Partition index.
        partition_index: i32,
    }
}

message! {
    /// Response.
    pub struct Response(0..=0) {
        /// Error code.
        error_code: i16,
        /// Throttle time ms.
        throttle_time_ms: i32,
        /// Topics.
        topics: Vec<OffsetDeleteResponseTopic>,
    }

    /// OffsetDeleteResponseTopic.
    pub struct OffsetDeleteResponseTopic {
        /// Name.
        name: Text,
        /// Partitions.
        partitions: Vec<OffsetDeleteResponsePartition>,
    }

    /// OffsetDeleteResponsePartition.
    pub struct OffsetDeleteResponsePartition {
        /// Partition index.
        partition_index: i32,
        /// Error code.
        error_code: i16,
    }
}
