//! LeaveGroup (key 13), versions 0-5: members leave a classic group.
//!
//! 1 throttle time · 3 several members, by member or instance id (KIP-345) · 4 flexible · 5 reason (KIP-800).

use crate::wire::{Text, message};

message! {
    /// Leaves a group.
    pub struct Request(0..=5, flexible 4..) {
        /// The group.
        group_id: Text,
        /// Id of the member.
        member_id: Text [..=2],
        /// The members.
        members: Vec<MemberIdentity> [3..],
    }

    /// A member that leaves.
    pub struct MemberIdentity {
        /// Id of the member.
        member_id: Text,
        /// Identity of a static member across restarts (KIP-345); null for a dynamic member.
        group_instance_id: Option<Text>,
        /// Why, for the log of the broker (KIP-800).
        reason: Option<Text> [5..],
    }
}

message! {
    /// How each member fared.
    pub struct Response(0..=5, flexible 4..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32 [1..],
        /// Error code, 0 for none.
        error_code: i16,
        /// The members.
        members: Vec<MemberResponse> [3..],
    }

    /// How one member fared.
    pub struct MemberResponse {
        /// Id of the member.
        member_id: Text,
        /// Identity of a static member across restarts (KIP-345); null for a dynamic member.
        group_instance_id: Option<Text> = Some(Text::EMPTY),
        /// Error code, 0 for none.
        error_code: i16,
    }
}
