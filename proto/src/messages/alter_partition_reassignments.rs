//! AlterPartitionReassignments (key 45), versions 0-1: partitions are to have other replicas (KIP-455).
//!
//! 1 whether the number of replicas may change (KIP-860). Flexible from the first.

use crate::wire::{Text, message};

message! {
    /// Moves partitions to other brokers, or stops moves that are under way.
    pub struct Request(0..=1, flexible 0..) {
        /// How long the broker may take, in milliseconds.
        timeout_ms: i32 = 60000,
        /// Whether the number of replicas may change.
        allow_replication_factor_change: bool [1..] = true,
        /// The topics.
        topics: Vec<ReassignableTopic>,
    }

    /// A topic and its partitions to move.
    pub struct ReassignableTopic {
        /// Name of the topic.
        name: Text,
        /// The partitions.
        partitions: Vec<ReassignablePartition>,
    }

    /// A partition to move.
    pub struct ReassignablePartition {
        /// Number of the partition.
        partition_index: i32,
        /// Brokers that shall hold the replicas; null to stop the move that is under way.
        replicas: Option<Vec<i32>>,
    }
}

message! {
    /// How each partition fared.
    pub struct Response(0..=1, flexible 0..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32,
        /// Whether the number of replicas may change.
        allow_replication_factor_change: bool [1..] = true,
        /// Error code of the whole request, 0 for none.
        error_code: i16,
        /// What went wrong, for a person; null where nothing did.
        error_message: Option<Text>,
        /// The topics.
        responses: Vec<ReassignableTopicResponse>,
    }

    /// How the partitions of one topic fared.
    pub struct ReassignableTopicResponse {
        /// Name of the topic.
        name: Text,
        /// The partitions.
        partitions: Vec<ReassignablePartitionResponse>,
    }

    /// How one partition fared.
    pub struct ReassignablePartitionResponse {
        /// Number of the partition.
        partition_index: i32,
        /// Error code, 0 for none.
        error_code: i16,
        /// What went wrong, for a person; null where nothing did.
        error_message: Option<Text>,
    }
}
