//! Administration of topics, and questions about the cluster.

use std::collections::BTreeMap;
use std::future::Future;

use thalweg_proto::grpc::v1;
use tonic::{Request, Response, Status};

use crate::compaction::CompactionState;
use crate::connection::Client;
use crate::error::Error;

/// Administrative calls. Each takes one attempt; what failed with [`Error::is_retryable`] may be tried again.
#[derive(Debug, Clone)]
pub struct Admin {
    pub(crate) client: Client,
}

/// A topic to be created.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewTopic {
    /// The name.
    pub name: String,
    /// Number of partitions; 0 for the broker's default.
    pub partitions: i32,
    /// Settings that differ from the defaults, by name.
    pub configs: BTreeMap<String, String>,
}

impl NewTopic {
    /// A topic with the broker's default number of partitions and default settings.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Sets the number of partitions.
    #[must_use]
    pub fn partitions(mut self, partitions: i32) -> Self {
        self.partitions = partitions;
        self
    }

    /// Sets one setting.
    #[must_use]
    pub fn config(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.configs.insert(name.into(), value.into());
        self
    }
}

/// A topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// The name.
    pub name: String,
    /// The id, as Kafka's tools print it.
    pub id: String,
    /// Number of partitions.
    pub partitions: i32,
    /// Whether the broker keeps its own state in it.
    pub internal: bool,
}

/// A partition's state.
#[derive(Debug, Clone, PartialEq)]
pub struct PartitionState {
    /// The partition.
    pub partition: i32,
    /// First offset that is still there.
    pub log_start_offset: i64,
    /// The offset after the last record that readers may see.
    pub high_watermark: i64,
    /// Bytes on disk.
    pub size_bytes: i64,
    /// Epoch of the partition's leader.
    pub leader_epoch: i32,
    /// When retention drops the oldest segment, in milliseconds since the epoch, if it does. Told by [`Admin::topic`] alone.
    pub next_expiry_ms: Option<i64>,
    /// What compaction does here, where it has anything to do. Told by [`Admin::topic`] alone.
    pub compaction: Option<CompactionState>,
}

/// A setting and where its value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The name.
    pub name: String,
    /// The value in force; `None` when null or withheld.
    pub value: Option<String>,
    /// Where the value comes from, in Kafka's words.
    pub source: String,
    /// The value's type, in Kafka's words.
    pub kind: String,
    /// Whether it cannot be changed while the broker runs.
    pub read_only: bool,
    /// Whether the value is withheld.
    pub sensitive: bool,
    /// What the setting does.
    pub documentation: String,
}

/// A topic with its partitions and settings.
#[derive(Debug, Clone, PartialEq)]
pub struct TopicDetails {
    /// The topic.
    pub topic: Topic,
    /// The partitions, in order.
    pub partitions: Vec<PartitionState>,
    /// The settings, all of them.
    pub configs: Vec<Setting>,
}

/// Identity and addresses of the broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// The cluster's id.
    pub id: String,
    /// The node's number.
    pub node_id: i32,
    /// The broker's version.
    pub version: String,
    /// Where Kafka clients connect, as HOST:PORT.
    pub kafka_address: String,
    /// Where gRPC clients connect, as HOST:PORT.
    pub http_address: String,
    /// Number of topics, the broker's own left out.
    pub topics: i32,
    /// Number of their partitions.
    pub partitions: i32,
}

/// Which offset of a partition is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OffsetAt {
    /// The first that is still there.
    Start,
    /// The one after the last record that readers may see.
    End,
    /// That of the record with the largest timestamp.
    MaxTimestamp,
    /// That of the first record with this timestamp, in milliseconds, or a later one.
    Timestamp(i64),
}

impl Admin {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Creates a topic, which can be used when this returns.
    ///
    /// # Errors
    /// The broker's refusal: the topic exists, its name, partitions or settings are not valid.
    pub async fn create_topic(&self, topic: NewTopic) -> Result<Topic, Error> {
        let NewTopic { name, partitions, configs } = topic;
        let configs = configs.into_iter().collect();
        let request = v1::CreateTopicRequest { name, partitions, configs, validate_only: false };
        let mut service = self.client.topic_service();
        let created =
            self.call(request, |request| async move { service.create_topic(request).await }).await?;
        created.topic.map(Topic::from).ok_or(Error::Protocol("a created topic is missing"))
    }

    /// Describes a topic, and what retention and compaction do in it.
    ///
    /// # Errors
    /// The broker's refusal: there is no such topic.
    pub async fn topic(&self, name: &str) -> Result<TopicDetails, Error> {
        self.describe(v1::GetTopicRequest { name: name.to_owned(), auto_create: false, with_outlook: true })
            .await
    }

    /// Describes a topic, but for retention and compaction; creates it first where that is wanted, it is missing, and the
    /// broker creates topics on demand.
    ///
    /// # Errors
    /// As [`Admin::topic`].
    pub async fn topic_or_create(&self, name: &str, auto_create: bool) -> Result<TopicDetails, Error> {
        self.describe(v1::GetTopicRequest { name: name.to_owned(), auto_create, with_outlook: false }).await
    }

    async fn describe(&self, request: v1::GetTopicRequest) -> Result<TopicDetails, Error> {
        let mut service = self.client.topic_service();
        let found = self.call(request, |request| async move { service.get_topic(request).await }).await?;
        let topic = found.topic.ok_or(Error::Protocol("a described topic is missing"))?.into();
        let partitions = found.partitions.into_iter().map(PartitionState::from).collect();
        let configs = found.configs.into_iter().map(Setting::from).collect();
        Ok(TopicDetails { topic, partitions, configs })
    }

    /// Lists the topics by name.
    ///
    /// # Errors
    /// The broker cannot be reached.
    pub async fn topics(&self, include_internal: bool) -> Result<Vec<Topic>, Error> {
        let request = v1::ListTopicsRequest { include_internal };
        let mut service = self.client.topic_service();
        let listed = self.call(request, |request| async move { service.list_topics(request).await }).await?;
        Ok(listed.topics.into_iter().map(Topic::from).collect())
    }

    /// Gives settings of a topic a value, and returns others to their default.
    ///
    /// # Errors
    /// The broker's refusal: there is no such topic or setting, a value is not valid.
    pub async fn update_topic(
        &self,
        name: &str,
        set: BTreeMap<String, String>,
        unset: Vec<String>,
    ) -> Result<(), Error> {
        let set = set.into_iter().collect();
        let request = v1::UpdateTopicRequest { name: name.to_owned(), set, unset, validate_only: false };
        let mut service = self.client.topic_service();
        self.call(request, |request| async move { service.update_topic(request).await }).await.map(drop)
    }

    /// Deletes a topic and its records.
    ///
    /// # Errors
    /// The broker's refusal: there is no such topic, or deletion is disabled.
    pub async fn delete_topic(&self, name: &str) -> Result<(), Error> {
        let request = v1::DeleteTopicRequest { name: name.to_owned() };
        let mut service = self.client.topic_service();
        self.call(request, |request| async move { service.delete_topic(request).await }).await.map(drop)
    }

    /// Raises the number of partitions to `total`.
    ///
    /// # Errors
    /// The broker's refusal: there is no such topic, or it has that many already.
    pub async fn add_partitions(&self, name: &str, total: i32) -> Result<(), Error> {
        let request = v1::AddPartitionsRequest { name: name.to_owned(), total, validate_only: false };
        let mut service = self.client.topic_service();
        self.call(request, |request| async move { service.add_partitions(request).await }).await.map(drop)
    }

    /// Removes the records before an offset from each of the partitions given, -1 for all that readers may see. Returns
    /// what became of each, in order: its first offset now.
    ///
    /// # Errors
    /// The call failed as a whole.
    pub async fn trim(
        &self,
        topic: &str,
        partitions: &[(i32, i64)],
    ) -> Result<Vec<(i32, Result<i64, Error>)>, Error> {
        let cut = |&(partition, before_offset)| v1::TrimPartition { partition, before_offset };
        let partitions = partitions.iter().map(cut).collect();
        let request = v1::TrimTopicRequest { name: topic.to_owned(), partitions };
        let mut service = self.client.topic_service();
        let trimmed = self.call(request, |request| async move { service.trim_topic(request).await }).await?;
        let outcome = |trimmed: v1::TrimmedPartition| match trimmed.problem {
            Some(problem) => (trimmed.partition, Err(Error::from_problem(problem))),
            None => (trimmed.partition, Ok(trimmed.log_start_offset)),
        };
        Ok(trimmed.partitions.into_iter().map(outcome).collect())
    }

    /// Looks up one offset in each of the partitions given; in their order. `None` where no record matches.
    ///
    /// # Errors
    /// The call failed, or it failed for one of the partitions.
    pub async fn offsets(&self, queries: &[(&str, i32, OffsetAt)]) -> Result<Vec<Option<i64>>, Error> {
        let queries = queries.iter().map(|&(topic, partition, at)| v1::OffsetQuery {
            topic: topic.to_owned(),
            partition,
            position: Some(at.into()),
        });
        let request = v1::ListOffsetsRequest { queries: queries.collect(), isolation_level: 0 };
        let mut service = self.client.topic_service();
        let found = self.call(request, |request| async move { service.list_offsets(request).await }).await?;
        let answer = |answer: v1::OffsetAnswer| match answer.problem {
            Some(problem) => Err(Error::from_problem(problem)),
            None => Ok((answer.offset >= 0).then_some(answer.offset)),
        };
        found.answers.into_iter().map(answer).collect()
    }

    /// Describes the broker.
    ///
    /// # Errors
    /// The broker cannot be reached.
    pub async fn cluster(&self) -> Result<Cluster, Error> {
        let mut service = self.client.cluster_service();
        let request = v1::GetClusterRequest {};
        let found = self.call(request, |request| async move { service.get_cluster(request).await }).await?;
        Ok(Cluster {
            id: found.cluster_id,
            node_id: found.node_id,
            version: found.version,
            kafka_address: found.kafka_address,
            http_address: found.http_address,
            topics: found.topics,
            partitions: found.partitions,
        })
    }

    /// The broker's settings.
    ///
    /// # Errors
    /// The broker cannot be reached.
    pub async fn settings(&self) -> Result<Vec<Setting>, Error> {
        let mut service = self.client.cluster_service();
        let request = v1::ListSettingsRequest {};
        let found = self.call(request, |request| async move { service.list_settings(request).await }).await?;
        Ok(found.settings.into_iter().map(Setting::from).collect())
    }

    pub(crate) async fn call<T, R, F>(
        &self,
        message: T,
        send: impl FnOnce(Request<T>) -> F,
    ) -> Result<R, Error>
    where
        F: Future<Output = Result<Response<R>, Status>>,
    {
        let mut request = Request::new(message);
        request.set_timeout(self.client.timeout());
        match tokio::time::timeout(self.client.timeout(), send(request)).await {
            Ok(result) => Ok(result?.into_inner()),
            Err(_) => Err(Error::Timeout { waited: self.client.timeout(), possibly_applied: true }),
        }
    }
}

impl From<OffsetAt> for v1::offset_query::Position {
    fn from(at: OffsetAt) -> Self {
        match at {
            OffsetAt::Start => Self::Edge(v1::Edge::Start.into()),
            OffsetAt::End => Self::Edge(v1::Edge::End.into()),
            OffsetAt::MaxTimestamp => Self::Edge(v1::Edge::MaxTimestamp.into()),
            OffsetAt::Timestamp(timestamp) => Self::TimestampMs(timestamp),
        }
    }
}

impl From<v1::Topic> for Topic {
    fn from(topic: v1::Topic) -> Self {
        Self { name: topic.name, id: topic.id, partitions: topic.partitions, internal: topic.internal }
    }
}

impl From<v1::PartitionState> for PartitionState {
    fn from(state: v1::PartitionState) -> Self {
        Self {
            partition: state.partition,
            log_start_offset: state.log_start_offset,
            high_watermark: state.high_watermark,
            size_bytes: state.size_bytes,
            leader_epoch: state.leader_epoch,
            next_expiry_ms: state.next_expiry_ms,
            compaction: state.compaction.map(CompactionState::from),
        }
    }
}

impl From<v1::ConfigEntry> for Setting {
    fn from(entry: v1::ConfigEntry) -> Self {
        Self {
            name: entry.name,
            value: entry.value,
            source: entry.source,
            kind: entry.r#type,
            read_only: entry.read_only,
            sensitive: entry.sensitive,
            documentation: entry.documentation,
        }
    }
}
