//! `JoinGroup` (key 11), versions 0-9.

use bytes::Bytes;

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(0..=9, flexible 6..) {
        /// Group id.
        group_id: Text,
        /// Session timeout ms.
        session_timeout_ms: i32,
        /// Rebalance timeout ms.
        rebalance_timeout_ms: i32 [1..] = -1,
        /// Member id.
        member_id: Text,
        /// Group instance id.
        group_instance_id: Option<Text> [5..],
        /// Protocol type.
        protocol_type: Text,
        /// Protocols.
        protocols: Vec<JoinGroupRequestProtocol>,
        /// Reason.
        reason: Option<Text> [8..],
    }

    /// JoinGroupRequestProtocol.
    pub struct JoinGroupRequestProtocol {
        /// Name.
        name: Text,
        /// Metadata.
        metadata: Bytes,
    }
}

message! {
    /// Response.
    pub struct Response(0..=9, flexible 6..) {
        /// Throttle time ms.
        throttle_time_ms: i32 [2..],
        /// Error code.
        error_code: i16,
        /// Generation id.
        generation_id: i32 = -1,
        /// Protocol type.
        protocol_type: Option<Text> [7..],
        /// Protocol name.
        protocol_name: Option<Text> [0.., null 7..] = Some(Text::EMPTY),
        /// Leader.
        leader: Text,
        /// Skip assignment.
        skip_assignment: bool [9..],
        /// Member id.
        member_id: Text,
        /// Members.
        members: Vec<JoinGroupResponseMember>,
    }

    /// JoinGroupResponseMember.
    pub struct JoinGroupResponseMember {
        /// Member id.
        member_id: Text,
        /// Group instance id.
        group_instance_id: Option<Text> [5..],
        /// Metadata.
        metadata: Bytes,
    }
}
