//! `ConsumerGroupHeartbeat` (key 68), versions 0-1.

use uuid::Uuid;

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(0..=1, flexible 0..) {
        /// Group id.
        group_id: Text,
        /// Member id.
        member_id: Text,
        /// Member epoch.
        member_epoch: i32,
        /// Instance id.
        instance_id: Option<Text>,
        /// Rack id.
        rack_id: Option<Text>,
        /// Rebalance timeout ms.
        rebalance_timeout_ms: i32 = -1,
        /// Subscribed topic names.
        subscribed_topic_names: Option<Vec<Text>>,
        /// Subscribed topic regex.
        subscribed_topic_regex: Option<Text> [1..],
        /// Server assignor.
        server_assignor: Option<Text>,
        /// Topic partitions.
        topic_partitions: Option<Vec<TopicPartitions>>,
    }

    /// TopicPartitions.
    pub struct TopicPartitions {
        /// Topic id.
        topic_id: Uuid,
        /// Partitions.
        partitions: Vec<i32>,
    }
}

message! {
    /// Response.
    pub struct Response(0..=1, flexible 0..) {
        /// Throttle time ms.
        throttle_time_ms: i32,
        /// Error code.
        error_code: i16,
        /// Error message.
        error_message: Option<Text>,
        /// Member id.
        member_id: Option<Text>,
        /// Member epoch.
        member_epoch: i32,
        /// Heartbeat interval ms.
        heartbeat_interval_ms: i32,
        /// Assignment.
        assignment: Option<Assignment>,
    }

    /// Assignment.
    pub struct Assignment {
        /// Topic partitions.
        topic_partitions: Vec<TopicPartitions>,
    }
}
