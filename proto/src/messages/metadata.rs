//! `Metadata` (key 3), versions 0-13.

use uuid::Uuid;

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(0..=13, flexible 9..) {
        /// Topics.
        topics: Option<Vec<MetadataRequestTopic>> [0.., null 1..] = Some(Vec::new()),
        /// Allow auto topic creation.
        allow_auto_topic_creation: bool [4..] = true,
        /// Include cluster authorized operations.
        include_cluster_authorized_operations: bool [8..=10],
        /// Include topic authorized operations.
        include_topic_authorized_operations: bool [8..],
    }

    /// MetadataRequestTopic.
    pub struct MetadataRequestTopic {
        /// Topic id.
        topic_id: Uuid [10..],
        /// Name.
        name: Option<Text> [0.., null 10..] = Some(Text::EMPTY),
    }
}

message! {
    /// Response.
    pub struct Response(0..=13, flexible 9..) {
        /// Throttle time ms.
        throttle_time_ms: i32 [3..],
        /// Brokers.
        brokers: Vec<MetadataResponseBroker>,
        /// Cluster id.
        cluster_id: Option<Text> [2..],
        /// Controller id.
        controller_id: i32 [1..] = -1,
        /// Topics.
        topics: Vec<MetadataResponseTopic>,
        /// Cluster authorized operations.
        cluster_authorized_operations: i32 [8..=10] = i32::MIN,
        /// Error code.
        error_code: i16 [13..],
    }

    /// MetadataResponseBroker.
    pub struct MetadataResponseBroker {
        /// Node id.
        node_id: i32,
        /// Host.
        host: Text,
        /// Port.
        port: i32,
        /// Rack.
        rack: Option<Text> [1..],
    }

    /// MetadataResponseTopic.
    pub struct MetadataResponseTopic {
        /// Error code.
        error_code: i16,
        /// Name.
        name: Option<Text> [0.., null 12..] = Some(Text::EMPTY),
        /// Topic id.
        topic_id: Uuid [10..],
        /// Is internal.
        is_internal: bool [1..],
        /// Partitions.
        partitions: Vec<MetadataResponsePartition>,
        /// Topic authorized operations.
        topic_authorized_operations: i32 [8..] = i32::MIN,
    }

    /// MetadataResponsePartition.
    pub struct MetadataResponsePartition {
        /// Error code.
        error_code: i16,
        /// Partition index.
        partition_index: i32,
        /// Leader id.
        leader_id: i32,
        /// Leader epoch.
        leader_epoch: i32 [7..] = -1,
        /// Replica nodes.
        replica_nodes: Vec<i32>,
        /// Isr nodes.
        isr_nodes: Vec<i32>,
        /// Offline replicas.
        offline_replicas: Vec<i32> [5..],
    }
}
