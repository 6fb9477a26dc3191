//! One turn of a classic group: the group, its deadlines, and what the turn gives out.

use std::sync::Arc;

use thalweg_proto::error::ErrorCode;

use super::member::Waiting;
use super::unwritten::Unwritten;
use super::{ClassicGroup, Joined, Synced};
use crate::coordinator::group::{Env, Group, Record, Shard, Step, Tally, Ticket, TimerKey, Timers, Woken};

/// A turn of a group. What happens in it stands with what it is about: joining, syncing, leaving, and so on.
pub(super) struct Turn<'a> {
    pub(super) id: Arc<str>,
    pub(super) group: &'a mut ClassicGroup,
    pub(super) env: &'a Env<'a>,
    pub(super) tally: &'a mut Tally,
    timers: &'a mut Timers,
    records: Vec<Record>,
    woken: Vec<Woken>,
}

impl Shard {
    /// Lets a classic group have a turn; `None` if there is no such group.
    pub(super) fn turn<R>(
        &mut self,
        env: &Env<'_>,
        id: &str,
        act: impl FnOnce(&mut Turn<'_>) -> R,
    ) -> Option<Step<R>> {
        let (id, _) = self.groups.get_key_value(id)?;
        let id = id.clone();
        let Some(Group::Classic(group)) = self.groups.get_mut(&id) else { return None };
        let (tally, timers) = (&mut self.tally, &mut self.timers);
        let mut turn = Turn { id, group, env, tally, timers, records: Vec::new(), woken: Vec::new() };
        let reply = act(&mut turn);
        let Turn { records, woken, .. } = turn;
        Some(Step { reply, records, woken })
    }
}

impl Turn<'_> {
    /// Writes the group down, with what becomes of it then.
    pub(super) fn write(&mut self, unwritten: Unwritten, record: Record) {
        debug_assert!(self.group.unwritten.is_none(), "one change at a time is on its way");
        self.group.unwritten = Some(unwritten);
        self.records.push(record);
    }

    /// Lets a member wait. What it has waited for until now, on a connection that it must have given up, ends with
    /// `REBALANCE_IN_PROGRESS`: a client that hears it after all joins again.
    pub(super) fn wait(&mut self, member: &Arc<str>, waiting: Waiting) {
        let before = self.group.members.set_waiting(member, waiting);
        self.answer(before, member, ErrorCode::RebalanceInProgress);
    }

    /// Lets a member go, or an id that was given out. Whoever waits for an answer under its id must join as a new member.
    pub(super) fn let_go(&mut self, member: &Arc<str>) {
        self.expect_no_more(member);
        if let Some(gone) = self.group.remove(member) {
            self.answer(gone.waiting, &Arc::default(), ErrorCode::UnknownMemberId);
        }
    }

    /// Answers a request that waits, if one does, with an error.
    pub(super) fn answer(&mut self, waiting: Waiting, member: &Arc<str>, error: ErrorCode) {
        match waiting {
            Waiting::No => {}
            Waiting::Join(ticket) => self.joined(ticket, Joined::refused(error, member.clone())),
            Waiting::Sync(ticket) => self.synced(ticket, Synced::refused(error)),
        }
    }

    pub(super) fn joined(&mut self, ticket: Ticket, answer: Joined) {
        self.woken.push(Woken::Joined(ticket, answer));
    }

    pub(super) fn synced(&mut self, ticket: Ticket, answer: Synced) {
        self.woken.push(Woken::Synced(ticket, answer));
    }

    /// A member has shown that it lives.
    pub(super) fn renew_session(&mut self, member: &Arc<str>) {
        if let Some(known) = self.group.members.get(member) {
            self.expect_within(member, known.session_timeout_ms);
        }
    }

    /// A member must show that it lives within so many ms.
    pub(super) fn expect_within(&mut self, member: &Arc<str>, timeout_ms: i32) {
        self.timers.set(self.session(member), self.env.after_ms(timeout_ms));
    }

    /// A member need not show that it lives any more.
    pub(super) fn expect_no_more(&mut self, member: &Arc<str>) {
        self.timers.cancel(&self.session(member));
    }

    pub(super) fn end_join_within(&mut self, timeout_ms: i32) {
        self.timers.set(TimerKey::Join { group: self.id.clone() }, self.env.after_ms(timeout_ms));
    }

    pub(super) fn cancel_join_deadline(&mut self) {
        self.timers.cancel(&TimerKey::Join { group: self.id.clone() });
    }

    pub(super) fn end_sync_within(&mut self, timeout_ms: i32) {
        self.timers.set(TimerKey::Sync { group: self.id.clone() }, self.env.after_ms(timeout_ms));
    }

    pub(super) fn cancel_sync_deadline(&mut self) {
        self.timers.cancel(&TimerKey::Sync { group: self.id.clone() });
    }

    /// Cancels every deadline of the group.
    pub(super) fn cancel_all(&mut self) {
        self.cancel_join_deadline();
        self.cancel_sync_deadline();
        let members = self.group.members.iter().map(|member| &member.id);
        let all: Vec<Arc<str>> = members.chain(&self.group.pending_joins).cloned().collect();
        for member in &all {
            self.expect_no_more(member);
        }
    }

    fn session(&self, member: &Arc<str>) -> TimerKey {
        TimerKey::Session { group: self.id.clone(), member: member.clone() }
    }
}
