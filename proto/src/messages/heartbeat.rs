//! Heartbeat (key 12), versions 0-4: signs of life in a classic group.
//!
//! 1 throttle time · 3 static members (KIP-345) · 4 flexible.

use crate::wire::{Text, message};

message! {
    /// Says that a member is alive.
    pub struct Request(0..=4, flexible 4..) {
        /// The group.
        group_id: Text,
        /// Generation of the group.
        generation_id: i32,
        /// Id of the member.
        member_id: Text,
        /// Identity of a static member across restarts (KIP-345); null for a dynamic member.
        group_instance_id: Option<Text> [3..],
    }
}

message! {
    /// Whether the member may go on.
    pub struct Response(0..=4, flexible 4..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32 [1..],
        /// Error code, 0 for none.
        error_code: i16,
    }
}
