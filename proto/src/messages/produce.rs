//! Produce (key 0), versions 3-13: records on their way into the log.
//!
//! 3 transactions, record batches of format 2 · 4 KAFKA_STORAGE_ERROR · 5 log start offset · 7 zstd (KIP-110)
//! · 8 errors of single records (KIP-467) · 9 flexible · 10 leader of a partition that moved (KIP-951) · 11
//! TRANSACTION_ABORTABLE · 12 partitions join transactions by themselves (KIP-890) · 13 topics by id.
//! Versions 0-2 are advertised for librdkafka, and refused (KIP-896).

use bytes::Bytes;
use uuid::Uuid;

use crate::wire::{Text, message};

message! {
    /// Brings records.
    pub struct Request(3..=13, flexible 9..) {
        /// The transactional id; null for a producer without transactions.
        transactional_id: Option<Text>,
        /// Which acknowledgements to wait for: 0 none (and no response), 1 the leader, -1 all in-sync
        /// replicas.
        acks: i16,
        /// How long to wait for the acknowledgements, in milliseconds.
        timeout_ms: i32,
        /// What goes into each topic.
        topic_data: Vec<TopicProduceData>,
    }

    /// What goes into one topic.
    pub struct TopicProduceData {
        /// Name of the topic.
        name: Text [..=12],
        /// Id of the topic (KIP-516).
        topic_id: Uuid [13..],
        /// What goes into each partition.
        partition_data: Vec<PartitionProduceData>,
    }

    /// What goes into one partition.
    pub struct PartitionProduceData {
        /// Index of the partition in its topic.
        index: i32,
        /// Record batches as they are stored; null where there are none.
        records: Option<Bytes>,
    }
}

message! {
    /// Where the records are stored.
    pub struct Response(3..=13, flexible 9..) {
        /// How each part of the request fared.
        responses: Vec<TopicProduceResponse>,
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32,
        /// Where the leaders named above can be reached (KIP-951).
        node_endpoints: Vec<NodeEndpoint> [10.., tag 0],
    }

    /// How one topic fared.
    pub struct TopicProduceResponse {
        /// Name of the topic.
        name: Text [..=12],
        /// Id of the topic (KIP-516).
        topic_id: Uuid [13..],
        /// How each partition fared.
        partition_responses: Vec<PartitionProduceResponse>,
    }

    /// How one partition fared.
    pub struct PartitionProduceResponse {
        /// Index of the partition in its topic.
        index: i32,
        /// Error code, 0 for none.
        error_code: i16,
        /// Offset that the first record got; -1 on an error.
        base_offset: i64,
        /// Time of the append, in milliseconds since 1970, where the topic stamps records so; otherwise
        /// -1.
        log_append_time_ms: i64 = -1,
        /// First offset of the log; -1 where not known.
        log_start_offset: i64 [5..] = -1,
        /// The records for which the batch was refused (KIP-467).
        record_errors: Vec<BatchIndexAndErrorMessage> [8..],
        /// What went wrong, for a person; null where nothing did.
        error_message: Option<Text> [8..],
        /// The partition's leader, where the request went to another broker (KIP-951).
        current_leader: LeaderIdAndEpoch [10.., tag 0],
    }

    /// A record for which its batch was refused.
    pub struct BatchIndexAndErrorMessage {
        /// Index of the record in its batch.
        batch_index: i32,
        /// What is wrong with the record, for a person.
        batch_index_error_message: Option<Text>,
    }

    /// A partition's leader.
    pub struct LeaderIdAndEpoch {
        /// Broker that leads; -1 where there is none.
        leader_id: i32 = -1,
        /// Leader epoch; -1 where not known.
        leader_epoch: i32 = -1,
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
