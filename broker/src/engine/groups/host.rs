//! The shards, each behind its lock, and the way in.

use thalweg_proto::error::ErrorCode;

use crate::coordinator::group::{Env, Shard, Step, Ticket};
use crate::engine::Engine;

/// The shards of the groups.
#[derive(Default)]
pub struct Groups {}

impl Engine {
    /// Runs an operation on the shard of a group. Returns when what it wrote, and what it saw, is durable.
    ///
    /// Fails with `NOT_COORDINATOR`, `COORDINATOR_NOT_AVAILABLE` or `COORDINATOR_LOAD_IN_PROGRESS` where no shard can take it.
    pub(super) async fn group_step<R>(
        &self,
        group: &str,
        operation: impl FnOnce(&mut Shard, &Env<'_>) -> Step<R>,
    ) -> Result<R, ErrorCode> {
        let _ = (group, operation);
        Err(ErrorCode::NotCoordinator)
    }

    /// Runs an operation that may leave its answer for later: then `later` takes it out of what came under the ticket.
    pub(super) async fn group_wait<R>(
        &self,
        group: &str,
        operation: impl FnOnce(&mut Shard, &Env<'_>, Ticket) -> Step<Option<R>>,
        later: impl FnOnce(crate::coordinator::group::Woken) -> Option<R>,
    ) -> Result<R, ErrorCode> {
        let _ = (group, operation, later);
        Err(ErrorCode::NotCoordinator)
    }

    /// Reads from the shard of a group. Returns when what was read is durable.
    pub(super) async fn group_read<R>(
        &self,
        group: &str,
        operation: impl FnOnce(&Shard, &Env<'_>) -> R,
    ) -> Result<R, ErrorCode> {
        let _ = (group, operation);
        Err(ErrorCode::NotCoordinator)
    }

    /// Reads from every shard.
    pub(super) async fn group_read_all<R>(
        &self,
        operation: impl Fn(&Shard, &Env<'_>) -> R,
    ) -> Result<Vec<R>, ErrorCode> {
        let _ = operation;
        Ok(Vec::new())
    }
}
