//! `DescribeLogDirs` (key 35), versions 1-5.

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(1..=5, flexible 2..) {
        /// Topics.
        topics: Option<Vec<DescribableLogDirTopic>> = Some(Vec::new()),
    }

    /// DescribableLogDirTopic.
    pub struct DescribableLogDirTopic {
        /// Topic.
        topic: Text,
        /// Partitions.
        partitions: Vec<i32>,
    }
}

message! {
    /// Response.
    pub struct Response(1..=5, flexible 2..) {
        /// Throttle time ms.
        throttle_time_ms: i32,
        /// Error code.
        error_code: i16 [3..],
        /// Results.
        results: Vec<DescribeLogDirsResult>,
    }

    /// DescribeLogDirsResult.
    pub struct DescribeLogDirsResult {
        /// Error code.
        error_code: i16,
        /// Log dir.
        log_dir: Text,
        /// Topics.
        topics: Vec<DescribeLogDirsTopic>,
        /// Total bytes.
        total_bytes: i64 [4..] = -1,
        /// Usable bytes.
        usable_bytes: i64 [4..] = -1,
        /// Is cordoned.
        is_cordoned: bool [5..],
    }

    /// DescribeLogDirsTopic.
    pub struct DescribeLogDirsTopic {
        /// Name.
        name: Text,
        /// Partitions.
        partitions: Vec<DescribeLogDirsPartition>,
    }

    /// DescribeLogDirsPartition.
    pub struct DescribeLogDirsPartition {
        /// Partition index.
        partition_index: i32,
        /// Partition size.
        partition_size: i64,
        /// Offset lag.
        offset_lag: i64,
        /// Is future key.
        is_future_key: bool,
    }
}
