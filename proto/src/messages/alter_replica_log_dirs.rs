//! AlterReplicaLogDirs (key 34), versions 1-2: replicas on their way to another log directory (KIP-113).
//!
//! 2 flexible.

use crate::wire::{Text, message};

message! {
    /// Moves replicas between log directories.
    pub struct Request(1..=2, flexible 2..) {
        /// Directories and the replicas to move into them.
        dirs: Vec<AlterReplicaLogDir>,
    }

    /// A directory, and the replicas to move into it.
    pub struct AlterReplicaLogDir {
        /// Absolute path of the directory.
        path: Text,
        /// The topics.
        topics: Vec<AlterReplicaLogDirTopic>,
    }

    /// Partitions of one topic.
    pub struct AlterReplicaLogDirTopic {
        /// Name of the topic.
        name: Text,
        /// The partitions.
        partitions: Vec<i32>,
    }
}

message! {
    /// How each replica fared.
    pub struct Response(1..=2, flexible 2..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32,
        /// How each part of the request fared.
        results: Vec<AlterReplicaLogDirTopicResult>,
    }

    /// How one topic fared.
    pub struct AlterReplicaLogDirTopicResult {
        /// Name of the topic.
        topic_name: Text,
        /// The partitions.
        partitions: Vec<AlterReplicaLogDirPartitionResult>,
    }

    /// How one partition fared.
    pub struct AlterReplicaLogDirPartitionResult {
        /// Index of the partition in its topic.
        partition_index: i32,
        /// Error code, 0 for none.
        error_code: i16,
    }
}
