//! ListPartitionReassignments (key 46), version 0: the moves of partitions that are under way (KIP-455). Flexible.

use crate::wire::{Text, message};

message! {
    /// Asks for the moves that are under way.
    pub struct Request(0..=0, flexible 0..) {
        /// How long the broker may take, in milliseconds.
        timeout_ms: i32 = 60000,
        /// The topics; null for all.
        topics: Option<Vec<ListPartitionReassignmentsTopics>>,
    }

    /// A topic and its partitions.
    pub struct ListPartitionReassignmentsTopics {
        /// Name of the topic.
        name: Text,
        /// The partitions.
        partition_indexes: Vec<i32>,
    }
}

message! {
    /// The moves that are under way.
    pub struct Response(0..=0, flexible 0..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32,
        /// Error code, 0 for none.
        error_code: i16,
        /// What went wrong, for a person; null where nothing did.
        error_message: Option<Text>,
        /// The topics.
        topics: Vec<OngoingTopicReassignment>,
    }

    /// A topic of which partitions move.
    pub struct OngoingTopicReassignment {
        /// Name of the topic.
        name: Text,
        /// The partitions.
        partitions: Vec<OngoingPartitionReassignment>,
    }

    /// A partition that moves.
    pub struct OngoingPartitionReassignment {
        /// Number of the partition.
        partition_index: i32,
        /// Brokers that hold replicas now.
        replicas: Vec<i32>,
        /// Brokers that are to hold replicas too.
        adding_replicas: Vec<i32>,
        /// Brokers that are to hold none any more.
        removing_replicas: Vec<i32>,
    }
}
