//! `LeaveGroup` (key 13), versions 0-5.

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(0..=5, flexible 4..) {
        /// Group id.
        group_id: Text,
        /// Member id.
        member_id: Text [..=2],
        /// Members.
        members: Vec<MemberIdentity> [3..],
    }

    /// MemberIdentity.
    pub struct MemberIdentity {
        /// Member id.
        member_id: Text [3..],
        /// Group instance id.
        group_instance_id: Option<Text> [3..],
        /// Reason.
        reason: Option<Text> [5..],
    }
}

message! {
    /// Response.
    pub struct Response(0..=5, flexible 4..) {
        /// Throttle time ms.
        throttle_time_ms: i32 [1..],
        /// Error code.
        error_code: i16,
        /// Members.
        members: Vec<MemberResponse> [3..],
    }

    /// MemberResponse.
    pub struct MemberResponse {
        /// Member id.
        member_id: Text [3..],
        /// Group instance id.
        group_instance_id: Option<Text> [3..] = Some(Text::EMPTY),
        /// Error code.
        error_code: i16 [3..],
    }
}
