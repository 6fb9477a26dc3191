//! `FindCoordinator` (key 10), versions 0-6.

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(0..=6, flexible 3..) {
        /// Key.
        key: Text [..=3],
        /// Key type.
        key_type: i8 [1..],
        /// Coordinator keys.
        coordinator_keys: Vec<Text> [4..],
    }
}

message! {
    /// Response.
    pub struct Response(0..=6, flexible 3..) {
        /// Throttle time ms.
        throttle_time_ms: i32 [1..],
        /// Error code.
        error_code: i16 [..=3],
        /// Error message.
        error_message: Option<Text> [1..=3] = Some(Text::EMPTY),
        /// Node id.
        node_id: i32 [..=3],
        /// Host.
        host: Text [..=3],
        /// Port.
        port: i32 [..=3],
        /// Coordinators.
        coordinators: Vec<Coordinator> [4..],
    }

    /// Coordinator.
    pub struct Coordinator {
        /// Key.
        key: Text [4..],
        /// Node id.
        node_id: i32 [4..],
        /// Host.
        host: Text [4..],
        /// Port.
        port: i32 [4..],
        /// Error code.
        error_code: i16 [4..],
        /// Error message.
        error_message: Option<Text> [4..] = Some(Text::EMPTY),
    }
}
