//! UnregisterBroker (key 64), version 0: a broker that leaves the cluster for good.
//!
//! Flexible from the first.

use crate::wire::{Text, message};

message! {
    /// Takes a broker out of the cluster.
    pub struct Request(0..=0, flexible 0..) {
        /// Id of the broker.
        broker_id: i32,
    }
}

message! {
    /// Whether the broker was taken out.
    pub struct Response(0..=0, flexible 0..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32,
        /// Error code, 0 for none.
        error_code: i16,
        /// What went wrong, for a person; null where nothing did.
        error_message: Option<Text> = Some(Text::EMPTY),
    }
}
