//! DeleteTopics (key 20), versions 1-6: topics to delete.
//!
//! 3 TOPIC_DELETION_DISABLED · 4 flexible · 5 error messages · 6 topics by id.

use uuid::Uuid;

use crate::wire::{Text, message};

message! {
    /// Deletes topics.
    pub struct Request(1..=6, flexible 4..) {
        /// The topics.
        topics: Vec<DeleteTopicState> [6..],
        /// Names of the topics.
        topic_names: Vec<Text> [..=5],
        /// How long the broker may take, in milliseconds.
        timeout_ms: i32,
    }

    /// A topic to delete, by name or by id.
    pub struct DeleteTopicState {
        /// Name of the topic; null to name it by id.
        name: Option<Text>,
        /// Id of the topic (KIP-516).
        topic_id: Uuid,
    }
}

message! {
    /// How each topic fared.
    pub struct Response(1..=6, flexible 4..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32,
        /// How each part of the request fared.
        responses: Vec<DeletableTopicResult>,
    }

    /// How one topic fared.
    pub struct DeletableTopicResult {
        /// Name of the topic; null where an id was asked for that no topic has.
        name: Option<Text> [1.., null 6..] = Some(Text::EMPTY),
        /// Id of the topic (KIP-516).
        topic_id: Uuid [6..],
        /// Error code, 0 for none.
        error_code: i16,
        /// What went wrong, for a person; null where nothing did.
        error_message: Option<Text> [5..],
    }
}
