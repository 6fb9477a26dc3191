//! Commits, one after the other.

use std::sync::Arc;
use std::time::Duration;

use thalweg_proto::error::ErrorCode;
use thalweg_proto::grpc::v1;
use tokio::time::Instant;
use tonic::Request;

use super::state::Shared;
use crate::connection::Client;
use crate::error::Error;
use crate::groups::Offset;

/// When offsets are committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    /// When the user says so.
    Manual,
    /// Again and again, before partitions are given up, and at the close: offsets of messages that the user has done with,
    /// which a message is when the next one is asked for.
    Every(Duration),
}

impl Default for Commit {
    /// Every five seconds.
    fn default() -> Self {
        Self::Every(Duration::from_secs(5))
    }
}

/// Commits on behalf of one member.
#[derive(Debug, Clone)]
pub(super) struct Committer {
    client: Client,
    group: Arc<str>,
    instance_id: Option<String>,
    shared: Arc<Shared>,
    /// Held from sending to the answer, so that no offset moves back because two commits have crossed.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Committer {
    pub fn new(client: Client, group: Arc<str>, instance_id: Option<String>, shared: Arc<Shared>) -> Self {
        Self { client, group, instance_id, shared, turn: Arc::default() }
    }

    /// Commits. Goes on where the future is dropped.
    pub async fn commit(&self, offsets: Vec<Offset>) -> Result<(), Error> {
        if offsets.is_empty() {
            return Ok(());
        }
        let committer = self.clone();
        let committing = tokio::spawn(async move { committer.commit_in_turn(offsets).await });
        committing.await.unwrap_or(Err(Error::Closed))
    }

    async fn commit_in_turn(&self, mut offsets: Vec<Offset>) -> Result<(), Error> {
        let _turn = self.turn.lock().await;
        let deadline = Instant::now() + self.client.timeout();
        let mut failures = 0;
        let mut refused = None;
        loop {
            let error = match self.attempt(&offsets).await {
                Ok(outcomes) => {
                    let passing = self.sort(&mut offsets, outcomes, &mut refused);
                    let Some(passing) = passing else { return refused.map_or(Ok(()), Err) };
                    passing
                }
                Err(error) if error.is_retryable() => error,
                Err(error) => return Err(error),
            };
            failures += 1;
            let pause = self.client.retry_policy().pause(failures);
            if Instant::now() + pause >= deadline {
                return Err(refused.unwrap_or(error));
            }
            tracing::debug!(%error, failures, "committing again");
            tokio::time::sleep(pause).await;
        }
    }

    /// Keeps the offsets that may be committed at another attempt, and gives the reason of one; notes the others.
    fn sort(
        &self,
        offsets: &mut Vec<Offset>,
        outcomes: Vec<v1::PartitionOutcome>,
        refused: &mut Option<Error>,
    ) -> Option<Error> {
        let mut again = Vec::new();
        let mut committed = Vec::new();
        let mut passing = None;
        for (offset, outcome) in std::mem::take(offsets).into_iter().zip(outcomes) {
            match outcome.problem.map(Error::from_problem) {
                None => committed.push(offset),
                Some(error) if is_passing(&error) => {
                    again.push(offset);
                    passing = Some(error);
                }
                Some(error) => {
                    refused.get_or_insert(error);
                }
            }
        }
        self.shared.committed(&committed);
        *offsets = again;
        passing
    }

    async fn attempt(&self, offsets: &[Offset]) -> Result<Vec<v1::PartitionOutcome>, Error> {
        let (member_id, member_epoch) = {
            let state = self.shared.lock();
            (state.member_id.clone(), state.member_epoch)
        };
        let offset = |offset: &Offset| v1::OffsetCommit {
            topic: offset.partition.topic.to_string(),
            partition: offset.partition.partition,
            offset: offset.offset,
            leader_epoch: None,
            metadata: offset.metadata.clone(),
        };
        let mut request = Request::new(v1::CommitOffsetsRequest {
            group: self.group.to_string(),
            member_id,
            member_epoch,
            instance_id: self.instance_id.clone(),
            offsets: offsets.iter().map(offset).collect(),
        });
        let timeout = self.client.timeout();
        request.set_timeout(timeout);
        let mut service = self.client.group_service();
        match tokio::time::timeout(timeout, service.commit_offsets(request)).await {
            Ok(response) => Ok(response?.into_inner().outcomes),
            Err(_) => Err(Error::Timeout { waited: timeout, possibly_applied: true }),
        }
    }
}

/// Whether the same commit may succeed a little later: the member's epoch has moved and the news of it is on the way, or the
/// broker is not ready.
fn is_passing(error: &Error) -> bool {
    match error.code() {
        Some(ErrorCode::StaleMemberEpoch) => true,
        Some(ErrorCode::UnknownTopicOrPartition) => false,
        _ => error.is_retryable(),
    }
}
