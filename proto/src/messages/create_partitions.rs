//! `CreatePartitions` (key 37), versions 0-3.

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(0..=3, flexible 2..) {
        /// Topics.
        topics: Vec<CreatePartitionsTopic>,
        /// Timeout ms.
        timeout_ms: i32,
        /// Validate only.
        validate_only: bool,
    }

    /// CreatePartitionsTopic.
    pub struct CreatePartitionsTopic {
        /// Name.
        name: Text,
        /// Count.
        count: i32,
        /// Assignments.
        assignments: Option<Vec<CreatePartitionsAssignment>> = Some(Vec::new()),
    }

    /// CreatePartitionsAssignment.
    pub struct CreatePartitionsAssignment {
        /// Broker ids.
        broker_ids: Vec<i32>,
    }
}

message! {
    /// Response.
    pub struct Response(0..=3, flexible 2..) {
        /// Throttle time ms.
        throttle_time_ms: i32,
        /// Results.
        results: Vec<CreatePartitionsTopicResult>,
    }

    /// CreatePartitionsTopicResult.
    pub struct CreatePartitionsTopicResult {
        /// Name.
        name: Text,
        /// Error code.
        error_code: i16,
        /// Error message.
        error_message: Option<Text>,
    }
}
