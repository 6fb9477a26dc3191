//! `OffsetFetch` (key 9), versions 1-10.

use uuid::Uuid;

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(1..=10, flexible 6..) {
        /// Group id.
        group_id: Text [..=7],
        /// Topics.
        topics: Option<Vec<OffsetFetchRequestTopic>> [..=7, null 2..] = Some(Vec::new()),
        /// Groups.
        groups: Vec<OffsetFetchRequestGroup> [8..],
        /// Require stable.
        require_stable: bool [7..],
    }

    /// OffsetFetchRequestTopic.
    pub struct OffsetFetchRequestTopic {
        /// Name.
        name: Text [..=7],
        /// Partition indexes.
        partition_indexes: Vec<i32> [..=7],
    }

    /// OffsetFetchRequestGroup.
    pub struct OffsetFetchRequestGroup {
        /// Group id.
        group_id: Text [8..],
        /// Member id.
        member_id: Option<Text> [9..],
        /// Member epoch.
        member_epoch: i32 [9..] = -1,
        /// Topics.
        topics: Option<Vec<OffsetFetchRequestTopics>> [8..] = Some(Vec::new()),
    }

    /// OffsetFetchRequestTopics.
    pub struct OffsetFetchRequestTopics {
        /// Name.
        name: Text [8..=9],
        /// Topic id.
        topic_id: Uuid [10..],
        /// Partition indexes.
        partition_indexes: Vec<i32> [8..],
    }
}

message! {
    /// Response.
    pub struct Response(1..=10, flexible 6..) {
        /// Throttle time ms.
        throttle_time_ms: i32 [3..],
        /// Topics.
        topics: Vec<OffsetFetchResponseTopic> [..=7],
        /// Error code.
        error_code: i16 [2..=7],
        /// Groups.
        groups: Vec<OffsetFetchResponseGroup> [8..],
    }

    /// OffsetFetchResponseTopic.
    pub struct OffsetFetchResponseTopic {
        /// Name.
        name: Text [..=7],
        /// Partitions.
        partitions: Vec<OffsetFetchResponsePartition> [..=7],
    }

    /// OffsetFetchResponsePartition.
    pub struct OffsetFetchResponsePartition {
        /// Partition index.
        partition_index: i32 [..=7],
        /// Committed offset.
        committed_offset: i64 [..=7],
        /// Committed leader epoch.
        committed_leader_epoch: i32 [5..=7] = -1,
        /// Metadata.
        metadata: Option<Text> [..=7] = Some(Text::EMPTY),
        /// Error code.
        error_code: i16 [..=7],
    }

    /// OffsetFetchResponseGroup.
    pub struct OffsetFetchResponseGroup {
        /// Group id.
        group_id: Text [8..],
        /// Topics.
        topics: Vec<OffsetFetchResponseTopics> [8..],
        /// Error code.
        error_code: i16 [8..],
    }

    /// OffsetFetchResponseTopics.
    pub struct OffsetFetchResponseTopics {
        /// Name.
        name: Text [8..=9],
        /// Topic id.
        topic_id: Uuid [10..],
        /// Partitions.
        partitions: Vec<OffsetFetchResponsePartitions> [8..],
    }

    /// OffsetFetchResponsePartitions.
    pub struct OffsetFetchResponsePartitions {
        /// Partition index.
        partition_index: i32 [8..],
        /// Committed offset.
        committed_offset: i64 [8..],
        /// Committed leader epoch.
        committed_leader_epoch: i32 [8..] = -1,
        /// Metadata.
        metadata: Option<Text> [8..] = Some(Text::EMPTY),
        /// Error code.
        error_code: i16 [8..],
    }
}
