//! `Heartbeat` (key 12), versions 0-4.

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(0..=4, flexible 4..) {
        /// Group id.
        group_id: Text,
        /// Generation id.
        generation_id: i32,
        /// Member id.
        member_id: Text,
        /// Group instance id.
        group_instance_id: Option<Text> [3..],
    }
}

message! {
    /// Response.
    pub struct Response(0..=4, flexible 4..) {
        /// Throttle time ms.
        throttle_time_ms: i32 [1..],
        /// Error code.
        error_code: i16,
    }
}
