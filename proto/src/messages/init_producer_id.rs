//! `InitProducerId` (key 22), versions 0-5.

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(0..=5, flexible 2..) {
        /// Transactional id.
        transactional_id: Option<Text> = Some(Text::EMPTY),
        /// Transaction timeout ms.
        transaction_timeout_ms: i32,
        /// Producer id.
        producer_id: i64 [3..] = -1,
        /// Producer epoch.
        producer_epoch: i16 [3..] = -1,
    }
}

message! {
    /// Response.
    pub struct Response(0..=5, flexible 2..) {
        /// Throttle time ms.
        throttle_time_ms: i32,
        /// Error code.
        error_code: i16,
        /// Producer id.
        producer_id: i64 = -1,
        /// Producer epoch.
        producer_epoch: i16,
    }
}
