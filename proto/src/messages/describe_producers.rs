//! `DescribeProducers` (key 61), versions 0-0.

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(0..=0, flexible 0..) {
        /// Topics.
        topics: Vec<TopicRequest>,
    }

    /// TopicRequest.
    pub struct TopicRequest {
        /// Name.
        name: Text,
        /// Partition indexes.
        partition_indexes: Vec<i32>,
    }
}

message! {
    /// Response.
    pub struct Response(0..=0, flexible 0..) {
        /// Throttle time ms.
        throttle_time_ms: i32,
        /// Topics.
        topics: Vec<TopicResponse>,
    }

    /// TopicResponse.
    pub struct TopicResponse {
        /// Name.
        name: Text,
        /// Partitions.
        partitions: Vec<PartitionResponse>,
    }

    /// PartitionResponse.
    pub struct PartitionResponse {
        /// Partition index.
        partition_index: i32,
        /// Error code.
        error_code: i16,
        /// Error message.
        error_message: Option<Text>,
        /// Active producers.
        active_producers: Vec<ProducerState>,
    }

    /// ProducerState.
    pub struct ProducerState {
        /// Producer id.
        producer_id: i64,
        /// Producer epoch.
        producer_epoch: i32,
        /// Last sequence.
        last_sequence: i32 = -1,
        /// Last timestamp.
        last_timestamp: i64 = -1,
        /// Coordinator epoch.
        coordinator_epoch: i32,
        /// Current txn start offset.
        current_txn_start_offset: i64 = -1,
    }
}
