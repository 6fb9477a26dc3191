//! OffsetCommit (key 8), versions 2-10: offsets that a group has come to.
//!
//! 3 throttle time · 5 retention is up to the broker (KIP-211) · 6 leader epochs (KIP-320) · 7 static members
//! (KIP-345) · 8 flexible · 9 members of the consumer protocol (KIP-848) · 10 topics by id.

use uuid::Uuid;

use crate::wire::{Text, message};

message! {
    /// Commits offsets of a group.
    pub struct Request(2..=10, flexible 8..) {
        /// The group.
        group_id: Text,
        /// Generation of a classic group, or epoch of the member of a consumer group; -1 outside a
        /// group.
        generation_id_or_member_epoch: i32 = -1,
        /// Id of the member.
        member_id: Text,
        /// Identity of a static member across restarts (KIP-345); null for a dynamic member.
        group_instance_id: Option<Text> [7..],
        /// How long to keep the offset, in milliseconds; -1 for the setting of the broker.
        retention_time_ms: i64 [..=4] = -1,
        /// The topics.
        topics: Vec<OffsetCommitRequestTopic>,
    }

    /// Offsets of one topic.
    pub struct OffsetCommitRequestTopic {
        /// Name of the topic.
        name: Text [..=9],
        /// Id of the topic (KIP-516).
        topic_id: Uuid [10..],
        /// The partitions.
        partitions: Vec<OffsetCommitRequestPartition>,
    }

    /// The offset of one partition.
    pub struct OffsetCommitRequestPartition {
        /// Index of the partition in its topic.
        partition_index: i32,
        /// The next offset to consume.
        committed_offset: i64,
        /// Leader epoch of the last record consumed; -1 where not known.
        committed_leader_epoch: i32 [6..] = -1,
        /// Text of the client that is kept with the offset.
        committed_metadata: Option<Text> = Some(Text::EMPTY),
    }
}

message! {
    /// How each partition fared.
    pub struct Response(2..=10, flexible 8..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32 [3..],
        /// The topics.
        topics: Vec<OffsetCommitResponseTopic>,
    }

    /// How one topic fared.
    pub struct OffsetCommitResponseTopic {
        /// Name of the topic.
        name: Text [..=9],
        /// Id of the topic (KIP-516).
        topic_id: Uuid [10..],
        /// The partitions.
        partitions: Vec<OffsetCommitResponsePartition>,
    }

    /// How one partition fared.
    pub struct OffsetCommitResponsePartition {
        /// Index of the partition in its topic.
        partition_index: i32,
        /// Error code, 0 for none.
        error_code: i16,
    }
}
