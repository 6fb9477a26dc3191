//! The shards, and the way in to the one that a group belongs to.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use thalweg_proto::error::ErrorCode;

use super::bell::Bell;
use super::durably::Durably;
use super::host::ShardHost;
use super::resolver::Resolver;
use super::tickets::Waiter;
use crate::coordinator::group::{Env, Shard, Step, Ticket, Woken, shard_of};
use crate::engine::{Engine, TopicHandle};

/// The shards of the groups. There are none until their log is there.
#[derive(Default)]
pub struct Groups {
    shards: ArcSwapOption<Vec<Arc<ShardHost>>>,
    pub(super) bell: Arc<Bell>,
    pub(super) resolver: Arc<Resolver>,
}

impl Groups {
    /// Serves groups from the partitions of their log. Their number is that of the first call until [`Groups::withdraw`]: a
    /// group belongs to a shard by it.
    pub(in crate::engine) fn serve(&self, log: &TopicHandle) {
        if self.shards.load().is_none() {
            let hosts = log.partitions.iter().map(|served| ShardHost::new(served.clone())).collect();
            self.shards.store(Some(Arc::new(hosts)));
        }
    }

    /// Serves no groups any more: their log is gone.
    pub(in crate::engine) fn withdraw(&self) {
        let Some(shards) = self.shards.swap(None) else { return };
        tracing::warn!("the log of the groups has been deleted: all groups and committed offsets are gone");
        for host in shards.iter() {
            host.close();
        }
    }

    /// All shards; none without a log.
    pub(super) fn all(&self) -> Vec<Arc<ShardHost>> {
        self.shards.load().iter().flat_map(|shards| shards.iter().cloned()).collect()
    }

    /// The shard of a group.
    pub(super) fn of(&self, group: &str) -> Result<Arc<ShardHost>, ErrorCode> {
        let shards = self.shards.load();
        let shards = shards.as_ref().ok_or(ErrorCode::NotCoordinator)?;
        let index = shard_of(group, i32::try_from(shards.len()).unwrap_or(i32::MAX));
        let found = usize::try_from(index).ok().and_then(|index| shards.get(index));
        found.cloned().ok_or(ErrorCode::NotCoordinator)
    }
}

impl Engine {
    /// Runs an operation on the shard of a group, at once. What it gives comes when what the operation wrote, and what it
    /// saw, is durable.
    ///
    /// Fails with `NOT_COORDINATOR`, `COORDINATOR_NOT_AVAILABLE` or `COORDINATOR_LOAD_IN_PROGRESS` where no shard can take it.
    pub(super) fn group_step<R>(
        &self,
        group: &str,
        operation: impl FnOnce(&mut Shard, &Env<'_>) -> Step<R>,
    ) -> Durably<R> {
        match self.groups.of(group) {
            Ok(host) => match host.run(self, operation) {
                Ok((reply, written)) => Durably::new(self, host, reply, written),
                Err(error) => Durably::refused(error),
            },
            Err(error) => Durably::refused(error),
        }
    }

    /// Runs an operation that may leave its answer for later: then `later` takes it out of what came under the ticket.
    pub(super) async fn group_wait<R>(
        &self,
        group: &str,
        operation: impl FnOnce(&mut Shard, &Env<'_>, Ticket) -> Step<Option<R>>,
        later: impl FnOnce(Woken) -> Option<R>,
    ) -> Result<R, ErrorCode> {
        let host = self.groups.of(group)?;
        let mut waiter = Waiter::new(host.clone());
        let ticket = waiter.ticket;
        let (reply, mut written) = host.run(self, |shard, env| operation(shard, env, ticket))?;
        let reply = match reply {
            Some(reply) => reply,
            None => {
                let delivery = tokio::select! {
                    biased;
                    delivery = waiter.delivery() => delivery.ok_or(ErrorCode::NotCoordinator)?,
                    () = self.stopping.cancelled() => return Err(ErrorCode::CoordinatorNotAvailable),
                };
                written = delivery.written;
                later(delivery.woken).ok_or(ErrorCode::UnknownServerError)?
            }
        };
        Durably::new(self, host, reply, written).await
    }

    /// Reads from the shard of a group. What it gives comes when what was read is durable.
    pub(super) fn group_read<R>(
        &self,
        group: &str,
        operation: impl FnOnce(&Shard, &Env<'_>) -> R,
    ) -> Durably<R> {
        self.group_step(group, |shard, env| Step::reply(operation(shard, env)))
    }

    /// Reads from every shard. One that is out of service is left out; one that is being loaded fails the whole, as in Kafka.
    pub(super) async fn group_read_all<R>(
        &self,
        operation: impl Fn(&Shard) -> R,
    ) -> Result<Vec<R>, ErrorCode> {
        let mut read = Vec::new();
        for host in self.groups.all() {
            let outcome = match host.run(self, |shard, _| Step::reply(operation(shard))) {
                Ok((reply, written)) => Durably::new(self, host, reply, written).await,
                Err(error) => Err(error),
            };
            match outcome {
                Ok(reply) => read.push(reply),
                Err(ErrorCode::NotCoordinator) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(read)
    }
}
