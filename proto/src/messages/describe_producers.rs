//! DescribeProducers (key 61), version 0: which producers partitions remember (KIP-664).
//!
//! Flexible from the first.

use crate::wire::{Text, message};

message! {
    /// Asks which producers partitions remember.
    pub struct Request(0..=0, flexible 0..) {
        /// The topics.
        topics: Vec<TopicRequest>,
    }

    /// Partitions of one topic.
    pub struct TopicRequest {
        /// Name of the topic.
        name: Text,
        /// Indexes of the partitions in their topic.
        partition_indexes: Vec<i32>,
    }
}

message! {
    /// The producers.
    pub struct Response(0..=0, flexible 0..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32,
        /// The topics.
        topics: Vec<TopicResponse>,
    }

    /// Producers of one topic.
    pub struct TopicResponse {
        /// Name of the topic.
        name: Text,
        /// The partitions.
        partitions: Vec<PartitionResponse>,
    }

    /// Producers of one partition.
    pub struct PartitionResponse {
        /// Index of the partition in its topic.
        partition_index: i32,
        /// Error code, 0 for none.
        error_code: i16,
        /// What went wrong, for a person; null where nothing did.
        error_message: Option<Text>,
        /// Producers with state in the partition.
        active_producers: Vec<ProducerState>,
    }

    /// What a partition remembers of a producer.
    pub struct ProducerState {
        /// Id of the producer.
        producer_id: i64,
        /// Epoch of the producer.
        producer_epoch: i32,
        /// Last sequence number that the producer wrote; -1 where there is none.
        last_sequence: i32 = -1,
        /// Timestamp of the last batch of the producer, in milliseconds since 1970; -1 where there is
        /// none.
        last_timestamp: i64 = -1,
        /// Epoch of the coordinator that wrote the last transaction marker; -1 where there is none.
        coordinator_epoch: i32,
        /// First offset of the open transaction; -1 where none is open.
        current_txn_start_offset: i64 = -1,
    }
}
