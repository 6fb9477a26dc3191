//! `TopicService`.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use thalweg_proto::error::ErrorCode;
use thalweg_proto::grpc::v1;
use thalweg_proto::grpc::v1::topic_service_server::TopicService;
use tonic::{Request, Response, Status};

use super::{cluster, compaction, consume, status};
use crate::engine::{
    ConfigChange, ConfigEdit, ConfigOperation, ConfigResource, ConfigWish, Engine, EngineError,
    MorePartitions, NewTopic, OffsetQuery, Refusal, ResourceKind, TopicHandle, TopicKey, TopicRef,
    is_internal,
};

pub(super) struct Topics {
    engine: Arc<Engine>,
}

impl Topics {
    pub fn new(engine: Arc<Engine>) -> Self {
        Self { engine }
    }

    fn find(&self, name: &str) -> Result<Arc<TopicHandle>, Status> {
        self.engine.topics.by_valid_name(name).map_err(|error| status::status(&error))
    }

    async fn find_or_create(&self, name: &str) -> Result<Arc<TopicHandle>, Status> {
        let found = self.engine.topics.by_valid_name(name);
        match found {
            Err(error)
                if error.code() == ErrorCode::UnknownTopicOrPartition
                    && self.engine.current_settings().topics.auto_create =>
            {
                one(self.engine.auto_create_topics([name.to_owned()]).await)?;
                self.find(name)
            }
            found => found.map_err(|error| status::status(&error)),
        }
    }

    /// `wants_outlook`: also what compaction and retention do, for which files are looked at.
    fn describe(
        engine: &Engine,
        handle: &TopicHandle,
        wants_outlook: bool,
    ) -> Result<v1::GetTopicResponse, Status> {
        let entries =
            engine.describe_topic_configs(&handle.topic.overrides).map_err(|error| status::status(&error))?;
        let partitions = handle.partitions.iter().zip(0_i32..).map(|(served, partition)| {
            let offsets = served.offsets();
            let outlook = wants_outlook.then(|| engine.outlook(served));
            v1::PartitionState {
                partition,
                log_start_offset: offsets.log_start,
                high_watermark: offsets.high_watermark,
                size_bytes: i64::try_from(served.size_bytes()).unwrap_or(i64::MAX),
                leader_epoch: served.leader_epoch(),
                next_expiry_ms: outlook.as_ref().and_then(|outlook| outlook.next_expiry_ms),
                compaction: outlook.as_ref().and_then(compaction::state),
            }
        });
        Ok(v1::GetTopicResponse {
            topic: Some(topic(handle)),
            partitions: partitions.collect(),
            configs: entries.into_iter().map(cluster::entry).collect(),
        })
    }

    fn answer(&self, asked: v1::OffsetQuery, level: v1::IsolationLevel) -> v1::OffsetAnswer {
        use v1::offset_query::Position;
        let query = match asked.position {
            Some(Position::Edge(edge)) => consume::query(v1::Edge::try_from(edge).unwrap_or_default()),
            Some(Position::TimestampMs(timestamp)) => OffsetQuery::Timestamp(timestamp),
            None => OffsetQuery::Earliest,
        };
        let name = TopicRef::Name(asked.topic.as_str().into());
        let found = self.engine.find_offset(&name, asked.partition, -1, query, consume::isolation(level));
        let (topic, partition) = (asked.topic, asked.partition);
        match found {
            Ok(found) => v1::OffsetAnswer {
                topic,
                partition,
                offset: found.offset,
                timestamp_ms: found.timestamp,
                leader_epoch: found.leader_epoch,
                problem: None,
            },
            Err(error) => v1::OffsetAnswer {
                topic,
                partition,
                offset: -1,
                timestamp_ms: -1,
                leader_epoch: -1,
                problem: Some(status::problem(&error)),
            },
        }
    }
}

fn topic(handle: &TopicHandle) -> v1::Topic {
    v1::Topic {
        name: handle.topic.name.to_string(),
        id: URL_SAFE_NO_PAD.encode(handle.topic.id),
        partitions: handle.topic.partitions,
        internal: is_internal(&handle.topic.name),
    }
}

/// The outcome of a request for one thing.
fn one<T>(outcomes: Vec<Result<T, Refusal>>) -> Result<T, Status> {
    let none = || status::coded(ErrorCode::UnknownServerError, "the broker gave no answer");
    let outcome = outcomes.into_iter().next().ok_or_else(none)?;
    outcome.map_err(|refusal| status::status(&EngineError::from(refusal)))
}

#[tonic::async_trait]
impl TopicService for Topics {
    async fn create_topic(
        &self,
        request: Request<v1::CreateTopicRequest>,
    ) -> Result<Response<v1::CreateTopicResponse>, Status> {
        let v1::CreateTopicRequest { name, partitions, configs, validate_only } = request.into_inner();
        let wish = NewTopic {
            name,
            partitions: if partitions == 0 { -1 } else { partitions },
            replication_factor: -1,
            configs: configs.into_iter().map(|(name, value)| (name, Some(value))).collect(),
            ..NewTopic::default()
        };
        let created = one(self.engine.create_topics(vec![wish], validate_only).await)?;
        let created = v1::Topic {
            name: created.name.to_string(),
            id: URL_SAFE_NO_PAD.encode(created.id),
            partitions: created.partitions,
            internal: is_internal(&created.name),
        };
        Ok(Response::new(v1::CreateTopicResponse { topic: Some(created) }))
    }

    async fn get_topic(
        &self,
        request: Request<v1::GetTopicRequest>,
    ) -> Result<Response<v1::GetTopicResponse>, Status> {
        let v1::GetTopicRequest { name, auto_create, with_outlook } = request.into_inner();
        let handle = if auto_create { self.find_or_create(&name).await? } else { self.find(&name)? };
        if !with_outlook {
            return Self::describe(&self.engine, &handle, false).map(Response::new);
        }
        let engine = self.engine.clone();
        let described = tokio::task::spawn_blocking(move || Self::describe(&engine, &handle, true));
        described.await.map_err(|error| Status::internal(error.to_string()))?.map(Response::new)
    }

    async fn list_topics(
        &self,
        request: Request<v1::ListTopicsRequest>,
    ) -> Result<Response<v1::ListTopicsResponse>, Status> {
        let include_internal = request.into_inner().include_internal;
        let mut topics: Vec<_> = self.engine.topics.all().iter().map(|handle| topic(handle)).collect();
        topics.retain(|topic| include_internal || !topic.internal);
        topics.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(Response::new(v1::ListTopicsResponse { topics }))
    }

    async fn update_topic(
        &self,
        request: Request<v1::UpdateTopicRequest>,
    ) -> Result<Response<v1::UpdateTopicResponse>, Status> {
        let v1::UpdateTopicRequest { name, set, unset, validate_only } = request.into_inner();
        self.find(&name)?;
        let set = set.into_iter().map(|(name, value)| (name, ConfigOperation::Set, Some(value)));
        let unset = unset.into_iter().map(|name| (name, ConfigOperation::Delete, None));
        let changes =
            set.chain(unset).map(|(name, operation, value)| ConfigChange { name, operation, value });
        let wish = ConfigWish {
            resource: ConfigResource { kind: ResourceKind::Topic, name },
            change: ConfigEdit::Change(changes.collect()),
        };
        one(self.engine.alter_configs(vec![wish], validate_only).await)?;
        Ok(Response::new(v1::UpdateTopicResponse {}))
    }

    async fn delete_topic(
        &self,
        request: Request<v1::DeleteTopicRequest>,
    ) -> Result<Response<v1::DeleteTopicResponse>, Status> {
        let name = request.into_inner().name;
        one(self.engine.delete_topics(vec![TopicKey::Name(name)]).await)?;
        Ok(Response::new(v1::DeleteTopicResponse {}))
    }

    async fn add_partitions(
        &self,
        request: Request<v1::AddPartitionsRequest>,
    ) -> Result<Response<v1::AddPartitionsResponse>, Status> {
        let v1::AddPartitionsRequest { name, total, validate_only } = request.into_inner();
        let wish = MorePartitions { topic: name, count: total, assignments: None };
        one(self.engine.add_partitions(vec![wish], validate_only).await)?;
        Ok(Response::new(v1::AddPartitionsResponse {}))
    }

    async fn trim_topic(
        &self,
        request: Request<v1::TrimTopicRequest>,
    ) -> Result<Response<v1::TrimTopicResponse>, Status> {
        let v1::TrimTopicRequest { name, partitions } = request.into_inner();
        self.find(&name)?;
        let engine = self.engine.clone();
        // The start of a log is on disk before it is told.
        let trimmed = tokio::task::spawn_blocking(move || {
            let topic = TopicRef::Name(name.into());
            let cut = |wanted: v1::TrimPartition| trim(&engine, &topic, wanted);
            partitions.into_iter().map(cut).collect()
        });
        let partitions = trimmed.await.map_err(|error| Status::internal(error.to_string()))?;
        Ok(Response::new(v1::TrimTopicResponse { partitions }))
    }

    async fn list_offsets(
        &self,
        request: Request<v1::ListOffsetsRequest>,
    ) -> Result<Response<v1::ListOffsetsResponse>, Status> {
        let request = request.into_inner();
        let level = request.isolation_level();
        let answers = request.queries.into_iter().map(|asked| self.answer(asked, level)).collect();
        Ok(Response::new(v1::ListOffsetsResponse { answers }))
    }

    type CompactTopicStream = compaction::Events<v1::CompactTopicResponse>;

    async fn compact_topic(
        &self,
        request: Request<v1::CompactTopicRequest>,
    ) -> Result<Response<Self::CompactTopicStream>, Status> {
        let request = request.into_inner();
        let handle = self.find(&request.name)?;
        compaction::compact(&self.engine, &handle, &request).map(Response::new)
    }

    type PurgeKeyStream = compaction::Events<v1::PurgeKeyResponse>;

    async fn purge_key(
        &self,
        request: Request<v1::PurgeKeyRequest>,
    ) -> Result<Response<Self::PurgeKeyStream>, Status> {
        let request = request.into_inner();
        let handle = self.find(&request.name)?;
        compaction::purge(&self.engine, &handle, request).map(Response::new)
    }
}

fn trim(engine: &Engine, topic: &TopicRef, wanted: v1::TrimPartition) -> v1::TrimmedPartition {
    let partition = wanted.partition;
    match engine.delete_records(topic, partition, wanted.before_offset) {
        Ok(log_start_offset) => v1::TrimmedPartition { partition, log_start_offset, problem: None },
        Err(error) => {
            v1::TrimmedPartition { partition, log_start_offset: -1, problem: Some(status::problem(&error)) }
        }
    }
}
