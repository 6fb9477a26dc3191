//! A session: the heartbeats of one member, sent to the machine on its behalf for as long as its stream stands.
//!
//! Nothing here waits for the client to read or to answer, so a slow client keeps its partitions. What it is to be told waits
//! in the [`Membership`]; a revocation that it does not acknowledge ends, as for every member, with the group's patience.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use thalweg_proto::error::ErrorCode;
use thalweg_proto::grpc::v1;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status, Streaming};

use super::membership::{Membership, Place};
use super::sessions::Seat;
use crate::engine::groups::{AWAY, AssignedPartitions, ConsumerHeartbeat, LEAVING};
use crate::engine::{Engine, EngineError, Refusal};
use crate::front::grpc::status;

/// Longest time between two heartbeats. They cost no network here, and a change of the group reaches the client the sooner.
const PACE: Duration = Duration::from_millis(500);
/// The same while the group moves.
const QUICK_PACE: Duration = Duration::from_millis(50);
/// How long the quick pace lasts after a change.
const QUICK_SPAN: Duration = Duration::from_secs(3);
/// Heartbeats in a row, each reporting what the one before assigned.
const IN_A_ROW: usize = 8;
/// How long a static member waits at most for the one before it to be given up.
const RELEASED_WITHIN: Duration = Duration::from_secs(20);
/// How long a client may take to read why its session ended.
const LAST_WORD: Duration = Duration::from_secs(5);

/// What a member says of itself, and does not change.
pub(super) struct Identity {
    pub group: Arc<str>,
    pub member: Arc<str>,
    pub instance: Option<Arc<str>>,
    pub rack: Option<Arc<str>>,
    pub assignor: Option<Arc<str>>,
    pub rebalance_timeout_ms: i32,
    pub grace: Duration,
    pub client_id: Arc<str>,
    pub client_host: Arc<str>,
}

/// What the next heartbeat must say besides that the member lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Say {
    Nothing,
    Owned,
    Everything,
}

/// Why a session ends.
enum End {
    Left,
    Broken,
    Superseded,
    Stopping,
    Failed(Status),
}

/// The session of one member.
pub(super) struct Session {
    engine: Arc<Engine>,
    seat: Seat,
    identity: Identity,
    subscription: v1::Subscription,
    membership: Membership,
    say: Say,
    has_joined: bool,
    next: Duration,
    quick_until: Duration,
    released_by: Duration,
    told: mpsc::Sender<Result<v1::JoinGroupResponse, Status>>,
}

impl Session {
    /// A session that has not begun yet, and where it tells the client what happens.
    pub fn new(
        engine: Arc<Engine>,
        seat: Seat,
        identity: Identity,
        subscription: v1::Subscription,
        membership: Membership,
    ) -> (Self, mpsc::Receiver<Result<v1::JoinGroupResponse, Status>>) {
        let (told, news) = mpsc::channel(1);
        let now = engine.world.clock.monotonic();
        let session = Self {
            engine,
            seat,
            identity,
            subscription,
            membership,
            say: Say::Everything,
            has_joined: false,
            next: now,
            quick_until: now.saturating_add(QUICK_SPAN),
            released_by: now.saturating_add(RELEASED_WITHIN),
            told,
        };
        (session, news)
    }

    /// Lives until the member leaves, its stream breaks, or the broker stops.
    pub async fn run(mut self, mut requests: Streaming<v1::JoinGroupRequest>, stopping: CancellationToken) {
        let end = self.serve(&mut requests, &stopping).await;
        match end {
            End::Left => self.leave().await,
            End::Broken => self.wait_and_leave(&stopping).await,
            End::Superseded => self.last_word(Status::aborted("the member has opened another session")).await,
            // The members stay: they find the broker again when it is back.
            End::Stopping => self.last_word(status::stopping()).await,
            End::Failed(status) => self.last_word(status).await,
        }
    }

    async fn serve(
        &mut self,
        requests: &mut Streaming<v1::JoinGroupRequest>,
        stopping: &CancellationToken,
    ) -> End {
        loop {
            let has_news = self.membership.has_news() && self.has_joined;
            let heartbeat_is_due = self.engine.world.clock.sleep_until(self.next);
            let request = tokio::select! {
                () = stopping.cancelled() => return End::Stopping,
                () = self.seat.superseded().cancelled() => return End::Superseded,
                permit = self.told.reserve(), if has_news => match permit {
                    Ok(permit) => {
                        permit.send(Ok(self.membership.news()));
                        continue;
                    }
                    // How it ended is for the requests to say.
                    Err(_) => return Self::drain(requests).await,
                },
                request = requests.message() => Some(request),
                () = heartbeat_is_due => None,
            };
            let end = match request {
                Some(Ok(Some(request))) => self.answer(request),
                Some(Ok(None)) => Some(End::Left),
                Some(Err(_)) => Some(End::Broken),
                None => self.beat().await.err().map(End::Failed),
            };
            if let Some(end) = end {
                return end;
            }
        }
    }

    /// The client reads no more: whether it said goodbye.
    async fn drain(requests: &mut Streaming<v1::JoinGroupRequest>) -> End {
        loop {
            match requests.message().await {
                Ok(Some(v1::JoinGroupRequest {
                    request: Some(v1::join_group_request::Request::Leave(_)),
                }))
                | Ok(None) => return End::Left,
                Ok(Some(_)) => {}
                Err(_) => return End::Broken,
            }
        }
    }

    fn answer(&mut self, request: v1::JoinGroupRequest) -> Option<End> {
        use v1::join_group_request::Request;
        match request.request {
            Some(Request::Acknowledge(v1::GroupAcknowledge { revocation })) => {
                if self.membership.acknowledge(revocation, self.identity.rebalance_timeout_ms) {
                    self.owes(Say::Owned);
                }
                None
            }
            Some(Request::Subscribe(subscription)) => {
                self.subscription = subscription;
                self.owes(Say::Everything);
                None
            }
            Some(Request::Leave(_)) => Some(End::Left),
            Some(Request::Join(_)) => Some(End::Failed(status::invalid("a session joins once"))),
            None => Some(End::Failed(status::invalid("the request is empty"))),
        }
    }

    /// Something is to be said at once.
    fn owes(&mut self, say: Say) {
        self.say = self.say.max(say);
        self.next = self.engine.world.clock.monotonic();
        self.quick_until = self.next.saturating_add(QUICK_SPAN);
    }

    /// Sends a heartbeat, or several where what came back must be reported.
    async fn beat(&mut self) -> Result<(), Status> {
        let mut interval = PACE;
        for _ in 0..IN_A_ROW {
            match self.engine.consumer_group_heartbeat(self.heartbeat()).await {
                Ok(reply) => {
                    self.note_joined();
                    let target = reply.assignment.map(|assignment| self.places(&assignment));
                    let said = std::mem::replace(&mut self.say, Say::Nothing);
                    let moves = said != Say::Nothing || target.is_some();
                    let timeout_ms = self.identity.rebalance_timeout_ms;
                    if self.membership.accept(reply.epoch, target, timeout_ms) {
                        self.say = Say::Owned;
                    }
                    if moves || !self.membership.is_settled() {
                        self.quick_until = self.engine.world.clock.monotonic().saturating_add(QUICK_SPAN);
                    }
                    let told = u64::try_from(reply.heartbeat_interval_ms).unwrap_or(0);
                    interval = Duration::from_millis(told).clamp(QUICK_PACE, PACE);
                }
                Err(refusal) if refusal.code == ErrorCode::NotCoordinator => {
                    // Their log is not there yet: once it is, it will be found.
                    let _ = self.engine.find_group_coordinator(&self.identity.group).await;
                    break;
                }
                Err(refusal) if is_passing(refusal.code) || self.waits_for_instance(refusal.code) => break,
                Err(refusal) if is_loss(refusal.code) && self.membership.epoch() > 0 => self.lose(refusal),
                Err(refusal) => return Err(status::status(&EngineError::from(refusal))),
            }
            if self.say == Say::Nothing {
                break;
            }
        }
        let now = self.engine.world.clock.monotonic();
        let interval = if now < self.quick_until { QUICK_PACE } else { interval };
        self.next = now.saturating_add(interval);
        Ok(())
    }

    /// Whether the static member that came before may still be within its grace: it died, and comes back under another id.
    fn waits_for_instance(&self, code: ErrorCode) -> bool {
        let is_new = !self.has_joined && self.engine.world.clock.monotonic() < self.released_by;
        code == ErrorCode::UnreleasedInstanceId && is_new
    }

    /// The machine knows the member, which its client is told once.
    fn note_joined(&mut self) {
        if !self.has_joined {
            self.has_joined = true;
            self.membership.joined(&self.identity.member);
        }
    }

    /// The group has gone on without the member: it begins anew, with nothing.
    fn lose(&mut self, refusal: Refusal) {
        self.note_joined();
        self.membership.lose(status::problem(&EngineError::from(refusal)));
        self.say = Say::Everything;
    }

    /// A heartbeat that says no more than whose it is.
    fn bare_heartbeat(&self, epoch: i32) -> ConsumerHeartbeat {
        let identity = &self.identity;
        ConsumerHeartbeat {
            group: identity.group.clone(),
            member: identity.member.clone(),
            epoch,
            instance: identity.instance.clone(),
            rebalance_timeout_ms: -1,
            client_id: identity.client_id.clone(),
            client_host: identity.client_host.clone(),
            version: 1,
            ..ConsumerHeartbeat::default()
        }
    }

    fn heartbeat(&self) -> ConsumerHeartbeat {
        let mut heartbeat = self.bare_heartbeat(self.membership.epoch());
        if self.say >= Say::Owned {
            heartbeat.owned = Some(self.membership.owned());
        }
        if self.say == Say::Everything {
            heartbeat.rack.clone_from(&self.identity.rack);
            heartbeat.assignor.clone_from(&self.identity.assignor);
            heartbeat.rebalance_timeout_ms = self.identity.rebalance_timeout_ms;
            heartbeat.topics =
                Some(self.subscription.topics.iter().map(|topic| Arc::from(topic.as_str())).collect());
            // An empty one takes back an earlier one.
            let pattern = self.subscription.pattern.as_str();
            let is_told = self.membership.epoch() > 0 || !pattern.is_empty();
            heartbeat.regex = is_told.then(|| pattern.into());
        }
        heartbeat
    }

    /// The partitions of an assignment by name. Of a topic that has just been deleted there is nothing to read.
    fn places(&self, assignment: &AssignedPartitions) -> BTreeSet<Place> {
        let mut places = BTreeSet::new();
        for (id, partitions) in assignment {
            let Some(handle) = self.engine.topics.by_id(id) else { continue };
            let place = |&partition: &i32| Place { topic: handle.topic.name.clone(), partition, id: *id };
            places.extend(partitions.iter().map(place));
        }
        places
    }

    async fn leave(&self) {
        // The member that has come again is no longer this session's to take out.
        if !self.has_joined || self.seat.superseded().is_cancelled() {
            return;
        }
        let epoch = if self.identity.instance.is_some() { AWAY } else { LEAVING };
        if let Err(refusal) = self.engine.consumer_group_heartbeat(self.bare_heartbeat(epoch)).await {
            tracing::debug!(group = %self.identity.group, member = %self.identity.member, %refusal, "left in vain");
        }
    }

    /// The member may come back.
    async fn wait_and_leave(self, stopping: &CancellationToken) {
        tokio::select! {
            () = stopping.cancelled() => {}
            () = self.seat.superseded().cancelled() => {}
            () = self.engine.sleep(self.identity.grace) => self.leave().await,
        }
    }

    async fn last_word(self, status: Status) {
        if status.code() != Code::Unavailable {
            tracing::debug!(group = %self.identity.group, member = %self.identity.member, %status, "session ended");
        }
        tokio::select! {
            _ = self.told.send(Err(status)) => {}
            () = self.engine.sleep(LAST_WORD) => {}
        }
    }
}

/// Refusals that say nothing about the member, only about the moment.
fn is_passing(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::CoordinatorLoadInProgress | ErrorCode::CoordinatorNotAvailable)
}

/// Refusals after which a member may join again (KIP-848).
fn is_loss(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::UnknownMemberId | ErrorCode::FencedMemberEpoch)
}
