//! DeleteGroups (key 42), versions 0-2: groups to delete (KIP-229).
//!
//! 2 flexible.

use crate::wire::{Text, message};

message! {
    /// Deletes groups.
    pub struct Request(0..=2, flexible 2..) {
        /// The groups.
        groups_names: Vec<Text>,
    }
}

message! {
    /// How each group fared.
    pub struct Response(0..=2, flexible 2..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32,
        /// How each part of the request fared.
        results: Vec<DeletableGroupResult>,
    }

    /// How one group fared.
    pub struct DeletableGroupResult {
        /// The group.
        group_id: Text,
        /// Error code, 0 for none.
        error_code: i16,
    }
}
