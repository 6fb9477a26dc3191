//! `ClusterService`.

use std::sync::Arc;

use thalweg_config::Kind;
use thalweg_config::describe::{self, Entry, Source};
use thalweg_proto::grpc::v1;
use thalweg_proto::grpc::v1::cluster_service_server::ClusterService;
use tonic::{Request, Response, Status};

use super::Addresses;
use crate::engine::{Engine, is_internal};

pub(super) struct Cluster {
    engine: Arc<Engine>,
    addresses: Addresses,
}

impl Cluster {
    pub fn new(engine: Arc<Engine>, addresses: Addresses) -> Self {
        Self { engine, addresses }
    }
}

#[tonic::async_trait]
impl ClusterService for Cluster {
    async fn get_cluster(
        &self,
        _request: Request<v1::GetClusterRequest>,
    ) -> Result<Response<v1::GetClusterResponse>, Status> {
        let topics = self.engine.topics.all();
        let topics = || topics.iter().filter(|handle| !is_internal(&handle.topic.name));
        Ok(Response::new(v1::GetClusterResponse {
            cluster_id: self.engine.logs.cluster_id().to_owned(),
            node_id: self.engine.settings.node_id,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            kafka_address: self.addresses.kafka.clone(),
            http_address: self.addresses.http.clone(),
            topics: i32::try_from(topics().count()).unwrap_or(i32::MAX),
            partitions: topics().map(|handle| handle.topic.partitions).fold(0, i32::saturating_add),
        }))
    }

    async fn list_settings(
        &self,
        _request: Request<v1::ListSettingsRequest>,
    ) -> Result<Response<v1::ListSettingsResponse>, Status> {
        let settings = describe::broker_entries(&self.engine.current_settings());
        Ok(Response::new(v1::ListSettingsResponse { settings: settings.into_iter().map(entry).collect() }))
    }
}

/// A setting as it is told.
pub(super) fn entry(entry: Entry) -> v1::ConfigEntry {
    v1::ConfigEntry {
        name: entry.name,
        value: entry.value,
        source: source(entry.source).to_owned(),
        r#type: entry.kind.map_or("UNKNOWN", kind).to_owned(),
        read_only: entry.read_only,
        sensitive: entry.sensitive,
        documentation: entry.doc.to_owned(),
    }
}

/// Kafka's word (`ConfigEntry.ConfigSource`).
fn source(source: Source) -> &'static str {
    match source {
        Source::Topic => "DYNAMIC_TOPIC_CONFIG",
        Source::Broker => "DYNAMIC_BROKER_CONFIG",
        Source::ClusterDefault => "DYNAMIC_DEFAULT_BROKER_CONFIG",
        Source::Static => "STATIC_BROKER_CONFIG",
        Source::Default => "DEFAULT_CONFIG",
        Source::ClientMetrics => "DYNAMIC_CLIENT_METRICS_CONFIG",
        Source::Group => "DYNAMIC_GROUP_CONFIG",
    }
}

/// Kafka's word (`ConfigEntry.ConfigType`).
fn kind(kind: Kind) -> &'static str {
    match kind.code() {
        1 => "BOOLEAN",
        2 => "STRING",
        3 => "INT",
        4 => "SHORT",
        5 => "LONG",
        6 => "DOUBLE",
        7 => "LIST",
        8 => "CLASS",
        9 => "PASSWORD",
        _ => "UNKNOWN",
    }
}
