//! `CreateTopics` (key 19), versions 2-7.

use uuid::Uuid;

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(2..=7, flexible 5..) {
        /// Topics.
        topics: Vec<CreatableTopic>,
        /// Timeout ms.
        timeout_ms: i32 = 60000,
        /// Validate only.
        validate_only: bool,
    }

    /// CreatableTopic.
    pub struct CreatableTopic {
        /// Name.
        name: Text,
        /// Num partitions.
        num_partitions: i32,
        /// Replication factor.
        replication_factor: i16,
        /// Assignments.
        assignments: Vec<CreatableReplicaAssignment>,
        /// Configs.
        configs: Vec<CreatableTopicConfig>,
    }

    /// CreatableReplicaAssignment.
    pub struct CreatableReplicaAssignment {
        /// Partition index.
        partition_index: i32,
        /// Broker ids.
        broker_ids: Vec<i32>,
    }

    /// CreatableTopicConfig.
    pub struct CreatableTopicConfig {
        /// Name.
        name: Text,
        /// Value.
        value: Option<Text> = Some(Text::EMPTY),
    }
}

message! {
    /// Response.
    pub struct Response(2..=7, flexible 5..) {
        /// Throttle time ms.
        throttle_time_ms: i32,
        /// Topics.
        topics: Vec<CreatableTopicResult>,
    }

    /// CreatableTopicResult.
    pub struct CreatableTopicResult {
        /// Name.
        name: Text,
        /// Topic id.
        topic_id: Uuid [7..],
        /// Error code.
        error_code: i16,
        /// Error message.
        error_message: Option<Text> = Some(Text::EMPTY),
        /// Topic config error code.
        topic_config_error_code: i16 [5.., tag 0],
        /// Num partitions.
        num_partitions: i32 [5..] = -1,
        /// Replication factor.
        replication_factor: i16 [5..] = -1,
        /// Configs.
        configs: Option<Vec<CreatableTopicConfigs>> [5..] = Some(Vec::new()),
    }

    /// CreatableTopicConfigs.
    pub struct CreatableTopicConfigs {
        /// Name.
        name: Text [5..],
        /// Value.
        value: Option<Text> [5..] = Some(Text::EMPTY),
        /// Read only.
        read_only: bool [5..],
        /// Config source.
        config_source: i8 [5..] = -1,
        /// Is sensitive.
        is_sensitive: bool [5..],
    }
}
