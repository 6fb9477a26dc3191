//! OffsetFetch (key 9), versions 1-10: offsets that a group has come to, to go on from there.
//!
//! 2 all topics, and an error of the whole request · 3 throttle time · 5 leader epochs (KIP-320) · 6 flexible
//! · 7 only stable offsets (KIP-447) · 8 several groups (KIP-709) · 9 members of the consumer protocol
//! (KIP-848) · 10 topics by id.

use uuid::Uuid;

use crate::wire::{Text, message};

message! {
    /// Asks for committed offsets.
    pub struct Request(1..=10, flexible 6..) {
        /// The group.
        group_id: Text [..=7],
        /// The topics wanted; null for all that have offsets.
        topics: Option<Vec<OffsetFetchRequestTopic>> [..=7, null 2..] = Some(Vec::new()),
        /// The groups.
        groups: Vec<OffsetFetchRequestGroup> [8..],
        /// Whether offsets of open transactions are an error to be retried (KIP-447).
        require_stable: bool [7..],
    }

    /// Partitions of one topic, up to version 7.
    pub struct OffsetFetchRequestTopic {
        /// Name of the topic.
        name: Text,
        /// Indexes of the partitions in their topic.
        partition_indexes: Vec<i32>,
    }

    /// A group, and the offsets of it that are wanted.
    pub struct OffsetFetchRequestGroup {
        /// The group.
        group_id: Text,
        /// Id of the member; null outside the consumer protocol.
        member_id: Option<Text> [9..],
        /// Epoch of the member; -1 outside the consumer protocol.
        member_epoch: i32 [9..] = -1,
        /// The topics wanted; null for all that have offsets.
        topics: Option<Vec<OffsetFetchRequestTopics>> = Some(Vec::new()),
    }

    /// Partitions of one topic.
    pub struct OffsetFetchRequestTopics {
        /// Name of the topic.
        name: Text [..=9],
        /// Id of the topic (KIP-516).
        topic_id: Uuid [10..],
        /// Indexes of the partitions in their topic.
        partition_indexes: Vec<i32>,
    }
}

message! {
    /// The committed offsets.
    pub struct Response(1..=10, flexible 6..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32 [3..],
        /// The offsets, topic by topic.
        topics: Vec<OffsetFetchResponseTopic> [..=7],
        /// Error code, 0 for none.
        error_code: i16 [2..=7],
        /// The groups.
        groups: Vec<OffsetFetchResponseGroup> [8..],
    }

    /// Offsets of one topic, up to version 7.
    pub struct OffsetFetchResponseTopic {
        /// Name of the topic.
        name: Text,
        /// The partitions.
        partitions: Vec<OffsetFetchResponsePartition>,
    }

    /// The offset of one partition, up to version 7.
    pub struct OffsetFetchResponsePartition {
        /// Index of the partition in its topic.
        partition_index: i32,
        /// The next offset to consume; -1 where none was committed.
        committed_offset: i64,
        /// Leader epoch of the last record consumed; -1 where not known.
        committed_leader_epoch: i32 [5..] = -1,
        /// Text of the client that was kept with the offset.
        metadata: Option<Text> = Some(Text::EMPTY),
        /// Error code, 0 for none.
        error_code: i16,
    }

    /// Offsets of one group.
    pub struct OffsetFetchResponseGroup {
        /// The group.
        group_id: Text,
        /// The offsets, topic by topic.
        topics: Vec<OffsetFetchResponseTopics>,
        /// Error code, 0 for none.
        error_code: i16,
    }

    /// Offsets of one topic.
    pub struct OffsetFetchResponseTopics {
        /// Name of the topic.
        name: Text [..=9],
        /// Id of the topic (KIP-516).
        topic_id: Uuid [10..],
        /// The partitions.
        partitions: Vec<OffsetFetchResponsePartitions>,
    }

    /// The offset of one partition.
    pub struct OffsetFetchResponsePartitions {
        /// Index of the partition in its topic.
        partition_index: i32,
        /// The next offset to consume; -1 where none was committed.
        committed_offset: i64,
        /// Leader epoch of the last record consumed; -1 where not known.
        committed_leader_epoch: i32 = -1,
        /// Text of the client that was kept with the offset.
        metadata: Option<Text> = Some(Text::EMPTY),
        /// Error code, 0 for none.
        error_code: i16,
    }
}
