//! SyncGroup (key 14), versions 0-5: assignments of a classic group.
//!
//! 1 throttle time · 3 static members (KIP-345) · 4 flexible · 5 protocol type and name (KIP-559).

use bytes::Bytes;

use crate::wire::{Text, message};

message! {
    /// Asks for the assignment; brings all of them, from the leader.
    pub struct Request(0..=5, flexible 4..) {
        /// The group.
        group_id: Text,
        /// Generation of the group.
        generation_id: i32,
        /// Id of the member.
        member_id: Text,
        /// Identity of a static member across restarts (KIP-345); null for a dynamic member.
        group_instance_id: Option<Text> [3..],
        /// Type of the protocol: `consumer`, `connect`, or another of the clients.
        protocol_type: Option<Text> [5..],
        /// Name of the protocol in use, such as that of an assignor.
        protocol_name: Option<Text> [5..],
        /// What each member is assigned; filled by the leader alone.
        assignments: Vec<SyncGroupRequestAssignment>,
    }

    /// What one member is assigned.
    pub struct SyncGroupRequestAssignment {
        /// Id of the member.
        member_id: Text,
        /// What the member is assigned; the group's protocol knows the format.
        assignment: Bytes,
    }
}

message! {
    /// The assignment.
    pub struct Response(0..=5, flexible 4..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32 [1..],
        /// Error code, 0 for none.
        error_code: i16,
        /// Type of the protocol: `consumer`, `connect`, or another of the clients.
        protocol_type: Option<Text> [5..],
        /// Name of the protocol in use, such as that of an assignor.
        protocol_name: Option<Text> [5..],
        /// What the member is assigned; the group's protocol knows the format.
        assignment: Bytes,
    }
}
