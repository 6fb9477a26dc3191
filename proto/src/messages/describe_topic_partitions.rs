//! DescribeTopicPartitions (key 75), version 0: topics and partitions, page by page (KIP-966).
//!
//! Flexible from the first.

use uuid::Uuid;

use crate::wire::{Text, message};

message! {
    /// Asks for topics and partitions, page by page.
    pub struct Request(0..=0, flexible 0..) {
        /// The topics.
        topics: Vec<TopicRequest>,
        /// Most partitions wanted in one response.
        response_partition_limit: i32 = 2000,
        /// Where to go on; null to begin.
        cursor: Option<Cursor>,
    }

    /// A topic wanted.
    pub struct TopicRequest {
        /// Name of the topic.
        name: Text,
    }

    /// A place in the listing of partitions.
    pub struct Cursor {
        /// Name of the topic.
        topic_name: Text,
        /// Index of the partition in its topic.
        partition_index: i32,
    }
}

message! {
    /// A page of topics and partitions.
    pub struct Response(0..=0, flexible 0..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32,
        /// The topics.
        topics: Vec<DescribeTopicPartitionsResponseTopic>,
        /// Where the next request goes on; null where nothing is left.
        next_cursor: Option<Cursor>,
    }

    /// A topic.
    pub struct DescribeTopicPartitionsResponseTopic {
        /// Error code, 0 for none.
        error_code: i16,
        /// Name of the topic.
        name: Option<Text> = Some(Text::EMPTY),
        /// Id of the topic (KIP-516).
        topic_id: Uuid,
        /// Whether the topic belongs to the broker itself.
        is_internal: bool,
        /// The partitions.
        partitions: Vec<DescribeTopicPartitionsResponsePartition>,
        /// Bit field of the operations that the client may do on the topic; `i32::MIN` where not asked
        /// for.
        topic_authorized_operations: i32 = i32::MIN,
    }

    /// A partition.
    pub struct DescribeTopicPartitionsResponsePartition {
        /// Error code, 0 for none.
        error_code: i16,
        /// Index of the partition in its topic.
        partition_index: i32,
        /// Broker that leads; -1 where there is none.
        leader_id: i32,
        /// Leader epoch; -1 where not known.
        leader_epoch: i32 = -1,
        /// Brokers that hold replicas.
        replica_nodes: Vec<i32>,
        /// Brokers whose replicas are in sync.
        isr_nodes: Vec<i32>,
        /// Replicas outside the in-sync set that may become leader (KIP-966).
        eligible_leader_replicas: Option<Vec<i32>>,
        /// Replicas that were eligible last, where none is now (KIP-966).
        last_known_elr: Option<Vec<i32>>,
        /// Brokers whose replicas are not available.
        offline_replicas: Vec<i32>,
    }
}
