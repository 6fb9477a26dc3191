//! ListOffsets (key 2), versions 1-11: offsets by time or by position.
//!
//! 2 isolation level, throttle time · 4 leader epochs (KIP-320) · 5 OFFSET_NOT_AVAILABLE · 6 flexible · 7
//! greatest timestamp (KIP-734) · 8 local start (KIP-405) · 9 last tiered offset (KIP-1005) · 10 timeout
//! (KIP-1075) · 11 first offset not tiered yet (KIP-1023).

use crate::wire::{Text, message};

message! {
    /// Asks for offsets by time or by position.
    pub struct Request(1..=11, flexible 6..) {
        /// The broker that asks as a follower; -1 from consumers.
        replica_id: i32,
        /// 0 reads up to the high watermark, 1 (read committed) up to the last stable offset.
        isolation_level: i8 [2..],
        /// The topics.
        topics: Vec<ListOffsetsTopic>,
        /// How long the broker may take, in milliseconds.
        timeout_ms: i32 [10..],
    }

    /// A topic to look into.
    pub struct ListOffsetsTopic {
        /// Name of the topic.
        name: Text,
        /// The partitions.
        partitions: Vec<ListOffsetsPartition>,
    }

    /// A partition to look into, and what for.
    pub struct ListOffsetsPartition {
        /// Index of the partition in its topic.
        partition_index: i32,
        /// The leader epoch the client knows, to find out that it is stale (KIP-320); -1 not to check.
        current_leader_epoch: i32 [4..] = -1,
        /// A time in milliseconds since 1970, for the first record from then on; or -1 end, -2 start, -3
        /// greatest timestamp, -4 local start, -5 last tiered offset, -6 first not tiered.
        timestamp: i64,
    }
}

message! {
    /// The offsets found.
    pub struct Response(1..=11, flexible 6..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32 [2..],
        /// The topics.
        topics: Vec<ListOffsetsTopicResponse>,
    }

    /// What was found in one topic.
    pub struct ListOffsetsTopicResponse {
        /// Name of the topic.
        name: Text,
        /// The partitions.
        partitions: Vec<ListOffsetsPartitionResponse>,
    }

    /// What was found in one partition.
    pub struct ListOffsetsPartitionResponse {
        /// Index of the partition in its topic.
        partition_index: i32,
        /// Error code, 0 for none.
        error_code: i16,
        /// Timestamp of the record found, in milliseconds since 1970; -1 where there is none.
        timestamp: i64 = -1,
        /// The offset found; -1 where there is none.
        offset: i64 = -1,
        /// Leader epoch; -1 where not known.
        leader_epoch: i32 [4..] = -1,
    }
}
