//! FindCoordinator (key 10), versions 0-6: who coordinates groups, transactions and share partitions.
//!
//! 1 transactions · 3 flexible · 4 several keys (KIP-699) · 5 TRANSACTION_ABORTABLE · 6 share partitions
//! (KIP-932).

use crate::wire::{Text, message};

message! {
    /// Asks which broker coordinates groups, transactions or share partitions.
    pub struct Request(0..=6, flexible 3..) {
        /// The group id, the transactional id, or the share partition.
        key: Text [..=3],
        /// What the key names: 0 a group, 1 a transaction, 2 a share partition.
        key_type: i8 [1..],
        /// The group ids or transactional ids to look up.
        coordinator_keys: Vec<Text> [4..],
    }
}

message! {
    /// The coordinators.
    pub struct Response(0..=6, flexible 3..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32 [1..],
        /// Error code, 0 for none.
        error_code: i16 [..=3],
        /// What went wrong, for a person; null where nothing did.
        error_message: Option<Text> [1..=3] = Some(Text::EMPTY),
        /// Id of the broker.
        node_id: i32 [..=3],
        /// Host name or address.
        host: Text [..=3],
        /// Port.
        port: i32 [..=3],
        /// The coordinator of each key.
        coordinators: Vec<Coordinator> [4..],
    }

    /// The coordinator of one key.
    pub struct Coordinator {
        /// The group id, the transactional id, or the share partition.
        key: Text,
        /// Id of the broker.
        node_id: i32,
        /// Host name or address.
        host: Text,
        /// Port.
        port: i32,
        /// Error code, 0 for none.
        error_code: i16,
        /// What went wrong, for a person; null where nothing did.
        error_message: Option<Text> = Some(Text::EMPTY),
    }
}
