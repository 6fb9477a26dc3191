//! ConsumerGroupHeartbeat (key 68), versions 0-1: membership in a group of the consumer protocol (KIP-848).
//!
//! 1 regular expressions, and member ids made by the client (KIP-1082). Flexible from the first.

use uuid::Uuid;

use crate::wire::{Text, message};

message! {
    /// Joins, keeps alive, or leaves a group of the consumer protocol.
    pub struct Request(0..=1, flexible 0..) {
        /// The group.
        group_id: Text,
        /// Id of the member.
        member_id: Text,
        /// Epoch of the member; 0 to join, -1 to leave, -2 to leave for a while as a static member.
        member_epoch: i32,
        /// Identity of a static member across restarts; null for a dynamic member, or where unchanged.
        instance_id: Option<Text>,
        /// Rack of the client; empty or null where not set.
        rack_id: Option<Text>,
        /// How long a rebalance waits for the member, in milliseconds; -1 where not said.
        rebalance_timeout_ms: i32 = -1,
        /// Topics that the member subscribes to by name; null where unchanged.
        subscribed_topic_names: Option<Vec<Text>>,
        /// Topics that the member subscribes to by regular expression; null for none, or where
        /// unchanged.
        subscribed_topic_regex: Option<Text> [1..],
        /// Assignor that the broker shall use; null for its default, or where unchanged.
        server_assignor: Option<Text>,
        /// The partitions that the member owns; null where unchanged.
        topic_partitions: Option<Vec<TopicPartitions>>,
    }

    /// Partitions of one topic.
    pub struct TopicPartitions {
        /// Id of the topic (KIP-516).
        topic_id: Uuid,
        /// The partitions.
        partitions: Vec<i32>,
    }
}

message! {
    /// What the member shall do.
    pub struct Response(0..=1, flexible 0..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32,
        /// Error code, 0 for none.
        error_code: i16,
        /// What went wrong, for a person; null where nothing did.
        error_message: Option<Text>,
        /// Id of the member.
        member_id: Option<Text>,
        /// Epoch of the member.
        member_epoch: i32,
        /// Time to the next heartbeat, in milliseconds.
        heartbeat_interval_ms: i32,
        /// The partitions the member shall own; null where nothing changed.
        assignment: Option<Assignment>,
    }

    /// What the member shall own.
    pub struct Assignment {
        /// The partitions, topic by topic.
        topic_partitions: Vec<TopicPartitions>,
    }
}
