//! CreateTopics (key 19), versions 2-7: new topics.
//!
//! 4 partitions and replication factor may be left to the broker (KIP-464) · 5 flexible; configs in the
//! response (KIP-525) · 6 THROTTLING_QUOTA_EXCEEDED · 7 topic ids.

use uuid::Uuid;

use crate::wire::{Text, message};

message! {
    /// Creates topics.
    pub struct Request(2..=7, flexible 5..) {
        /// The topics.
        topics: Vec<CreatableTopic>,
        /// How long the broker may take, in milliseconds.
        timeout_ms: i32 = 60000,
        /// Whether only to check, and to change nothing.
        validate_only: bool,
    }

    /// A topic to create.
    pub struct CreatableTopic {
        /// Name of the topic.
        name: Text,
        /// How many partitions; -1 for the default of the broker, or where `assignments` says it.
        num_partitions: i32,
        /// How many replicas; -1 for the default of the broker, or where `assignments` says it.
        replication_factor: i16,
        /// Replicas partition by partition, instead of a count; empty to let the broker choose.
        assignments: Vec<CreatableReplicaAssignment>,
        /// Configs by name and value.
        configs: Vec<CreatableTopicConfig>,
    }

    /// Replicas of one partition.
    pub struct CreatableReplicaAssignment {
        /// Index of the partition in its topic.
        partition_index: i32,
        /// Brokers that hold the replicas, the preferred leader first.
        broker_ids: Vec<i32>,
    }

    /// A config of the new topic.
    pub struct CreatableTopicConfig {
        /// Name of the config.
        name: Text,
        /// The value; null where there is none, or where it is secret.
        value: Option<Text> = Some(Text::EMPTY),
    }
}

message! {
    /// How each topic fared.
    pub struct Response(2..=7, flexible 5..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32,
        /// The topics.
        topics: Vec<CreatableTopicResult>,
    }

    /// How one topic fared.
    pub struct CreatableTopicResult {
        /// Name of the topic.
        name: Text,
        /// Id of the topic (KIP-516).
        topic_id: Uuid [7..],
        /// Error code, 0 for none.
        error_code: i16,
        /// What went wrong, for a person; null where nothing did.
        error_message: Option<Text> = Some(Text::EMPTY),
        /// Why configs are left out, 0 where they are not.
        topic_config_error_code: i16 [5.., tag 0],
        /// How many partitions the topic has; -1 on an error.
        num_partitions: i32 [5..] = -1,
        /// How many replicas each partition has; -1 on an error.
        replication_factor: i16 [5..] = -1,
        /// All configs of the topic; null where the client may not see them.
        configs: Option<Vec<CreatableTopicConfigs>> [5..] = Some(Vec::new()),
    }

    /// A config that the topic has.
    pub struct CreatableTopicConfigs {
        /// Name of the config.
        name: Text,
        /// The value; null where there is none, or where it is secret.
        value: Option<Text> = Some(Text::EMPTY),
        /// Whether the config cannot be changed while the broker runs.
        read_only: bool,
        /// Where the value comes from: 1 the topic, 2 the broker (dynamic), 3 all brokers (dynamic), 4
        /// the broker (static), 5 the default, 6 the logger, 7 client metrics, 8 the group.
        config_source: i8 = -1,
        /// Whether the value is secret, and left out therefore.
        is_sensitive: bool,
    }
}
