//! InitProducerId (key 22), versions 0-5: a producer id, for idempotence and transactions (KIP-98).
//!
//! 2 flexible · 3 a producer goes on with the id it has (KIP-360) · 4 PRODUCER_FENCED · 5
//! TRANSACTION_ABORTABLE.

use crate::wire::{Text, message};

message! {
    /// Asks for a producer id.
    pub struct Request(0..=5, flexible 2..) {
        /// The transactional id; null for a producer without transactions.
        transactional_id: Option<Text> = Some(Text::EMPTY),
        /// How long a transaction may stay open, in milliseconds.
        transaction_timeout_ms: i32,
        /// Id of the producer; -1 where there is none.
        producer_id: i64 [3..] = -1,
        /// Epoch of the producer; -1 where there is none.
        producer_epoch: i16 [3..] = -1,
    }
}

message! {
    /// The producer id.
    pub struct Response(0..=5, flexible 2..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32,
        /// Error code, 0 for none.
        error_code: i16,
        /// Id of the producer; -1 where there is none.
        producer_id: i64 = -1,
        /// Epoch of the producer; -1 where there is none.
        producer_epoch: i16,
    }
}
