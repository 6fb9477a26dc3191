//! DescribeLogDirs (key 35), versions 1-5: what the log directories hold (KIP-113).
//!
//! 2 flexible · 3 an error of the whole request · 4 size and free space of the volume (KIP-827) · 5 cordoned
//! directories (KIP-1066).

use crate::wire::{Text, message};

message! {
    /// Asks what the log directories hold.
    pub struct Request(1..=5, flexible 2..) {
        /// The topics wanted; null for all.
        topics: Option<Vec<DescribableLogDirTopic>> = Some(Vec::new()),
    }

    /// Partitions of one topic.
    pub struct DescribableLogDirTopic {
        /// Name of the topic.
        topic: Text,
        /// The partitions.
        partitions: Vec<i32>,
    }
}

message! {
    /// What the log directories hold.
    pub struct Response(1..=5, flexible 2..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32,
        /// Error code, 0 for none.
        error_code: i16 [3..],
        /// How each part of the request fared.
        results: Vec<DescribeLogDirsResult>,
    }

    /// One directory.
    pub struct DescribeLogDirsResult {
        /// Error code, 0 for none.
        error_code: i16,
        /// Path of the directory.
        log_dir: Text,
        /// The topics.
        topics: Vec<DescribeLogDirsTopic>,
        /// Size of the volume, in bytes; -1 where not known.
        total_bytes: i64 [4..] = -1,
        /// Space left on the volume, in bytes; -1 where not known.
        usable_bytes: i64 [4..] = -1,
        /// Whether new replicas are kept out of the directory (KIP-1066).
        is_cordoned: bool [5..],
    }

    /// What the directory holds of one topic.
    pub struct DescribeLogDirsTopic {
        /// Name of the topic.
        name: Text,
        /// The partitions.
        partitions: Vec<DescribeLogDirsPartition>,
    }

    /// What the directory holds of one partition.
    pub struct DescribeLogDirsPartition {
        /// Index of the partition in its topic.
        partition_index: i32,
        /// Size of the segments, in bytes.
        partition_size: i64,
        /// How far the copy is behind: from the high watermark, or from the replica it is to replace.
        offset_lag: i64,
        /// Whether this is the copy of a replica on its way to another directory.
        is_future_key: bool,
    }
}
