//! The connection that all clients share.

use std::sync::Arc;
use std::time::Duration;

use thalweg_proto::grpc::MAX_MESSAGE_BYTES;
use thalweg_proto::grpc::v1::cluster_service_client::ClusterServiceClient;
use thalweg_proto::grpc::v1::consume_service_client::ConsumeServiceClient;
use thalweg_proto::grpc::v1::group_service_client::GroupServiceClient;
use thalweg_proto::grpc::v1::produce_service_client::ProduceServiceClient;
use thalweg_proto::grpc::v1::topic_service_client::TopicServiceClient;
use tonic::transport::{Channel, Endpoint};

use crate::admin::Admin;
use crate::consumer::ConsumerBuilder;
use crate::error::Error;
use crate::producer::ProducerBuilder;
use crate::reader::ReaderBuilder;
use crate::retry::RetryPolicy;

/// Bytes of one stream that may be under way unread; below it a fetch of the default size would stall for its window.
const STREAM_WINDOW_BYTES: u32 = 8 << 20;
const CONNECTION_WINDOW_BYTES: u32 = 16 << 20;

/// A handle on a broker: cheap to clone, shared by every producer, reader and admin made from it. A lost connection is
/// made again when the next call needs it.
#[derive(Debug, Clone)]
pub struct Client {
    channel: Channel,
    retry: RetryPolicy,
    timeout: Duration,
}

/// Options of a [`Client`].
#[derive(Debug, Clone)]
pub struct ClientBuilder {
    url: String,
    connect_timeout: Duration,
    timeout: Duration,
    retry: RetryPolicy,
}

impl ClientBuilder {
    /// How long to try to connect; 5 s unless set.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long to wait for the answer to an administrative call; 30 s unless set.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How to space attempts.
    #[must_use]
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// Connects.
    ///
    /// # Errors
    /// [`Error::InvalidAddress`], or [`Error::Unavailable`] if nothing listens there.
    pub async fn connect(self) -> Result<Client, Error> {
        let url = if self.url.contains("://") { self.url.clone() } else { format!("http://{}", self.url) };
        let endpoint = Endpoint::from_shared(url).map_err(|_| Error::InvalidAddress(self.url.clone()))?;
        let channel = endpoint
            .user_agent(concat!("thalweg-client/", env!("CARGO_PKG_VERSION")))?
            .connect_timeout(self.connect_timeout)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(Duration::from_secs(20))
            .keep_alive_timeout(Duration::from_secs(10))
            .initial_stream_window_size(STREAM_WINDOW_BYTES)
            .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
            .connect()
            .await?;
        Ok(Client { channel, retry: self.retry, timeout: self.timeout })
    }
}

impl Client {
    /// Options for a connection to `url`, such as `http://127.0.0.1:9192`; `http://` may be left out.
    #[must_use]
    pub fn builder(url: impl Into<String>) -> ClientBuilder {
        ClientBuilder {
            url: url.into(),
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(30),
            retry: RetryPolicy::default(),
        }
    }

    /// Connects with default options.
    ///
    /// # Errors
    /// As [`ClientBuilder::connect`].
    pub async fn connect(url: impl Into<String>) -> Result<Self, Error> {
        Self::builder(url).connect().await
    }

    /// Options of a new producer.
    #[must_use]
    pub fn producer(&self) -> ProducerBuilder {
        ProducerBuilder::new(self.clone())
    }

    /// Options of a new reader.
    #[must_use]
    pub fn reader(&self) -> ReaderBuilder {
        ReaderBuilder::new(self.clone())
    }

    /// Options of a new member of a consumer group.
    #[must_use]
    pub fn consumer(&self, group: impl Into<Arc<str>>) -> ConsumerBuilder {
        ConsumerBuilder::new(self.clone(), group.into())
    }

    /// Administration.
    #[must_use]
    pub fn admin(&self) -> Admin {
        Admin::new(self.clone())
    }

    pub(crate) fn retry_policy(&self) -> RetryPolicy {
        self.retry
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    pub(crate) fn produce_service(&self) -> ProduceServiceClient<Channel> {
        ProduceServiceClient::new(self.channel.clone())
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES)
    }

    pub(crate) fn consume_service(&self) -> ConsumeServiceClient<Channel> {
        ConsumeServiceClient::new(self.channel.clone()).max_decoding_message_size(MAX_MESSAGE_BYTES)
    }

    pub(crate) fn topic_service(&self) -> TopicServiceClient<Channel> {
        TopicServiceClient::new(self.channel.clone()).max_decoding_message_size(MAX_MESSAGE_BYTES)
    }

    pub(crate) fn group_service(&self) -> GroupServiceClient<Channel> {
        GroupServiceClient::new(self.channel.clone()).max_decoding_message_size(MAX_MESSAGE_BYTES)
    }

    pub(crate) fn cluster_service(&self) -> ClusterServiceClient<Channel> {
        ClusterServiceClient::new(self.channel.clone()).max_decoding_message_size(MAX_MESSAGE_BYTES)
    }
}
