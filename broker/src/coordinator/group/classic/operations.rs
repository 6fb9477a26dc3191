//! The operations of the classic protocol, for groups of either kind: a member of a consumer group may still speak it.

use std::sync::Arc;

use thalweg_proto::error::ErrorCode;

use super::unwritten::Unwritten;
use super::{ClassicGroup, Heartbeat, Join, Joined, Leave, Left, Sync, Synced, join};
use crate::coordinator::group::{Env, Group, Record, Shard, Step, Ticket, Woken};

impl Shard {
    /// JoinGroup. No reply means that the answer comes under `ticket` when the rebalance ends.
    pub fn join(&mut self, env: &Env<'_>, ticket: Ticket, join: Join) -> Step<Option<Joined>> {
        if let Some(refused) = join::refused_at_once(env, &join) {
            return Step::reply(Some(refused));
        }
        match self.groups.get(&join.group) {
            Some(Group::Consumer(group)) if !group.is_empty() => self.join_consumer_group(env, join),
            _ => self.join_classic_group(env, ticket, &join),
        }
    }

    /// SyncGroup. No reply means that the answer comes under `ticket` when the leader has assigned.
    pub fn sync(&mut self, env: &Env<'_>, ticket: Ticket, sync: Sync) -> Step<Option<Synced>> {
        if sync.group.is_empty() {
            return Step::reply(Some(Synced::refused(ErrorCode::InvalidGroupId)));
        }
        if let Some(Group::Consumer(group)) = self.groups.get(&sync.group)
            && !group.is_empty()
        {
            return self.sync_consumer_group(env, sync);
        }
        match self.turn(env, &sync.group, |turn| turn.sync(ticket, &sync)) {
            Some(step) => step.answered(ticket, Woken::synced),
            None => Step::reply(Some(Synced::refused(ErrorCode::UnknownMemberId))),
        }
    }

    /// Heartbeat.
    pub fn heartbeat(&mut self, env: &Env<'_>, heartbeat: &Heartbeat) -> Step<ErrorCode> {
        if heartbeat.group.is_empty() {
            return Step::reply(ErrorCode::InvalidGroupId);
        }
        if let Some(Group::Consumer(_)) = self.groups.get(&heartbeat.group) {
            return self.heartbeat_consumer_group(env, heartbeat);
        }
        let step = self.turn(env, &heartbeat.group, |turn| turn.heartbeat(heartbeat));
        step.unwrap_or_else(|| Step::reply(ErrorCode::UnknownMemberId))
    }

    /// LeaveGroup.
    pub fn leave(&mut self, env: &Env<'_>, leave: &Leave) -> Step<Left> {
        if leave.group.is_empty() {
            return Step::reply(Left { error: ErrorCode::InvalidGroupId, members: Vec::new() });
        }
        if let Some(Group::Consumer(_)) = self.groups.get(&leave.group) {
            return self.leave_consumer_group(env, leave);
        }
        let unknown = || Left {
            error: ErrorCode::None,
            members: vec![ErrorCode::UnknownMemberId; leave.members.len()],
        };
        self.turn(env, &leave.group, |turn| turn.leave(leave)).unwrap_or_else(|| Step::reply(unknown()))
    }

    /// JoinGroup to a classic group, or to one that is about to be: a member without an id makes it, also in the place of an
    /// empty consumer group.
    fn join_classic_group(&mut self, env: &Env<'_>, ticket: Ticket, join: &Join) -> Step<Option<Joined>> {
        let made = match self.groups.get(&join.group) {
            Some(Group::Classic(_)) => Vec::new(),
            _ if join.member.is_empty() => self.make_classic_group(env, &join.group),
            _ => return Step::reply(Some(Joined::refused(ErrorCode::UnknownMemberId, join.member.clone()))),
        };
        let Some(mut step) = self.turn(env, &join.group, |turn| turn.join(ticket, join)) else {
            return Step::reply(Some(Joined::refused(ErrorCode::UnknownServerError, join.member.clone())));
        };
        step.records.splice(0..0, made);
        step.answered(ticket, Woken::joined)
    }

    /// Makes a group; returns what must be written of it.
    fn make_classic_group(&mut self, env: &Env<'_>, id: &Arc<str>) -> Vec<Record> {
        let mut records = Vec::new();
        let mut group = ClassicGroup::new(env.wall_ms);
        let mut replaced = None;
        if let Some(Group::Consumer(before)) = self.groups.remove(id) {
            records.extend(before.tombstones(id));
            replaced = Some(Box::new(before));
        }
        records.push(group.record(id));
        group.unwritten = Some(Unwritten::Made { before: replaced });
        self.groups.insert(id.clone(), Group::Classic(group));
        records
    }
}

impl Joined {
    /// The answer to a member that does not get in.
    pub fn refused(error: ErrorCode, member: Arc<str>) -> Self {
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
