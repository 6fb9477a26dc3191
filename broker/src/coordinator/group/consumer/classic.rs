//! Members of consumer groups that speak the classic protocol.

use thalweg_proto::error::ErrorCode;

use crate::coordinator::group::classic::{Heartbeat, Join, Joined, Leave, Left, Sync, Synced};
use crate::coordinator::group::{Env, Shard, Step, Ticket};

impl Shard {
    /// JoinGroup to a consumer group that has members. The group's id and the session timeout have been looked at. No reply
    /// means that the answer comes under `ticket`.
    pub(in crate::coordinator::group) fn join_consumer_group(
        &mut self,
        env: &Env<'_>,
        ticket: Ticket,
        join: Join,
    ) -> Step<Option<Joined>> {
        let _ = (env, ticket);
        Step::reply(Some(Joined::refused(ErrorCode::InconsistentGroupProtocol, join.member)))
    }

    /// SyncGroup to a consumer group that has members.
    pub(in crate::coordinator::group) fn sync_consumer_group(
        &mut self,
        env: &Env<'_>,
        ticket: Ticket,
        sync: Sync,
    ) -> Step<Option<Synced>> {
        let _ = (env, ticket, sync);
        Step::reply(Some(Synced::refused(ErrorCode::UnknownMemberId)))
    }

    /// Heartbeat to a consumer group.
    pub(in crate::coordinator::group) fn heartbeat_consumer_group(
        &mut self,
        env: &Env<'_>,
        heartbeat: &Heartbeat,
    ) -> Step<ErrorCode> {
        let _ = (env, heartbeat);
        Step::reply(ErrorCode::UnknownMemberId)
    }

    /// LeaveGroup of a consumer group.
    pub(in crate::coordinator::group) fn leave_consumer_group(
        &mut self,
        env: &Env<'_>,
        leave: &Leave,
    ) -> Step<Left> {
        let _ = env;
        let members = vec![ErrorCode::UnknownMemberId; leave.members.len()];
        Step::reply(Left { error: ErrorCode::None, members })
    }
}
