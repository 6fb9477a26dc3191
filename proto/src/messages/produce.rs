//! `Produce` (key 0), versions 3-13.

use bytes::Bytes;
use uuid::Uuid;

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(3..=13, flexible 9..) {
        /// Transactional id.
        transactional_id: Option<Text>,
        /// Acks.
        acks: i16,
        /// Timeout ms.
        timeout_ms: i32,
        /// Topic data.
        topic_data: Vec<TopicProduceData>,
    }

    /// TopicProduceData.
    pub struct TopicProduceData {
        /// Name.
        name: Text [..=12],
        /// Topic id.
        topic_id: Uuid [13..],
        /// Partition data.
        partition_data: Vec<PartitionProduceData>,
    }

    /// PartitionProduceData.
    pub struct PartitionProduceData {
        /// Index.
        index: i32,
        /// Records.
        records: Option<Bytes>,
    }
}

message! {
    /// Response.
    pub struct Response(3..=13, flexible 9..) {
        /// Responses.
        responses: Vec<TopicProduceResponse>,
        /// Throttle time ms.
        throttle_time_ms: i32,
        /// Node endpoints.
        node_endpoints: Vec<NodeEndpoint> [10.., tag 0],
    }

    /// TopicProduceResponse.
    pub struct TopicProduceResponse {
        /// Name.
        name: Text [..=12],
        /// Topic id.
        topic_id: Uuid [13..],
        /// Partition responses.
        partition_responses: Vec<PartitionProduceResponse>,
    }

    /// PartitionProduceResponse.
    pub struct PartitionProduceResponse {
        /// Index.
        index: i32,
        /// Error code.
        error_code: i16,
        /// Base offset.
        base_offset: i64,
        /// Log append time ms.
        log_append_time_ms: i64 = -1,
        /// Log start offset.
        log_start_offset: i64 [5..] = -1,
        /// Record errors.
        record_errors: Vec<BatchIndexAndErrorMessage> [8..],
        /// Error message.
        error_message: Option<Text> [8..],
        /// Current leader.
        current_leader: LeaderIdAndEpoch [10.., tag 0],
    }

    /// BatchIndexAndErrorMessage.
    pub struct BatchIndexAndErrorMessage {
        /// Batch index.
        batch_index: i32 [8..],
        /// Batch index error message.
        batch_index_error_message: Option<Text> [8..],
    }

    /// LeaderIdAndEpoch.
    pub struct LeaderIdAndEpoch {
        /// Leader id.
        leader_id: i32 [10..] = -1,
        /// Leader epoch.
        leader_epoch: i32 [10..] = -1,
    }

    /// NodeEndpoint.
    pub struct NodeEndpoint {
        /// Node id.
        node_id: i32 [10..],
        /// Host.
        host: Text [10..],
        /// Port.
        port: i32 [10..],
        /// Rack.
        rack: Option<Text> [10..],
    }
}
