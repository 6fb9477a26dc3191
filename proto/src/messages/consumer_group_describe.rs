//! ConsumerGroupDescribe (key 69), versions 0-1: groups of the consumer protocol in detail (KIP-848).
//!
//! 1 member types. Flexible from the first.

use uuid::Uuid;

use crate::wire::{Text, message};

message! {
    /// Asks for groups of the consumer protocol.
    pub struct Request(0..=1, flexible 0..) {
        /// The groups.
        group_ids: Vec<Text>,
        /// Whether to say what the client may do on each group.
        include_authorized_operations: bool,
    }
}

message! {
    /// The groups.
    pub struct Response(0..=1, flexible 0..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32,
        /// The groups.
        groups: Vec<DescribedGroup>,
    }

    /// A group.
    pub struct DescribedGroup {
        /// Error code, 0 for none.
        error_code: i16,
        /// What went wrong, for a person; null where nothing did.
        error_message: Option<Text>,
        /// The group.
        group_id: Text,
        /// State of the group, by name.
        group_state: Text,
        /// Epoch of the group.
        group_epoch: i32,
        /// Epoch of the target assignment.
        assignment_epoch: i32,
        /// The assignor in use.
        assignor_name: Text,
        /// The members.
        members: Vec<Member>,
        /// Bit field of the operations that the client may do on the group; `i32::MIN` where not asked
        /// for.
        authorized_operations: i32 = i32::MIN,
    }

    /// A member.
    pub struct Member {
        /// Id of the member.
        member_id: Text,
        /// Identity of a static member across restarts; null for a dynamic member, or where unchanged.
        instance_id: Option<Text>,
        /// Rack of the client; empty or null where not set.
        rack_id: Option<Text>,
        /// Epoch of the member.
        member_epoch: i32,
        /// The name the client gives itself.
        client_id: Text,
        /// Address from which the client connects.
        client_host: Text,
        /// Topics that the member subscribes to by name.
        subscribed_topic_names: Vec<Text>,
        /// Topics that the member subscribes to by regular expression; null for none, or where
        /// unchanged.
        subscribed_topic_regex: Option<Text>,
        /// The partitions the member owns.
        assignment: Assignment,
        /// The partitions the member shall own.
        target_assignment: Assignment,
        /// 0 where the member uses the classic protocol, 1 the consumer protocol, -1 unknown.
        member_type: i8 [1..] = -1,
    }

    /// Partitions of a member.
    pub struct Assignment {
        /// The partitions, topic by topic.
        topic_partitions: Vec<TopicPartitions>,
    }

    /// Partitions of one topic.
    pub struct TopicPartitions {
        /// Id of the topic (KIP-516).
        topic_id: Uuid,
        /// Name of the topic.
        topic_name: Text,
        /// The partitions.
        partitions: Vec<i32>,
    }
}
