//! `DescribeGroups` (key 15), versions 0-6.

use bytes::Bytes;

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(0..=6, flexible 5..) {
        /// Groups.
        groups: Vec<Text>,
        /// Include authorized operations.
        include_authorized_operations: bool [3..],
    }
}

message! {
    /// Response.
    pub struct Response(0..=6, flexible 5..) {
        /// Throttle time ms.
        throttle_time_ms: i32 [1..],
        /// Groups.
        groups: Vec<DescribedGroup>,
    }

    /// DescribedGroup.
    pub struct DescribedGroup {
        /// Error code.
        error_code: i16,
        /// Error message.
        error_message: Option<Text> [6..],
        /// Group id.
        group_id: Text,
        /// Group state.
        group_state: Text,
        /// Protocol type.
        protocol_type: Text,
        /// Protocol data.
        protocol_data: Text,
        /// Members.
        members: Vec<DescribedGroupMember>,
        /// Authorized operations.
        authorized_operations: i32 [3..] = i32::MIN,
    }

    /// DescribedGroupMember.
    pub struct DescribedGroupMember {
        /// Member id.
        member_id: Text,
        /// Group instance id.
        group_instance_id: Option<Text> [4..],
        /// Client id.
        client_id: Text,
        /// Client host.
        client_host: Text,
        /// Member metadata.
        member_metadata: Bytes,
        /// Member assignment.
        member_assignment: Bytes,
    }
}
