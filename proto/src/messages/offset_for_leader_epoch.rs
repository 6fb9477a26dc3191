//! OffsetForLeaderEpoch (key 23), versions 2-4: where leader epochs end (KIP-320).
//!
//! 3 replica id · 4 flexible.

use crate::wire::{Text, message};

message! {
    /// Asks where leader epochs end.
    pub struct Request(2..=4, flexible 4..) {
        /// The broker that asks as a follower; -1 from consumers, -2 for debugging.
        replica_id: i32 [3..] = -2,
        /// The topics.
        topics: Vec<OffsetForLeaderTopic>,
    }

    /// A topic to look into.
    pub struct OffsetForLeaderTopic {
        /// Name of the topic.
        topic: Text,
        /// The partitions.
        partitions: Vec<OffsetForLeaderPartition>,
    }

    /// A partition to look into.
    pub struct OffsetForLeaderPartition {
        /// Index of the partition in its topic.
        partition: i32,
        /// The leader epoch the client knows, to find out that it is stale (KIP-320); -1 not to check.
        current_leader_epoch: i32 = -1,
        /// Leader epoch; -1 where not known.
        leader_epoch: i32,
    }
}

message! {
    /// Where the leader epochs end.
    pub struct Response(2..=4, flexible 4..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32,
        /// The topics.
        topics: Vec<OffsetForLeaderTopicResult>,
    }

    /// What was found in one topic.
    pub struct OffsetForLeaderTopicResult {
        /// Name of the topic.
        topic: Text,
        /// The partitions.
        partitions: Vec<EpochEndOffset>,
    }

    /// Where the epoch ends in one partition.
    pub struct EpochEndOffset {
        /// Error code, 0 for none.
        error_code: i16,
        /// Index of the partition in its topic.
        partition: i32,
        /// Leader epoch; -1 where not known.
        leader_epoch: i32 = -1,
        /// First offset after the epoch.
        end_offset: i64 = -1,
    }
}
