//! The operations of the classic protocol, for groups of either kind: a member of a consumer group may still speak it.

use thalweg_proto::error::ErrorCode;

use super::{Heartbeat, Join, Joined, Leave, Left, Sync, Synced};
use crate::coordinator::group::{Env, Shard, Step, Ticket};

impl Shard {
    /// JoinGroup. No reply means that the answer comes under `ticket` when the rebalance ends.
    pub fn join(&mut self, env: &Env<'_>, ticket: Ticket, join: Join) -> Step<Option<Joined>> {
        let _ = (env, ticket);
        Step::reply(Some(Joined::refused(ErrorCode::CoordinatorNotAvailable, join.member)))
    }

    /// SyncGroup. No reply means that the answer comes under `ticket` when the leader has assigned.
    pub fn sync(&mut self, env: &Env<'_>, ticket: Ticket, sync: Sync) -> Step<Option<Synced>> {
        let _ = (env, ticket, sync);
        Step::reply(Some(Synced::refused(ErrorCode::CoordinatorNotAvailable)))
    }

    /// Heartbeat.
    pub fn heartbeat(&mut self, env: &Env<'_>, heartbeat: &Heartbeat) -> Step<ErrorCode> {
        let _ = (env, heartbeat);
        Step::reply(ErrorCode::CoordinatorNotAvailable)
    }

    /// LeaveGroup.
    pub fn leave(&mut self, env: &Env<'_>, leave: &Leave) -> Step<Left> {
        let _ = (env, leave);
        Step::reply(Left { error: ErrorCode::CoordinatorNotAvailable, members: Vec::new() })
    }
}

impl Joined {
    /// The answer to a member that does not get in.
    pub fn refused(error: ErrorCode, member: std::sync::Arc<str>) -> Self {
        Self {
            error,
            generation: -1,
            protocol_type: None,
            protocol: None,
            leader: "".into(),
            skip_assignment: false,
            member,
            members: Vec::new(),
        }
    }
}

impl Synced {
    /// The answer to a member that gets no assignment.
    pub fn refused(error: ErrorCode) -> Self {
        Self { error, protocol_type: None, protocol: None, assignment: bytes::Bytes::new() }
    }
}
