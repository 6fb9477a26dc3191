//! `DeleteTopics` (key 20), versions 1-6.

use uuid::Uuid;

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(1..=6, flexible 4..) {
        /// Topics.
        topics: Vec<DeleteTopicState> [6..],
        /// Topic names.
        topic_names: Vec<Text> [..=5],
        /// Timeout ms.
        timeout_ms: i32,
    }

    /// DeleteTopicState.
    pub struct DeleteTopicState {
        /// Name.
        name: Option<Text> [6..],
        /// Topic id.
        topic_id: Uuid [6..],
    }
}

message! {
    /// Response.
    pub struct Response(1..=6, flexible 4..) {
        /// Throttle time ms.
        throttle_time_ms: i32,
        /// Responses.
        responses: Vec<DeletableTopicResult>,
    }

    /// DeletableTopicResult.
    pub struct DeletableTopicResult {
        /// Name.
        name: Option<Text> [1.., null 6..] = Some(Text::EMPTY),
        /// Topic id.
        topic_id: Uuid [6..],
        /// Error code.
        error_code: i16,
        /// Error message.
        error_message: Option<Text> [5..],
    }
}
