//! `ConsumerGroupDescribe` (key 69), versions 0-1.

use uuid::Uuid;

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(0..=1, flexible 0..) {
        /// Group ids.
        group_ids: Vec<Text>,
        /// Include authorized operations.
        include_authorized_operations: bool,
    }
}

message! {
    /// Response.
    pub struct Response(0..=1, flexible 0..) {
        /// Throttle time ms.
        throttle_time_ms: i32,
        /// Groups.
        groups: Vec<DescribedGroup>,
    }

    /// DescribedGroup.
    pub struct DescribedGroup {
        /// Error code.
        error_code: i16,
        /// Error message.
        error_message: Option<Text>,
        /// Group id.
        group_id: Text,
        /// Group state.
        group_state: Text,
        /// Group epoch.
        group_epoch: i32,
        /// Assignment epoch.
        assignment_epoch: i32,
        /// Assignor name.
        assignor_name: Text,
        /// Members.
        members: Vec<Member>,
        /// Authorized operations.
        authorized_operations: i32 = i32::MIN,
    }

    /// Member.
    pub struct Member {
        /// Member id.
        member_id: Text,
        /// Instance id.
        instance_id: Option<Text>,
        /// Rack id.
        rack_id: Option<Text>,
        /// Member epoch.
        member_epoch: i32,
        /// Client id.
        client_id: Text,
        /// Client host.
        client_host: Text,
        /// Subscribed topic names.
        subscribed_topic_names: Vec<Text>,
        /// Subscribed topic regex.
        subscribed_topic_regex: Option<Text>,
        /// Assignment.
        assignment: Assignment,
        /// Target assignment.
        target_assignment: Assignment,
        /// Member type.
        member_type: i8 [1..] = -1,
    }

    /// Assignment.
    pub struct Assignment {
        /// Topic partitions.
        topic_partitions: Vec<TopicPartitions>,
    }

    /// TopicPartitions.
    pub struct TopicPartitions {
        /// Topic id.
        topic_id: Uuid,
        /// Topic name.
        topic_name: Text,
        /// Partitions.
        partitions: Vec<i32>,
    }
}
