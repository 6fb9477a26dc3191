//! Our own protocol, `thalweg.v1`: the services decode, call the same engine as the Kafka front, and encode.

mod batches;
mod cluster;
mod compaction;
mod consume;
mod groups;
mod produce;
mod status;
mod topics;

use std::sync::Arc;

use thalweg_proto::grpc::v1::cluster_service_server::ClusterServiceServer;
use thalweg_proto::grpc::v1::consume_service_server::ConsumeServiceServer;
use thalweg_proto::grpc::v1::group_service_server::GroupServiceServer;
use thalweg_proto::grpc::v1::produce_service_server::ProduceServiceServer;
use thalweg_proto::grpc::v1::topic_service_server::TopicServiceServer;
use thalweg_proto::grpc::{FILE_DESCRIPTOR_SET, MAX_MESSAGE_BYTES};
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic_health::server::{HealthReporter, health_reporter};

use crate::engine::Engine;

use cluster::Cluster;
use consume::Consume;
use groups::Groups;
use produce::Produce;
use topics::Topics;

/// Where the broker can be reached, for those who ask.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// Where Kafka clients connect, as HOST:PORT.
    pub kafka: String,
    /// Where these services listen, as HOST:PORT.
    pub http: String,
}

/// Adds the services to `routes`, with health of each and reflection of all. The reporter takes them out of service.
pub(super) async fn add_services(
    routes: Routes,
    engine: &Arc<Engine>,
    addresses: Addresses,
    stopping: &CancellationToken,
) -> (Routes, HealthReporter) {
    let produce = ProduceServiceServer::new(Produce::new(engine.clone(), stopping.clone()))
        .max_decoding_message_size(MAX_MESSAGE_BYTES);
    let consume = ConsumeServiceServer::new(Consume::new(engine.clone(), stopping.clone()))
        .max_encoding_message_size(MAX_MESSAGE_BYTES);
    let topics = TopicServiceServer::new(Topics::new(engine.clone()));
    let cluster = ClusterServiceServer::new(Cluster::new(engine.clone(), addresses));
    let groups = GroupServiceServer::new(Groups::new(engine.clone(), stopping.clone()))
        .max_decoding_message_size(MAX_MESSAGE_BYTES);
    let (reporter, health) = health_reporter();
    reporter.set_serving::<ProduceServiceServer<Produce>>().await;
    reporter.set_serving::<ConsumeServiceServer<Consume>>().await;
    reporter.set_serving::<TopicServiceServer<Topics>>().await;
    reporter.set_serving::<ClusterServiceServer<Cluster>>().await;
    reporter.set_serving::<GroupServiceServer<Groups>>().await;
    let routes = routes
        .add_service(produce)
        .add_service(consume)
        .add_service(topics)
        .add_service(cluster)
        .add_service(groups)
        .add_service(health);
    (add_reflection(routes), reporter)
}

/// Says of every service that it is not serving, so that balancers and watchers turn away before the connection closes.
pub(super) async fn withdraw(reporter: &HealthReporter) {
    reporter.set_not_serving::<ProduceServiceServer<Produce>>().await;
    reporter.set_not_serving::<ConsumeServiceServer<Consume>>().await;
    reporter.set_not_serving::<TopicServiceServer<Topics>>().await;
    reporter.set_not_serving::<ClusterServiceServer<Cluster>>().await;
    reporter.set_not_serving::<GroupServiceServer<Groups>>().await;
    reporter.set_service_status("", tonic_health::ServingStatus::NotServing).await;
}

fn add_reflection(routes: Routes) -> Routes {
    let builder = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    match (builder().build_v1(), builder().build_v1alpha()) {
        (Ok(v1), Ok(v1alpha)) => routes.add_service(v1).add_service(v1alpha),
        (Err(error), _) | (_, Err(error)) => {
            tracing::error!(%error, "the services are served without reflection");
            routes
        }
    }
}
