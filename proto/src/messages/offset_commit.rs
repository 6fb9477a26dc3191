//! `OffsetCommit` (key 8), versions 2-10.

use uuid::Uuid;

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(2..=10, flexible 8..) {
        /// Group id.
        group_id: Text,
        /// Generation id or member epoch.
        generation_id_or_member_epoch: i32 = -1,
        /// Member id.
        member_id: Text,
        /// Group instance id.
        group_instance_id: Option<Text> [7..],
        /// Retention time ms.
        retention_time_ms: i64 [..=4] = -1,
        /// Topics.
        topics: Vec<OffsetCommitRequestTopic>,
    }

    /// OffsetCommitRequestTopic.
    pub struct OffsetCommitRequestTopic {
        /// Name.
        name: Text [..=9],
        /// Topic id.
        topic_id: Uuid [10..],
        /// Partitions.
        partitions: Vec<OffsetCommitRequestPartition>,
    }

    /// OffsetCommitRequestPartition.
    pub struct OffsetCommitRequestPartition {
        /// Partition index.
        partition_index: i32,
        /// Committed offset.
        committed_offset: i64,
        /// Committed leader epoch.
        committed_leader_epoch: i32 [6..] = -1,
        /// Committed metadata.
        committed_metadata: Option<Text> = Some(Text::EMPTY),
    }
}

message! {
    /// Response.
    pub struct Response(2..=10, flexible 8..) {
        /// Throttle time ms.
        throttle_time_ms: i32 [3..],
        /// Topics.
        topics: Vec<OffsetCommitResponseTopic>,
    }

    /// OffsetCommitResponseTopic.
    pub struct OffsetCommitResponseTopic {
        /// Name.
        name: Text [..=9],
        /// Topic id.
        topic_id: Uuid [10..],
        /// Partitions.
        partitions: Vec<OffsetCommitResponsePartition>,
    }

    /// OffsetCommitResponsePartition.
    pub struct OffsetCommitResponsePartition {
        /// Partition index.
        partition_index: i32,
        /// Error code.
        error_code: i16,
    }
}
