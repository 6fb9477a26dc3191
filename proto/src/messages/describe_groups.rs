//! DescribeGroups (key 15), versions 0-6: classic groups in detail.
//!
//! 1 throttle time · 3 authorized operations (KIP-430) · 4 static members (KIP-345) · 5 flexible · 6 error
//! messages, and GROUP_ID_NOT_FOUND.

use bytes::Bytes;

use crate::wire::{Text, message};

message! {
    /// Asks for classic groups.
    pub struct Request(0..=6, flexible 5..) {
        /// The groups.
        groups: Vec<Text>,
        /// Whether to say what the client may do on each group.
        include_authorized_operations: bool [3..],
    }
}

message! {
    /// The groups.
    pub struct Response(0..=6, flexible 5..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32 [1..],
        /// The groups.
        groups: Vec<DescribedGroup>,
    }

    /// A group.
    pub struct DescribedGroup {
        /// Error code, 0 for none.
        error_code: i16,
        /// What went wrong, for a person; null where nothing did.
        error_message: Option<Text> [6..],
        /// The group.
        group_id: Text,
        /// State of the group, by name.
        group_state: Text,
        /// Type of the protocol: `consumer`, `connect`, or another of the clients.
        protocol_type: Text,
        /// Name of the protocol in use, such as that of an assignor.
        protocol_data: Text,
        /// The members.
        members: Vec<DescribedGroupMember>,
        /// Bit field of the operations that the client may do on the group; `i32::MIN` where not asked
        /// for.
        authorized_operations: i32 [3..] = i32::MIN,
    }

    /// A member.
    pub struct DescribedGroupMember {
        /// Id of the member.
        member_id: Text,
        /// Identity of a static member across restarts (KIP-345); null for a dynamic member.
        group_instance_id: Option<Text> [4..],
        /// The name the client gives itself.
        client_id: Text,
        /// Address from which the client connects.
        client_host: Text,
        /// What the member told the group; the group's protocol knows the format.
        member_metadata: Bytes,
        /// What the member is assigned; the group's protocol knows the format.
        member_assignment: Bytes,
    }
}
