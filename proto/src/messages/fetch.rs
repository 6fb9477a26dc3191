//! `Fetch` (key 1), versions 4-18.

use uuid::Uuid;

use crate::wire::{Records, Text, message};

message! {
    /// Request.
    pub struct Request(4..=18, flexible 12..) {
        /// Cluster id.
        cluster_id: Option<Text> [12.., tag 0],
        /// Replica id.
        replica_id: i32 [..=14] = -1,
        /// Replica state.
        replica_state: ReplicaState [15.., tag 1],
        /// Max wait ms.
        max_wait_ms: i32,
        /// Min bytes.
        min_bytes: i32,
        /// Max bytes.
        max_bytes: i32 = i32::MAX,
        /// Isolation level.
        isolation_level: i8,
        /// Session id.
        session_id: i32 [7..],
        /// Session epoch.
        session_epoch: i32 [7..] = -1,
        /// Topics.
        topics: Vec<FetchTopic>,
        /// Forgotten topics data.
        forgotten_topics_data: Vec<ForgottenTopic> [7..],
        /// Rack id.
        rack_id: Text [11..],
    }

    /// ReplicaState.
    pub struct ReplicaState {
        /// Replica id.
        replica_id: i32 [15..] = -1,
        /// Replica epoch.
        replica_epoch: i64 [15..] = -1,
    }

    /// FetchTopic.
    pub struct FetchTopic {
        /// Topic.
        topic: Text [..=12],
        /// Topic id.
        topic_id: Uuid [13..],
        /// Partitions.
        partitions: Vec<FetchPartition>,
    }

    /// FetchPartition.
    pub struct FetchPartition {
        /// Partition.
        partition: i32,
        /// Current leader epoch.
        current_leader_epoch: i32 [9..] = -1,
        /// Fetch offset.
        fetch_offset: i64,
        /// Last fetched epoch.
        last_fetched_epoch: i32 [12..] = -1,
        /// Log start offset.
        log_start_offset: i64 [5..] = -1,
        /// Partition max bytes.
        partition_max_bytes: i32,
        /// Replica directory id.
        replica_directory_id: Uuid [17.., tag 0],
        /// High watermark.
        high_watermark: i64 [18.., tag 1] = i64::MAX,
    }

    /// ForgottenTopic.
    pub struct ForgottenTopic {
        /// Topic.
        topic: Text [7..=12],
        /// Topic id.
        topic_id: Uuid [13..],
        /// Partitions.
        partitions: Vec<i32> [7..],
    }
}

message! {
    /// Response.
    pub struct Response(4..=18, flexible 12..) {
        /// Throttle time ms.
        throttle_time_ms: i32,
        /// Error code.
        error_code: i16 [7..],
        /// Session id.
        session_id: i32 [7..],
        /// Responses.
        responses: Vec<FetchableTopicResponse>,
        /// Node endpoints.
        node_endpoints: Vec<NodeEndpoint> [16.., tag 0],
    }

    /// FetchableTopicResponse.
    pub struct FetchableTopicResponse {
        /// Topic.
        topic: Text [..=12],
        /// Topic id.
        topic_id: Uuid [13..],
        /// Partitions.
        partitions: Vec<PartitionData>,
    }

    /// PartitionData.
    pub struct PartitionData {
        /// Partition index.
        partition_index: i32,
        /// Error code.
        error_code: i16,
        /// High watermark.
        high_watermark: i64,
        /// Last stable offset.
        last_stable_offset: i64 = -1,
        /// Log start offset.
        log_start_offset: i64 [5..] = -1,
        /// Diverging epoch.
        diverging_epoch: EpochEndOffset [12.., tag 0],
        /// Current leader.
        current_leader: LeaderIdAndEpoch [12.., tag 1],
        /// Snapshot id.
        snapshot_id: SnapshotId [12.., tag 2],
        /// Aborted transactions.
        aborted_transactions: Option<Vec<AbortedTransaction>> = Some(Vec::new()),
        /// Preferred read replica.
        preferred_read_replica: i32 [11..] = -1,
        /// Records.
        records: Option<Records>,
    }

    /// EpochEndOffset.
    pub struct EpochEndOffset {
        /// Epoch.
        epoch: i32 [12..] = -1,
        /// End offset.
        end_offset: i64 [12..] = -1,
    }

    /// LeaderIdAndEpoch.
    pub struct LeaderIdAndEpoch {
        /// Leader id.
        leader_id: i32 [12..] = -1,
        /// Leader epoch.
        leader_epoch: i32 [12..] = -1,
    }

    /// SnapshotId.
    pub struct SnapshotId {
        /// End offset.
        end_offset: i64 [12..] = -1,
        /// Epoch.
        epoch: i32 [12..] = -1,
    }

    /// AbortedTransaction.
    pub struct AbortedTransaction {
        /// Producer id.
        producer_id: i64,
        /// First offset.
        first_offset: i64,
    }

    /// NodeEndpoint.
    pub struct NodeEndpoint {
        /// Node id.
        node_id: i32 [16..],
        /// Host.
        host: Text [16..],
        /// Port.
        port: i32 [16..],
        /// Rack.
        rack: Option<Text> [16..],
    }
}
