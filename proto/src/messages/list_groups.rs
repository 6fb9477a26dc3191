//! `ListGroups` (key 16), versions 0-5.

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(0..=5, flexible 3..) {
        /// States filter.
        states_filter: Vec<Text> [4..],
        /// Types filter.
        types_filter: Vec<Text> [5..],
    }
}

message! {
    /// Response.
    pub struct Response(0..=5, flexible 3..) {
        /// Throttle time ms.
        throttle_time_ms: i32 [1..],
        /// Error code.
        error_code: i16,
        /// Groups.
        groups: Vec<ListedGroup>,
    }

    /// ListedGroup.
    pub struct ListedGroup {
        /// Group id.
        group_id: Text,
        /// Protocol type.
        protocol_type: Text,
        /// Group state.
        group_state: Text [4..],
        /// Group type.
        group_type: Text [5..],
    }
}
