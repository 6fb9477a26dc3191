//! `GroupService`.

mod describe;
mod lag;
mod membership;
mod offsets;
mod reset;
mod session;
mod sessions;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::Stream;
use thalweg_proto::error::ErrorCode;
use thalweg_proto::grpc::v1;
use thalweg_proto::grpc::v1::group_service_server::GroupService;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};
use uuid::Uuid;

use super::status;
use crate::engine::{Engine, EngineError};
use crate::front::address::client_host;
use membership::{Membership, Place};
use session::{Identity, Session};
use sessions::Sessions;

/// How long the group waits for a member to give up partitions, where its client does not say.
const REBALANCE_TIMEOUT_MS: i32 = 60_000;
/// How long a membership outlives a broken stream, where the client does not say.
const GRACE_MS: i32 = 10_000;
/// How long a client may take from opening a stream to its first request.
const FIRST_REQUEST: Duration = Duration::from_secs(30);

/// How long an administrator waits at most for the groups to be read at a start, and how often it is tried.
const LOADED_WITHIN: Duration = Duration::from_secs(20);
const LOADED_YET: Duration = Duration::from_millis(20);

pub(super) struct Groups {
    engine: Arc<Engine>,
    sessions: Arc<Sessions>,
    stopping: CancellationToken,
}

impl Groups {
    pub fn new(engine: Arc<Engine>, stopping: CancellationToken) -> Self {
        Self { engine, sessions: Arc::default(), stopping }
    }

    fn begin(
        &self,
        join: v1::GroupJoin,
        peer: Option<SocketAddr>,
    ) -> (Session, tokio::sync::mpsc::Receiver<Result<v1::JoinGroupResponse, Status>>) {
        let group: Arc<str> = join.group.into();
        let member: Arc<str> = match join.member_id.as_str() {
            "" => Arc::from(self.engine.world.random.uuid().to_string()),
            known => Arc::from(known),
        };
        let positive = |ms: i32, default| if ms > 0 { ms } else { default };
        // Without heartbeats the group keeps no member for longer, and nothing is to be kept here for one that is gone.
        let longest_grace_ms = self.engine.settings.groups.consumer.session_timeout_ms.2;
        let grace_ms = positive(join.grace_ms, GRACE_MS).min(longest_grace_ms);
        let some = |text: String| (!text.is_empty()).then(|| Arc::from(text));
        let identity = Identity {
            group: group.clone(),
            member: member.clone(),
            instance: join.instance_id.map(Arc::from),
            rack: some(join.rack),
            assignor: some(join.assignor),
            rebalance_timeout_ms: positive(join.rebalance_timeout_ms, REBALANCE_TIMEOUT_MS),
            grace: Duration::from_millis(grace_ms.unsigned_abs().into()),
            client_id: join.client_id.into(),
            client_host: peer.map_or_else(Arc::default, |peer| client_host(peer.ip())),
        };
        let owned = if join.member_epoch > 0 { self.owned(join.owned) } else { BTreeSet::new() };
        let membership = Membership::new(join.member_epoch.max(0), owned);
        let seat = self.sessions.enter(&group, &member);
        Session::new(self.engine.clone(), seat, identity, join.subscription.unwrap_or_default(), membership)
    }

    /// Answers when the groups have been read back from their log, if that is about to be done.
    async fn once_loaded<T, F: Future<Output = Result<T, EngineError>>>(
        &self,
        operation: impl Fn() -> F,
    ) -> Result<Response<T>, Status> {
        let until = self.engine.world.clock.monotonic().saturating_add(LOADED_WITHIN);
        loop {
            match operation().await {
                Err(error)
                    if error.code() == ErrorCode::CoordinatorLoadInProgress
                        && self.engine.world.clock.monotonic() < until =>
                {
                    self.engine.sleep(LOADED_YET).await;
                }
                outcome => return outcome.map(Response::new).map_err(refused),
            }
        }
    }

    /// What a member says that it has. A topic that is gone has no id: it will be revoked.
    fn owned(&self, partitions: Vec<v1::TopicPartition>) -> BTreeSet<Place> {
        let place = |told: v1::TopicPartition| {
            let id = self.engine.topics.by_name(&told.topic).map_or(Uuid::nil(), |handle| handle.topic.id);
            Place { topic: told.topic.into(), partition: told.partition, id }
        };
        partitions.into_iter().map(place).collect()
    }
}

#[tonic::async_trait]
impl GroupService for Groups {
    type JoinGroupStream = ReceiverStream<Result<v1::JoinGroupResponse, Status>>;

    async fn join_group(
        &self,
        request: Request<Streaming<v1::JoinGroupRequest>>,
    ) -> Result<Response<Self::JoinGroupStream>, Status> {
        let peer = request.extensions().get::<SocketAddr>().copied();
        let mut requests = request.into_inner();
        let first = tokio::select! {
            first = requests.message() => first?,
            () = self.stopping.cancelled() => return Err(status::stopping()),
            () = self.engine.sleep(FIRST_REQUEST) => return Err(Status::deadline_exceeded("no request came")),
        };
        let Some(v1::join_group_request::Request::Join(join)) = first.and_then(|first| first.request) else {
            return Err(status::invalid("the first request must be a join"));
        };
        // Where the log of the groups cannot be made now, the session tries again.
        let _ = self.engine.find_group_coordinator(&join.group).await;
        let (session, news) = self.begin(join, peer);
        tokio::spawn(session.run(requests, self.stopping.clone()));
        Ok(Response::new(ReceiverStream::new(news)))
    }

    async fn commit_offsets(
        &self,
        request: Request<v1::CommitOffsetsRequest>,
    ) -> Result<Response<v1::CommitOffsetsResponse>, Status> {
        let request = request.into_inner();
        self.engine
            .find_group_coordinator(&request.group)
            .await
            .map_err(|code| refused(refusal(code, &request.group)))?;
        Ok(Response::new(offsets::commit(&self.engine, request).await))
    }

    async fn get_offsets(
        &self,
        request: Request<v1::GetOffsetsRequest>,
    ) -> Result<Response<v1::GetOffsetsResponse>, Status> {
        let request = request.into_inner();
        self.once_loaded(|| offsets::get(&self.engine, request.clone())).await
    }

    async fn list_groups(
        &self,
        request: Request<v1::ListGroupsRequest>,
    ) -> Result<Response<v1::ListGroupsResponse>, Status> {
        let request = request.into_inner();
        self.once_loaded(|| describe::list(&self.engine, request.clone())).await
    }

    async fn get_group(
        &self,
        request: Request<v1::GetGroupRequest>,
    ) -> Result<Response<v1::GetGroupResponse>, Status> {
        let group = request.into_inner().group;
        self.once_loaded(|| describe::describe(&self.engine, &group)).await
    }

    async fn reset_offsets(
        &self,
        request: Request<v1::ResetOffsetsRequest>,
    ) -> Result<Response<v1::ResetOffsetsResponse>, Status> {
        let request = request.into_inner();
        self.once_loaded(|| reset::reset(&self.engine, request.clone())).await
    }

    async fn delete_group(
        &self,
        request: Request<v1::DeleteGroupRequest>,
    ) -> Result<Response<v1::DeleteGroupResponse>, Status> {
        let group = request.into_inner().group;
        self.once_loaded(|| async {
            match self.engine.delete_group(&group).await {
                ErrorCode::None => Ok(v1::DeleteGroupResponse {}),
                code => Err(refusal(code, &group)),
            }
        })
        .await
    }

    async fn delete_offsets(
        &self,
        request: Request<v1::DeleteOffsetsRequest>,
    ) -> Result<Response<v1::DeleteOffsetsResponse>, Status> {
        let request = request.into_inner();
        self.once_loaded(|| offsets::delete(&self.engine, request.clone())).await
    }

    async fn get_lag(
        &self,
        request: Request<v1::GetLagRequest>,
    ) -> Result<Response<v1::GetLagResponse>, Status> {
        let group = request.into_inner().group;
        let lag = || async { Ok(v1::GetLagResponse { partitions: lag::lag(&self.engine, &group).await? }) };
        self.once_loaded(lag).await
    }

    type WatchLagStream = Pin<Box<dyn Stream<Item = Result<v1::WatchLagResponse, Status>> + Send>>;

    async fn watch_lag(
        &self,
        request: Request<v1::WatchLagRequest>,
    ) -> Result<Response<Self::WatchLagStream>, Status> {
        let responses = lag::watch(self.engine.clone(), request.into_inner(), self.stopping.clone());
        Ok(Response::new(Box::pin(responses)))
    }
}

fn refused(error: EngineError) -> Status {
    status::status(&error)
}

/// A refusal by the machine of an operation on a group. Without a log of groups there are none.
fn refusal(code: ErrorCode, group: &str) -> EngineError {
    let code = if code == ErrorCode::NotCoordinator { ErrorCode::GroupIdNotFound } else { code };
    let message = match code {
        ErrorCode::GroupIdNotFound => format!("group {group:?} does not exist"),
        ErrorCode::NonEmptyGroup => format!("group {group:?} has members"),
        code => code.message().to_owned(),
    };
    EngineError::refused(code, message)
}
