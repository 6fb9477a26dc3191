//! OffsetDelete (key 47), version 0: committed offsets to delete (KIP-496).
//!
//! Never flexible.

use crate::wire::{Text, message};

message! {
    /// Deletes committed offsets of a group.
    pub struct Request(0..=0) {
        /// The group.
        group_id: Text,
        /// The topics.
        topics: Vec<OffsetDeleteRequestTopic>,
    }

    /// Partitions of one topic.
    pub struct OffsetDeleteRequestTopic {
        /// Name of the topic.
        name: Text,
        /// The partitions.
        partitions: Vec<OffsetDeleteRequestPartition>,
    }

    /// A partition.
    pub struct OffsetDeleteRequestPartition {
        /// Index of the partition in its topic.
        partition_index: i32,
    }
}

message! {
    /// How each partition fared.
    pub struct Response(0..=0) {
        /// Error code, 0 for none.
        error_code: i16,
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32,
        /// The topics.
        topics: Vec<OffsetDeleteResponseTopic>,
    }

    /// How one topic fared.
    pub struct OffsetDeleteResponseTopic {
        /// Name of the topic.
        name: Text,
        /// The partitions.
        partitions: Vec<OffsetDeleteResponsePartition>,
    }

    /// How one partition fared.
    pub struct OffsetDeleteResponsePartition {
        /// Index of the partition in its topic.
        partition_index: i32,
        /// Error code, 0 for none.
        error_code: i16,
    }
}
