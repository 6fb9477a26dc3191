//! The one list of what is served: API key → handler. ApiVersions is computed from it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use thalweg_proto::api::ApiKey;
use thalweg_proto::frame::{RequestHeader, encode_response};
use thalweg_proto::wire::{Message, Reader, Text, WireError, Writer};

use super::api;
use super::connection::Close;
use super::context::{Client, Context, Front};

/// The parts of an answer; none where the request gets no answer.
pub(super) type Answer = Pin<Box<dyn Future<Output = Result<Vec<Bytes>, Close>> + Send>>;

/// A request that has been started.
pub(super) enum Step {
    /// The next request of the connection must wait until this one is answered.
    InOrder(Answer),
    /// All is done but for the answer; the next request may start.
    Deferred(Answer),
}

/// A request whose header is read.
pub(super) struct Call {
    pub(super) context: Context,
    pub(super) body: Reader,
    pub(super) api: ApiKey,
    pub(super) version: i16,
    pub(super) correlation_id: i32,
}

type Start = fn(Call) -> Result<Step, Close>;

/// One served API.
struct Row {
    api: ApiKey,
    start: Start,
}

macro_rules! rows {
    ($($api:ident => $module:ident $(($how:ident))?;)*) => {
        &[$(Row { api: ApiKey::$api, start: rows!(@start $module $($how)?) }),*]
    };
    (@start $module:ident deferred) => { api::$module::start };
    (@start $module:ident parked) => { rows!(@in_order $module let_go_of_frame) };
    (@start $module:ident) => { rows!(@in_order $module) };
    (@in_order $module:ident $($and:ident)?) => {
        |mut call| {
            let request = call.read::<api::$module::Request>()?;
            $(call.$and();)?
            Ok(Step::InOrder(Box::pin(async move {
                let response = api::$module::handle(&call.context, request, call.version).await;
                call.answer(&response)
            })))
        }
    };
}

/// What is served, in order; `deferred` starts by itself, `parked` may wait for so long that its frame is given up
/// meanwhile. The versions are those of Kafka 4.3 ([`ApiKey::versions`]).
const SERVED: &[Row] = rows! {
    Produce => produce (deferred);
    Fetch => fetch;
    ListOffsets => list_offsets;
    OffsetCommit => offset_commit (deferred);
    OffsetFetch => offset_fetch;
    FindCoordinator => find_coordinator;
    JoinGroup => join_group (parked);
    Heartbeat => heartbeat;
    LeaveGroup => leave_group;
    SyncGroup => sync_group (parked);
    DescribeGroups => describe_groups;
    ListGroups => list_groups;
    Metadata => metadata;
    ApiVersions => api_versions;
    CreateTopics => create_topics;
    DeleteTopics => delete_topics;
    DeleteRecords => delete_records;
    InitProducerId => init_producer_id;
    OffsetForLeaderEpoch => offset_for_leader_epoch;
    DescribeConfigs => describe_configs;
    AlterConfigs => alter_configs;
    AlterReplicaLogDirs => alter_replica_log_dirs;
    DescribeLogDirs => describe_log_dirs;
    CreatePartitions => create_partitions;
    IncrementalAlterConfigs => incremental_alter_configs;
    DescribeCluster => describe_cluster;
    DeleteGroups => delete_groups;
    AlterPartitionReassignments => alter_partition_reassignments;
    ListPartitionReassignments => list_partition_reassignments;
    OffsetDelete => offset_delete;
    DescribeProducers => describe_producers;
    UnregisterBroker => unregister_broker;
    ConsumerGroupHeartbeat => consumer_group_heartbeat;
    ConsumerGroupDescribe => consumer_group_describe;
    DescribeTopicPartitions => describe_topic_partitions;
};

/// The APIs that are served, in the order of the list.
pub(super) fn served() -> impl Iterator<Item = ApiKey> {
    SERVED.iter().map(|row| row.api)
}

/// Reads a request's header and starts the request.
pub(super) fn start(front: &Arc<Front>, client: &Arc<Client>, frame: Bytes) -> Result<Step, Close> {
    let mut body = Reader::new(frame);
    let malformed = |error| Close::Malformed { key: -1, version: -1, error };
    let header = RequestHeader::decode(&mut body).map_err(malformed)?;
    let (key, version) = (header.api_key, header.api_version);
    let row = SERVED.iter().find(|row| row.api.code() == key).ok_or(Close::NotServed { key, version })?;
    let context = Context {
        engine: front.engine.clone(),
        front: front.clone(),
        client: client.clone(),
        client_id: header.client_id,
    };
    let call = Call { context, body, api: row.api, version, correlation_id: header.correlation_id };
    if row.api.versions().contains(&version) {
        (row.start)(call)
    } else if row.api == ApiKey::ApiVersions {
        // A client that is newer than this broker learns from version 0 what it can use (KIP-511).
        let call = Call { version: 0, ..call };
        Ok(Step::InOrder(Box::pin(async move { call.answer(&api::api_versions::unsupported_version()) })))
    } else {
        Err(Close::NotServed { key, version })
    }
}

impl Call {
    /// Reads the request's body. Bytes behind it are ignored, as Kafka does.
    pub(super) fn read<M: Message>(&mut self) -> Result<M, Close> {
        M::decode(&mut self.body, self.version).map_err(|error| self.malformed(error))
    }

    /// The answer's frame.
    pub(super) fn answer(&self, response: &impl Message) -> Result<Vec<Bytes>, Close> {
        let mut writer = Writer::with_capacity(256);
        encode_response(&mut writer, self.api, self.version, self.correlation_id, response)
            .map_err(|error| self.malformed(error))
    }

    /// Gives up what keeps the request's frame in memory, and its buffer from being used again: for requests that are
    /// read and carried out, and whose answers may wait.
    pub(super) fn let_go_of_frame(&mut self) {
        self.body = Reader::new(Bytes::new());
        self.context.client_id = self.context.client_id.as_deref().map(Text::from);
    }

    fn malformed(&self, error: WireError) -> Close {
        Close::Malformed { key: self.api.code(), version: self.version, error }
    }
}
