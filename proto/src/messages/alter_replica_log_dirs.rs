//! `AlterReplicaLogDirs` (key 34), versions 1-2.

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(1..=2, flexible 2..) {
        /// Dirs.
        dirs: Vec<AlterReplicaLogDir>,
    }

    /// AlterReplicaLogDir.
    pub struct AlterReplicaLogDir {
        /// Path.
        path: Text,
        /// Topics.
        topics: Vec<AlterReplicaLogDirTopic>,
    }

    /// AlterReplicaLogDirTopic.
    pub struct AlterReplicaLogDirTopic {
        /// Name.
        name: Text,
        /// Partitions.
        partitions: Vec<i32>,
    }
}

message! {
    /// Response.
    pub struct Response(1..=2, flexible 2..) {
        /// Throttle time ms.
        throttle_time_ms: i32,
        /// Results.
        results: Vec<AlterReplicaLogDirTopicResult>,
    }

    /// AlterReplicaLogDirTopicResult.
    pub struct AlterReplicaLogDirTopicResult {
        /// Topic name.
        topic_name: Text,
        /// Partitions.
        partitions: Vec<AlterReplicaLogDirPartitionResult>,
    }

    /// AlterReplicaLogDirPartitionResult.
    pub struct AlterReplicaLogDirPartitionResult {
        /// Partition index.
        partition_index: i32,
        /// Error code.
        error_code: i16,
    }
}
