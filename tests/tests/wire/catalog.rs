//! Every message that we declare, with its codec behind one face, so that a property is written once and holds for all.

use bytes::Bytes;
use kafka_protocol::protocol::{Decodable, Encodable, Message as _};
use thalweg_proto::{
    api::ApiKey,
    messages,
    wire::{Message, Reader, Source, Value, WireError, Writer},
};

use std::ops::RangeInclusive;

/// One request or response.
pub struct Codec {
    pub api: ApiKey,
    pub direction: &'static str,
    pub versions: RangeInclusive<i16>,
    /// The versions that the crate `kafka-protocol` knows.
    pub oracle_versions: RangeInclusive<i16>,
    /// Any message, encoded.
    pub any: fn(&mut Source, i16) -> Bytes,
    /// Any message, encoded and decoded again: must be equal, with no byte left over.
    pub round_trip: fn(&mut Source, i16) -> Result<(), String>,
    /// Decodes, and says how many bytes are left over.
    pub decode: fn(Bytes, i16) -> Result<usize, WireError>,
    /// Decodes and encodes again.
    pub recode: fn(Bytes, i16) -> Result<Bytes, WireError>,
    /// Lets `kafka-protocol` decode and encode again.
    pub oracle: fn(Bytes, i16) -> Result<Bytes, String>,
}

impl Codec {
    pub fn name(&self, version: i16) -> String {
        format!("{}{} v{version}", self.api, self.direction)
    }
}

/// The parts of a finished writer as one.
pub fn joined(writer: &mut Writer) -> Bytes {
    writer.finish().concat().into()
}

fn encode<M: Message>(message: &M, version: i16) -> Result<Bytes, WireError> {
    let mut writer = Writer::new();
    message.encode(&mut writer, version)?;
    Ok(joined(&mut writer))
}

fn any<M: Message + Value>(source: &mut Source, version: i16) -> Bytes {
    encode(&source.message::<M>(version).unwrap(), version).unwrap()
}

fn round_trip<M: Message + Value + PartialEq + std::fmt::Debug>(
    source: &mut Source,
    version: i16,
) -> Result<(), String> {
    let message: M = source.message(version).unwrap();
    let mut reader = Reader::new(encode(&message, version).map_err(|error| format!("{error}: {message:?}"))?);
    let read = M::decode(&mut reader, version).map_err(|error| format!("{error}: {message:?}"))?;
    if read != message {
        return Err(format!("wrote {message:?}\nread {read:?}"));
    }
    reader.finish().map_err(|error| error.to_string())
}

fn decode<M: Message>(frame: Bytes, version: i16) -> Result<usize, WireError> {
    let mut reader = Reader::new(frame);
    M::decode(&mut reader, version)?;
    Ok(reader.remaining())
}

fn recode<M: Message>(frame: Bytes, version: i16) -> Result<Bytes, WireError> {
    encode(&M::decode(&mut Reader::new(frame), version)?, version)
}

fn oracle<M: Decodable + Encodable>(mut frame: Bytes, version: i16) -> Result<Bytes, String> {
    let message = M::decode(&mut frame, version).map_err(|error| format!("{error:#}"))?;
    if !frame.is_empty() {
        return Err(format!("{} bytes left over", frame.len()));
    }
    let mut buffer = bytes::BytesMut::new();
    message.encode(&mut buffer, version).map_err(|error| format!("{error:#}"))?;
    Ok(buffer.freeze())
}

macro_rules! codec {
    ($api:ident, $direction:ident, $message:ty, $oracle:ty) => {
        Codec {
            api: ApiKey::$api,
            direction: stringify!($direction),
            versions: <$message>::VERSIONS,
            oracle_versions: <$oracle>::VERSIONS.min..=<$oracle>::VERSIONS.max,
            any: any::<$message>,
            round_trip: round_trip::<$message>,
            decode: decode::<$message>,
            recode: recode::<$message>,
            oracle: oracle::<$oracle>,
        }
    };
}

macro_rules! codecs {
    ($($api:ident $module:ident $request:ident $response:ident;)*) => {
        /// Every codec.
        pub fn codecs() -> Vec<Codec> {
            vec![$(
                codec!($api, Request, messages::$module::Request, kafka_protocol::messages::$request),
                codec!($api, Response, messages::$module::Response, kafka_protocol::messages::$response),
            )*]
        }
    };
}

codecs! {
    AlterConfigs alter_configs AlterConfigsRequest AlterConfigsResponse;
    AlterPartitionReassignments alter_partition_reassignments AlterPartitionReassignmentsRequest AlterPartitionReassignmentsResponse;
    AlterReplicaLogDirs alter_replica_log_dirs AlterReplicaLogDirsRequest AlterReplicaLogDirsResponse;
    ApiVersions api_versions ApiVersionsRequest ApiVersionsResponse;
    ConsumerGroupDescribe consumer_group_describe ConsumerGroupDescribeRequest ConsumerGroupDescribeResponse;
    ConsumerGroupHeartbeat consumer_group_heartbeat ConsumerGroupHeartbeatRequest ConsumerGroupHeartbeatResponse;
    CreatePartitions create_partitions CreatePartitionsRequest CreatePartitionsResponse;
    CreateTopics create_topics CreateTopicsRequest CreateTopicsResponse;
    DeleteGroups delete_groups DeleteGroupsRequest DeleteGroupsResponse;
    DeleteRecords delete_records DeleteRecordsRequest DeleteRecordsResponse;
    DeleteTopics delete_topics DeleteTopicsRequest DeleteTopicsResponse;
    DescribeCluster describe_cluster DescribeClusterRequest DescribeClusterResponse;
    DescribeConfigs describe_configs DescribeConfigsRequest DescribeConfigsResponse;
    DescribeGroups describe_groups DescribeGroupsRequest DescribeGroupsResponse;
    DescribeLogDirs describe_log_dirs DescribeLogDirsRequest DescribeLogDirsResponse;
    DescribeProducers describe_producers DescribeProducersRequest DescribeProducersResponse;
    DescribeTopicPartitions describe_topic_partitions DescribeTopicPartitionsRequest DescribeTopicPartitionsResponse;
    Fetch fetch FetchRequest FetchResponse;
    FindCoordinator find_coordinator FindCoordinatorRequest FindCoordinatorResponse;
    Heartbeat heartbeat HeartbeatRequest HeartbeatResponse;
    IncrementalAlterConfigs incremental_alter_configs IncrementalAlterConfigsRequest IncrementalAlterConfigsResponse;
    InitProducerId init_producer_id InitProducerIdRequest InitProducerIdResponse;
    JoinGroup join_group JoinGroupRequest JoinGroupResponse;
    LeaveGroup leave_group LeaveGroupRequest LeaveGroupResponse;
    ListGroups list_groups ListGroupsRequest ListGroupsResponse;
    ListOffsets list_offsets ListOffsetsRequest ListOffsetsResponse;
    ListPartitionReassignments list_partition_reassignments ListPartitionReassignmentsRequest ListPartitionReassignmentsResponse;
    Metadata metadata MetadataRequest MetadataResponse;
    OffsetCommit offset_commit OffsetCommitRequest OffsetCommitResponse;
    OffsetDelete offset_delete OffsetDeleteRequest OffsetDeleteResponse;
    OffsetFetch offset_fetch OffsetFetchRequest OffsetFetchResponse;
    OffsetForLeaderEpoch offset_for_leader_epoch OffsetForLeaderEpochRequest OffsetForLeaderEpochResponse;
    Produce produce ProduceRequest ProduceResponse;
    SyncGroup sync_group SyncGroupRequest SyncGroupResponse;
    UnregisterBroker unregister_broker UnregisterBrokerRequest UnregisterBrokerResponse;
}
