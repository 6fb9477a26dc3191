//! ListGroups (key 16), versions 0-5: which groups there are.
//!
//! 1 throttle time · 3 flexible · 4 states (KIP-518) · 5 types (KIP-848).

use crate::wire::{Text, message};

message! {
    /// Asks which groups there are.
    pub struct Request(0..=5, flexible 3..) {
        /// States to list; empty for all (KIP-518).
        states_filter: Vec<Text> [4..],
        /// Types of groups to list; empty for all (KIP-848).
        types_filter: Vec<Text> [5..],
    }
}

message! {
    /// The groups.
    pub struct Response(0..=5, flexible 3..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32 [1..],
        /// Error code, 0 for none.
        error_code: i16,
        /// The groups.
        groups: Vec<ListedGroup>,
    }

    /// A group.
    pub struct ListedGroup {
        /// The group.
        group_id: Text,
        /// Type of the protocol: `consumer`, `connect`, or another of the clients.
        protocol_type: Text,
        /// State of the group, by name.
        group_state: Text [4..],
        /// Type of the group, by name (KIP-848).
        group_type: Text [5..],
    }
}
