//! `UnregisterBroker` (key 64), versions 0-0.

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(0..=0, flexible 0..) {
        /// Broker id.
        broker_id: i32,
    }
}

message! {
    /// Response.
    pub struct Response(0..=0, flexible 0..) {
        /// Throttle time ms.
        throttle_time_ms: i32,
        /// Error code.
        error_code: i16,
        /// Error message.
        error_message: Option<Text> = Some(Text::EMPTY),
    }
}
