//! `DescribeTopicPartitions` (key 75), versions 0-0.

use uuid::Uuid;

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(0..=0, flexible 0..) {
        /// Topics.
        topics: Vec<TopicRequest>,
        /// Response partition limit.
        response_partition_limit: i32 = 2000,
        /// Cursor.
        cursor: Option<Cursor>,
    }

    /// TopicRequest.
    pub struct TopicRequest {
        /// Name.
        name: Text,
    }

    /// Cursor.
    pub struct Cursor {
        /// Topic name.
        topic_name: Text,
        /// Partition index.
        partition_index: i32,
    }
}

message! {
    /// Response.
    pub struct Response(0..=0, flexible 0..) {
        /// Throttle time ms.
        throttle_time_ms: i32,
        /// Topics.
        topics: Vec<DescribeTopicPartitionsResponseTopic>,
        /// Next cursor.
        next_cursor: Option<Cursor>,
    }

    /// DescribeTopicPartitionsResponseTopic.
    pub struct DescribeTopicPartitionsResponseTopic {
        /// Error code.
        error_code: i16,
        /// Name.
        name: Option<Text> = Some(Text::EMPTY),
        /// Topic id.
        topic_id: Uuid,
        /// Is internal.
        is_internal: bool,
        /// Partitions.
        partitions: Vec<DescribeTopicPartitionsResponsePartition>,
        /// Topic authorized operations.
        topic_authorized_operations: i32 = i32::MIN,
    }

    /// DescribeTopicPartitionsResponsePartition.
    pub struct DescribeTopicPartitionsResponsePartition {
        /// Error code.
        error_code: i16,
        /// Partition index.
        partition_index: i32,
        /// Leader id.
        leader_id: i32,
        /// Leader epoch.
        leader_epoch: i32 = -1,
        /// Replica nodes.
        replica_nodes: Vec<i32>,
        /// Isr nodes.
        isr_nodes: Vec<i32>,
        /// Eligible leader replicas.
        eligible_leader_replicas: Option<Vec<i32>>,
        /// Last known elr.
        last_known_elr: Option<Vec<i32>>,
        /// Offline replicas.
        offline_replicas: Vec<i32>,
    }
}
