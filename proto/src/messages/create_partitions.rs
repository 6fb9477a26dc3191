//! CreatePartitions (key 37), versions 0-3: more partitions for topics.
//!
//! 2 flexible · 3 THROTTLING_QUOTA_EXCEEDED.

use crate::wire::{Text, message};

message! {
    /// Adds partitions to topics.
    pub struct Request(0..=3, flexible 2..) {
        /// The topics.
        topics: Vec<CreatePartitionsTopic>,
        /// How long the broker may take, in milliseconds.
        timeout_ms: i32,
        /// Whether only to check, and to change nothing.
        validate_only: bool,
    }

    /// A topic to enlarge.
    pub struct CreatePartitionsTopic {
        /// Name of the topic.
        name: Text,
        /// How many partitions the topic shall have, those it has included.
        count: i32,
        /// Replicas of each new partition; null to let the broker choose.
        assignments: Option<Vec<CreatePartitionsAssignment>> = Some(Vec::new()),
    }

    /// Replicas of one new partition.
    pub struct CreatePartitionsAssignment {
        /// Brokers that hold the replicas, the preferred leader first.
        broker_ids: Vec<i32>,
    }
}

message! {
    /// How each topic fared.
    pub struct Response(0..=3, flexible 2..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32,
        /// How each part of the request fared.
        results: Vec<CreatePartitionsTopicResult>,
    }

    /// How one topic fared.
    pub struct CreatePartitionsTopicResult {
        /// Name of the topic.
        name: Text,
        /// Error code, 0 for none.
        error_code: i16,
        /// What went wrong, for a person; null where nothing did.
        error_message: Option<Text>,
    }
}
