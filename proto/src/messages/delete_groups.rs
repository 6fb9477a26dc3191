//! `DeleteGroups` (key 42), versions 0-2.

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(0..=2, flexible 2..) {
        /// Groups names.
        groups_names: Vec<Text>,
    }
}

message! {
    /// Response.
    pub struct Response(0..=2, flexible 2..) {
        /// Throttle time ms.
        throttle_time_ms: i32,
        /// Results.
        results: Vec<DeletableGroupResult>,
    }

    /// DeletableGroupResult.
    pub struct DeletableGroupResult {
        /// Group id.
        group_id: Text,
        /// Error code.
        error_code: i16,
    }
}
