//! Metadata (key 3), versions 0-13: brokers, topics and partitions.
//!
//! 1 controller, rack, internal topics; null asks for all topics · 2 cluster id · 3 throttle time · 4
//! creation on demand · 5 offline replicas · 7 leader epochs · 8 authorized operations · 9 flexible · 10
//! topic ids in the response · 11 those of the cluster left to DescribeCluster (KIP-700) · 12 topics by id ·
//! 13 an error of the whole request (KIP-1102).

use uuid::Uuid;

use crate::wire::{Text, message};

message! {
    /// Asks for brokers, topics and partitions.
    pub struct Request(0..=13, flexible 9..) {
        /// The topics wanted; null for all, which version 0 says with an empty array.
        topics: Option<Vec<MetadataRequestTopic>> [0.., null 1..] = Some(Vec::new()),
        /// Whether topics that do not exist may be created, where the broker allows it too.
        allow_auto_topic_creation: bool [4..] = true,
        /// Whether to say what the client may do on the cluster.
        include_cluster_authorized_operations: bool [8..=10],
        /// Whether to say what the client may do on each topic.
        include_topic_authorized_operations: bool [8..],
    }

    /// A topic wanted, by name or by id.
    pub struct MetadataRequestTopic {
        /// Id of the topic (KIP-516).
        topic_id: Uuid [10..],
        /// Name of the topic; null to name it by id.
        name: Option<Text> [0.., null 10..] = Some(Text::EMPTY),
    }
}

message! {
    /// Brokers, topics and partitions.
    pub struct Response(0..=13, flexible 9..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32 [3..],
        /// The brokers of the cluster.
        brokers: Vec<MetadataResponseBroker>,
        /// Id of the cluster.
        cluster_id: Option<Text> [2..],
        /// The broker that clients send administration to.
        controller_id: i32 [1..] = -1,
        /// The topics.
        topics: Vec<MetadataResponseTopic>,
        /// Bit field of the operations that the client may do on the cluster; `i32::MIN` where not asked
        /// for.
        cluster_authorized_operations: i32 [8..=10] = i32::MIN,
        /// Error code, 0 for none.
        error_code: i16 [13..],
    }

    /// A broker.
    pub struct MetadataResponseBroker {
        /// Id of the broker.
        node_id: i32,
        /// Host name or address.
        host: Text,
        /// Port.
        port: i32,
        /// Rack of the broker; null where not set.
        rack: Option<Text> [1..],
    }

    /// A topic.
    pub struct MetadataResponseTopic {
        /// Error code, 0 for none.
        error_code: i16,
        /// Name of the topic; null where an id was asked for that no topic has.
        name: Option<Text> [0.., null 12..] = Some(Text::EMPTY),
        /// Id of the topic (KIP-516).
        topic_id: Uuid [10..],
        /// Whether the topic belongs to the broker itself.
        is_internal: bool [1..],
        /// The partitions.
        partitions: Vec<MetadataResponsePartition>,
        /// Bit field of the operations that the client may do on the topic; `i32::MIN` where not asked
        /// for.
        topic_authorized_operations: i32 [8..] = i32::MIN,
    }

    /// A partition.
    pub struct MetadataResponsePartition {
        /// Error code, 0 for none.
        error_code: i16,
        /// Index of the partition in its topic.
        partition_index: i32,
        /// Broker that leads; -1 where there is none.
        leader_id: i32,
        /// Leader epoch; -1 where not known.
        leader_epoch: i32 [7..] = -1,
        /// Brokers that hold replicas.
        replica_nodes: Vec<i32>,
        /// Brokers whose replicas are in sync.
        isr_nodes: Vec<i32>,
        /// Brokers whose replicas are not available.
        offline_replicas: Vec<i32> [5..],
    }
}
