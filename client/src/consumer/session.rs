//! The membership: a task of its own that talks to the broker, whether or not the user asks for messages.

use std::sync::Arc;
use std::time::Duration;

use thalweg_proto::grpc::v1;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tonic::Streaming;

use super::ConsumerBuilder;
use super::commit::{Commit, Committer};
use super::events::{Done, GroupEvent};
use super::link::{self, Link};
use super::starts::{Resolved, resolve_starts};
use super::state::{Phase, Shared, Upto};
use crate::error::Error;
use crate::record::TopicPartition;

/// How long the broker may take to let a member go.
const FAREWELL: Duration = Duration::from_secs(5);

/// Asks the session to end; the answer is what became of the last commit.
pub(super) type Close = oneshot::Sender<Result<(), Error>>;

/// What a task of the session has come to.
enum Finished {
    Connected(Result<Box<Link>, Error>),
    Resolved(Result<Resolved, Error>),
    Released(Vec<(TopicPartition, u64)>),
    Committed(Result<(), Error>),
}

/// Partitions that the broker wants to be given up.
struct Revocation {
    id: i64,
    partitions: Vec<TopicPartition>,
    deadline: Instant,
}

/// The task.
pub(super) struct Session {
    /// What the user wants. What is said at every join is in it, but for what the state knows.
    options: ConsumerBuilder,
    shared: Arc<Shared>,
    committer: Committer,
    closing: mpsc::Receiver<Close>,
    ready: Option<oneshot::Sender<Result<(), Error>>>,
    requests: Option<mpsc::UnboundedSender<v1::JoinGroupRequest>>,
    responses: Option<Streaming<v1::JoinGroupResponse>>,
    tasks: JoinSet<Finished>,
    revocation: Option<Revocation>,
    is_releasing: bool,
    is_resolving: bool,
    is_committing: bool,
    /// The link has broken, and is made again when the partitions that are being given up are.
    waits_to_connect: bool,
    failures: u32,
    failing_since: Option<Instant>,
}

impl Session {
    pub fn new(
        options: ConsumerBuilder,
        shared: Arc<Shared>,
        committer: Committer,
        closing: mpsc::Receiver<Close>,
        ready: oneshot::Sender<Result<(), Error>>,
    ) -> Self {
        Self {
            options,
            shared,
            committer,
            closing,
            ready: Some(ready),
            requests: None,
            responses: None,
            tasks: JoinSet::new(),
            revocation: None,
            is_releasing: false,
            is_resolving: false,
            is_committing: false,
            waits_to_connect: false,
            failures: 0,
            failing_since: None,
        }
    }

    /// Lives until the consumer is closed or dropped, or fails for good.
    pub async fn run(mut self) {
        let mut ticks = match self.options.commit {
            Commit::Every(period) => Some(interval(period.max(Duration::from_millis(10)))),
            Commit::Manual => None,
        };
        if let Some(ticks) = &mut ticks {
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        }
        self.connect(Duration::ZERO);
        loop {
            let outcome = tokio::select! {
                close = self.closing.recv() => return self.close(close).await,
                response = link::receive(&mut self.responses) => self.heard(response),
                Some(finished) = self.tasks.join_next() => match finished {
                    Ok(finished) => self.finished(finished),
                    Err(_) => Err(Error::Protocol("a task of the consumer has failed")),
                },
                () = link::tick(&mut ticks) => {
                    self.commit_finished();
                    Ok(())
                }
            };
            if let Err(error) = outcome {
                return self.fail(error);
            }
        }
    }

    fn fail(&mut self, error: Error) {
        match self.ready.take() {
            // Nobody has a consumer yet who could ask it.
            Some(ready) => drop(ready.send(Err(error))),
            None => self.shared.fail(error),
        }
    }

    fn connect(&mut self, pause: Duration) {
        let mut join = self.options.join.clone();
        {
            let state = self.shared.lock();
            join.member_id.clone_from(&state.member_id);
            join.member_epoch = state.member_epoch;
            join.owned = state.entries.keys().map(v1::TopicPartition::from).collect();
        }
        let client = self.options.client.clone();
        self.tasks.spawn(async move {
            tokio::time::sleep(pause).await;
            Finished::Connected(link::connect(&client, join).await.map(Box::new))
        });
    }

    /// Tries again after a while, or gives up.
    fn reconnect(&mut self, error: Error) -> Result<(), Error> {
        self.requests = None;
        self.responses = None;
        // The broker says again what it still wants, under another number.
        self.revocation = None;
        let since = *self.failing_since.get_or_insert_with(Instant::now);
        let is_first = self.ready.is_some();
        if !error.is_retryable() || is_first || since.elapsed() >= self.options.fetching.patience {
            return Err(error);
        }
        self.failures += 1;
        tracing::debug!(%error, attempt = self.failures, "joining the group again");
        if self.is_releasing {
            self.waits_to_connect = true;
        } else {
            self.connect(self.options.client.retry_policy().pause(self.failures));
        }
        Ok(())
    }

    fn heard(&mut self, response: Result<Option<v1::JoinGroupResponse>, Error>) -> Result<(), Error> {
        use v1::join_group_response::Event;
        let response = match response {
            Ok(Some(response)) => response,
            Ok(None) => {
                return self.reconnect(Error::Unavailable("the broker ended the session".to_owned()));
            }
            Err(error) => return self.reconnect(error),
        };
        self.shared.lock().member_epoch = response.member_epoch;
        match response.event {
            Some(Event::Assigned(assigned)) => {
                let partitions = assigned.partitions.into_iter().map(TopicPartition::from);
                self.shared.change(|state| state.assign(partitions));
                self.resolve();
            }
            Some(Event::Revoked(revoked)) => self.revoke(revoked),
            Some(Event::Lost(_)) => {
                self.revocation = None;
                let partitions = self.shared.change(|state| state.clear());
                if !partitions.is_empty() {
                    self.shared.tell(GroupEvent::Lost { partitions });
                }
            }
            Some(Event::Joined(_)) | None => {}
        }
        Ok(())
    }

    fn finished(&mut self, finished: Finished) -> Result<(), Error> {
        match finished {
            Finished::Connected(Ok(link)) => {
                let link = *link;
                self.failures = 0;
                self.failing_since = None;
                {
                    let mut state = self.shared.lock();
                    state.member_id = link.member_id;
                    state.member_epoch = link.member_epoch;
                }
                self.requests = Some(link.requests);
                self.responses = Some(link.responses);
                if let Some(ready) = self.ready.take() {
                    // Whoever builds may have given up; then the closing channel says so next.
                    let _ = ready.send(Ok(()));
                }
            }
            Finished::Connected(Err(error)) => return self.reconnect(error),
            Finished::Resolved(resolved) => {
                self.is_resolving = false;
                self.resolved(resolved?);
            }
            Finished::Released(partitions) => {
                self.is_releasing = false;
                self.shared.change(|state| state.remove(&partitions));
                self.release();
                if std::mem::take(&mut self.waits_to_connect) {
                    self.connect(Duration::ZERO);
                }
            }
            Finished::Committed(outcome) => {
                self.is_committing = false;
                if let Err(error) = outcome {
                    tracing::warn!(%error, group = %self.options.join.group, "a periodic commit has failed");
                }
            }
        }
        Ok(())
    }

    /// Asks where to begin in the partitions of which that is not known.
    fn resolve(&mut self) {
        if self.is_resolving {
            return;
        }
        let partitions = self.shared.lock().in_phase(Phase::Resolving);
        if partitions.is_empty() {
            return;
        }
        self.is_resolving = true;
        let (client, group, start) =
            (self.options.client.clone(), self.options.join.group.clone(), self.options.start);
        self.tasks.spawn(async move {
            Finished::Resolved(resolve_starts(&client, &group, partitions, start).await)
        });
    }

    fn resolved(&mut self, resolved: Resolved) {
        let assigned = self.shared.change(|state| {
            let mut assigned = Vec::new();
            for (partition, incarnation, offset, committed) in resolved {
                if state.seek(&partition, Some(incarnation), offset) {
                    if let Some(entry) = state.entries.get_mut(&partition) {
                        entry.committed = committed;
                    }
                    assigned.push(partition);
                }
            }
            assigned
        });
        if !assigned.is_empty() {
            self.shared.tell(GroupEvent::Assigned { partitions: assigned });
        }
        self.resolve();
    }

    fn revoke(&mut self, revoked: v1::GroupRevoked) {
        let partitions: Vec<TopicPartition> =
            revoked.partitions.into_iter().map(TopicPartition::from).collect();
        let timeout = Duration::from_millis(u64::try_from(revoked.timeout_ms).unwrap_or(0));
        self.shared.change(|state| {
            for partition in &partitions {
                if let Some(entry) = state.entries.get_mut(partition) {
                    entry.phase = Phase::Revoking;
                }
            }
        });
        let deadline = Instant::now() + timeout;
        self.revocation = Some(Revocation { id: revoked.revocation, partitions, deadline });
        self.release();
    }

    /// Gives up what is to be given up, or says that it has been.
    fn release(&mut self) {
        let Some(revocation) = &self.revocation else { return };
        if self.is_releasing {
            return;
        }
        let mut left = self.shared.lock().in_phase(Phase::Revoking);
        left.retain(|(partition, _)| revocation.partitions.contains(partition));
        if left.is_empty() {
            let acknowledge = v1::GroupAcknowledge { revocation: revocation.id };
            self.revocation = None;
            self.say(v1::join_group_request::Request::Acknowledge(acknowledge));
            return;
        }
        self.is_releasing = true;
        let (shared, committer) = (self.shared.clone(), self.committer.clone());
        let (deadline, is_periodic) = (revocation.deadline, self.options.commit != Commit::Manual);
        self.tasks.spawn(async move {
            let partitions: Vec<TopicPartition> =
                left.iter().map(|(partition, _)| partition.clone()).collect();
            let upto = wait_for_user(&shared, &partitions, deadline).await;
            if is_periodic {
                let offsets = shared.uncommitted(upto, |partition| partitions.contains(partition));
                if let Err(error) = committer.commit(offsets).await {
                    tracing::warn!(%error, "the commit before partitions were given up has failed");
                }
            }
            Finished::Released(left)
        });
    }

    fn commit_finished(&mut self) {
        if self.is_committing || self.requests.is_none() {
            return;
        }
        let offsets = self.shared.uncommitted(Upto::Finished, |_| true);
        if !offsets.is_empty() {
            self.is_committing = true;
            let committer = self.committer.clone();
            self.tasks.spawn(async move { Finished::Committed(committer.commit(offsets).await) });
        }
    }

    fn say(&self, request: v1::join_group_request::Request) {
        if let Some(requests) = &self.requests {
            // A link that is broken is noticed where it is read.
            let _ = requests.send(v1::JoinGroupRequest { request: Some(request) });
        }
    }

    /// Commits what is to be committed, and leaves. Without a word (the consumer was dropped) the last message may not have
    /// been dealt with.
    async fn close(mut self, close: Option<Close>) {
        let upto = if close.is_some() { Upto::Handed } else { Upto::Finished };
        let committed = match self.options.commit {
            Commit::Every(_) => self.committer.commit(self.shared.uncommitted(upto, |_| true)).await,
            Commit::Manual => Ok(()),
        };
        self.say(v1::join_group_request::Request::Leave(v1::GroupLeave {}));
        self.requests = None;
        if let Some(responses) = &mut self.responses {
            let farewell = async { while let Ok(Some(_)) = responses.message().await {} };
            // One that does not let go finds out by itself.
            let _ = tokio::time::timeout(FAREWELL, farewell).await;
        }
        self.shared.change(|state| state.clear());
        if let Some(close) = close {
            // Whoever closes may have stopped to wait.
            let _ = close.send(committed);
        }
    }
}

/// Waits until the user has done with messages of partitions that are to be given up, as far as the group waits. What is left
/// of its patience is for the commit.
async fn wait_for_user(shared: &Shared, partitions: &[TopicPartition], deadline: Instant) -> Upto {
    let now = Instant::now();
    let patience = now + deadline.saturating_duration_since(now).mul_f32(0.75);
    let (done, is_done) = Done::new();
    let revoking = GroupEvent::Revoking { partitions: partitions.to_vec(), deadline, done };
    if shared.tell(revoking)
        && let Ok(Ok(())) = tokio::time::timeout_at(patience, is_done).await
    {
        return Upto::Handed;
    }
    while shared.has_in_hand(partitions) {
        if tokio::time::timeout_at(patience, shared.finished.notified()).await.is_err() {
            break;
        }
    }
    Upto::Finished
}
