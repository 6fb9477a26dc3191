//! Fetch (key 1), versions 4-18: records on their way out of the log.
//!
//! 4 isolation level · 5 log start offset · 7 sessions (KIP-227) · 9 leader epochs (KIP-320) · 10 zstd · 11
//! rack (KIP-392) · 12 flexible, divergence (KIP-595) · 13 topics by id · 14 OFFSET_MOVED_TO_TIERED_STORAGE ·
//! 15 follower state (KIP-903) · 16 leader endpoints (KIP-951) · 17 directory ids (KIP-853) · 18 high
//! watermark of the follower (KIP-1166).

use uuid::Uuid;

use crate::wire::{Records, Text, message};

message! {
    /// Asks for records.
    pub struct Request(4..=18, flexible 12..) {
        /// Id of the cluster, where the sender knows it; sent by replicas of the metadata quorum.
        cluster_id: Option<Text> [12.., tag 0],
        /// The broker that asks as a follower; -1 from consumers.
        replica_id: i32 [..=14] = -1,
        /// The follower that fetches; from version 15 in place of `replica_id` (KIP-903).
        replica_state: ReplicaState [15.., tag 1],
        /// Longest wait for `min_bytes`, in milliseconds.
        max_wait_ms: i32,
        /// Bytes to wait for before answering.
        min_bytes: i32,
        /// Most bytes wanted in all; the first batch comes whole even if it is longer.
        max_bytes: i32 = i32::MAX,
        /// 0 reads up to the high watermark, 1 (read committed) up to the last stable offset.
        isolation_level: i8,
        /// The fetch session; 0 for none (KIP-227).
        session_id: i32 [7..],
        /// Epoch of the fetch session: 0 opens one, -1 ends it or does without (KIP-227).
        session_epoch: i32 [7..] = -1,
        /// The partitions to fetch from, or to add to the session.
        topics: Vec<FetchTopic>,
        /// Partitions to take out of the fetch session (KIP-227).
        forgotten_topics_data: Vec<ForgottenTopic> [7..],
        /// Rack of the client; empty or null where not set.
        rack_id: Text [11..],
    }

    /// A follower that fetches.
    pub struct ReplicaState {
        /// The broker that asks as a follower; -1 from consumers.
        replica_id: i32 = -1,
        /// Epoch of the broker that fetches; -1 from consumers.
        replica_epoch: i64 = -1,
    }

    /// A topic to fetch from.
    pub struct FetchTopic {
        /// Name of the topic.
        topic: Text [..=12],
        /// Id of the topic (KIP-516).
        topic_id: Uuid [13..],
        /// The partitions.
        partitions: Vec<FetchPartition>,
    }

    /// A partition to fetch from.
    pub struct FetchPartition {
        /// Index of the partition in its topic.
        partition: i32,
        /// The leader epoch the client knows, to find out that it is stale (KIP-320); -1 not to check.
        current_leader_epoch: i32 [9..] = -1,
        /// First offset wanted.
        fetch_offset: i64,
        /// Leader epoch of the last record fetched, to find out that logs diverge (KIP-595); -1 not to
        /// check.
        last_fetched_epoch: i32 [12..] = -1,
        /// First offset of the log; -1 where not known.
        log_start_offset: i64 [5..] = -1,
        /// Most bytes wanted from this partition.
        partition_max_bytes: i32,
        /// Id of the directory of the fetching replica (KIP-853).
        replica_directory_id: Uuid [17.., tag 0],
        /// The high watermark that the follower knows (KIP-1166); `i64::MAX` from consumers.
        high_watermark: i64 [18.., tag 1] = i64::MAX,
    }

    /// Partitions of one topic to take out of the session.
    pub struct ForgottenTopic {
        /// Name of the topic.
        topic: Text [..=12],
        /// Id of the topic (KIP-516).
        topic_id: Uuid [13..],
        /// The partitions.
        partitions: Vec<i32>,
    }
}

message! {
    /// Records.
    pub struct Response(4..=18, flexible 12..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32,
        /// Error code, 0 for none.
        error_code: i16 [7..],
        /// The fetch session; 0 for none (KIP-227).
        session_id: i32 [7..],
        /// How each part of the request fared.
        responses: Vec<FetchableTopicResponse>,
        /// Where the leaders named above can be reached (KIP-951).
        node_endpoints: Vec<NodeEndpoint> [16.., tag 0],
    }

    /// What was fetched from one topic.
    pub struct FetchableTopicResponse {
        /// Name of the topic.
        topic: Text [..=12],
        /// Id of the topic (KIP-516).
        topic_id: Uuid [13..],
        /// The partitions.
        partitions: Vec<PartitionData>,
    }

    /// What was fetched from one partition.
    pub struct PartitionData {
        /// Index of the partition in its topic.
        partition_index: i32,
        /// Error code, 0 for none.
        error_code: i16,
        /// First offset that is not committed yet.
        high_watermark: i64,
        /// First offset that may belong to an open transaction; -1 on an error.
        last_stable_offset: i64 = -1,
        /// First offset of the log; -1 where not known.
        log_start_offset: i64 [5..] = -1,
        /// Where the log of the follower parts from the leader's.
        diverging_epoch: EpochEndOffset [12.., tag 0],
        /// The partition's leader, where the request went to another broker (KIP-951).
        current_leader: LeaderIdAndEpoch [12.., tag 1],
        /// The snapshot to load instead, where the offset is before the log (KIP-630).
        snapshot_id: SnapshotId [12.., tag 2],
        /// Transactions that were aborted within the records, for a read-committed consumer to leave
        /// out; null where it did not ask.
        aborted_transactions: Option<Vec<AbortedTransaction>> = Some(Vec::new()),
        /// Broker that the consumer should read from instead (KIP-392); -1 for this one.
        preferred_read_replica: i32 [11..] = -1,
        /// Record batches as they are stored; null where there are none.
        records: Option<Records>,
    }

    /// Where a leader epoch ends.
    pub struct EpochEndOffset {
        /// The leader epoch; -1 where there is none.
        epoch: i32 = -1,
        /// First offset after the epoch; -1 where nothing diverges.
        end_offset: i64 = -1,
    }

    /// A partition's leader.
    pub struct LeaderIdAndEpoch {
        /// Broker that leads; -1 where there is none.
        leader_id: i32 = -1,
        /// Leader epoch; -1 where not known.
        leader_epoch: i32 = -1,
    }

    /// A snapshot of the metadata log.
    pub struct SnapshotId {
        /// First offset that the snapshot does not hold; -1 where there is none.
        end_offset: i64 = -1,
        /// The leader epoch; -1 where there is none.
        epoch: i32 = -1,
    }

    /// A transaction that was aborted.
    pub struct AbortedTransaction {
        /// Id of the producer.
        producer_id: i64,
        /// First offset of the transaction in the partition.
        first_offset: i64,
    }

    /// Where a broker can be reached.
    pub struct NodeEndpoint {
        /// Id of the broker.
        node_id: i32,
        /// Host name or address.
        host: Text,
        /// Port.
        port: i32,
        /// Rack of the broker; null where not set.
        rack: Option<Text>,
    }
}
