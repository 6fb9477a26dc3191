//! The join phase: how it begins, and how a generation comes of it.

use std::sync::Arc;

use thalweg_proto::error::ErrorCode;

use super::member::{Member, Waiting};
use super::state::{JoinPhase, State};
use super::turn::Turn;
use super::unwritten::Unwritten;
use super::{Joined, JoinedMember};

/// How long silent static members are waited for at least before they are looked at again, in ms.
const LEAST_WAIT_MS: i32 = 100;

/// Why a rebalance begins, for people.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cause<'a> {
    /// What has happened.
    pub(super) what: &'static str,
    /// To whom.
    pub(super) member: &'a str,
    /// What the client says about it (KIP-800).
    pub(super) reason: Option<&'a str>,
}

impl Turn<'_> {
    /// After a change in the membership: begins a rebalance, or ends the one that waits for nobody any more.
    pub(super) fn rebalance(&mut self, cause: Cause<'_>) {
        if self.group.is_preparing() {
            self.complete_join_if_all_have();
        } else {
            self.prepare_rebalance(cause);
        }
    }

    /// Begins a rebalance: every member must join again.
    pub(super) fn prepare_rebalance(&mut self, cause: Cause<'_>) {
        if self.group.state == State::CompletingRebalance {
            self.take_back_assignments(ErrorCode::RebalanceInProgress);
        }
        self.group.pending_syncs.clear();
        self.cancel_sync_deadline();
        let first = self.group.is_empty();
        let phase = if first { self.gather() } else { JoinPhase::Rejoining };
        self.group.move_to(State::PreparingRebalance(phase), self.env.wall_ms);
        tracing::info!(
            group = &*self.id,
            generation = self.group.generation,
            member = cause.member,
            reason = cause.reason,
            "a rebalance begins: {}",
            cause.what
        );
        if first {
            return;
        }
        if self.group.has_all_joined() {
            self.complete_join();
        } else {
            self.end_join_within(self.group.members.rebalance_timeout_ms());
        }
    }

    /// The first join phase of a group waits for more members to come.
    fn gather(&mut self) -> JoinPhase {
        let delay_ms = self.env.settings.initial_rebalance_delay_ms;
        self.end_join_within(delay_ms);
        let remaining_ms = self.group.members.rebalance_timeout_ms().saturating_sub(delay_ms).max(0);
        JoinPhase::Gathering { delay_ms, remaining_ms, grown: false }
    }

    /// Somebody has come while the group gathers: it waits for more.
    pub(super) fn note_growth(&mut self) {
        if let State::PreparingRebalance(JoinPhase::Gathering { grown, .. }) = &mut self.group.state {
            *grown = true;
        }
    }

    /// The time of a join phase is over, or that of one of its delays.
    pub(super) fn join_deadline(&mut self) {
        let State::PreparingRebalance(phase) = &mut self.group.state else { return };
        match phase {
            JoinPhase::Gathering { delay_ms, remaining_ms, grown } if *grown && *remaining_ms != 0 => {
                let next = self.env.settings.initial_rebalance_delay_ms.min(*remaining_ms);
                *remaining_ms = remaining_ms.saturating_sub(*delay_ms).max(0);
                *delay_ms = next;
                *grown = false;
                self.end_join_within(next);
            }
            _ => self.complete_join(),
        }
    }

    /// Ends the join phase if nobody is missing. One that gathers goes on until its time is over.
    pub(super) fn complete_join_if_all_have(&mut self) {
        if self.group.is_preparing() && !self.group.is_gathering() && self.group.has_all_joined() {
            self.complete_join();
        }
    }

    /// Ends the join phase: members that have not joined are let go, unless they are static, and a generation begins.
    pub(super) fn complete_join(&mut self) {
        self.cancel_join_deadline();
        for member in self.group.members.ids_where(|member| !member.has_joined() && member.instance.is_none())
        {
            self.let_go(&member);
            self.tally.late_members.classic += 1;
            tracing::info!(group = &*self.id, member = &*member, "has not joined again in time");
        }
        if !self.elect_leader() {
            // Only static members, all of them silent: they are waited for until their sessions end.
            return self.end_join_within(self.group.members.rebalance_timeout_ms().max(LEAST_WAIT_MS));
        }
        self.group.next_generation(self.env.wall_ms);
        if self.group.members.is_empty() {
            let record = self.group.record(&self.id);
            self.write(Unwritten::Emptied, record);
        } else {
            self.announce_generation();
        }
    }

    /// Sees to it that the leader is somebody who has joined; false if there are members, and none of them has.
    fn elect_leader(&mut self) -> bool {
        let leader = self.group.leader.as_deref().and_then(|leader| self.group.members.get(leader));
        if leader.is_some_and(Member::has_joined) {
            return true;
        }
        // Whoever has been there longer: where a group has gone back to the classic protocol, Kafka lets one of them lead.
        let joined = self.group.members.iter().filter(|member| member.has_joined());
        let successor = joined.min_by_key(|member| member.new);
        if let Some(successor) = successor.map(|member| member.id.clone()) {
            self.group.leader = Some(successor);
            return true;
        }
        self.group.members.is_empty()
    }

    /// Answers everybody who has joined, and waits for them to sync.
    fn announce_generation(&mut self) {
        for member in self.group.members.ids_where(|_| true) {
            if let Waiting::Join(ticket) = self.group.members.set_waiting(&member, Waiting::No) {
                let answer = self.generation_for(&member);
                self.joined(ticket, answer);
            }
            self.group.members.greet(&member);
            self.renew_session(&member);
            self.group.pending_syncs.insert(member);
        }
        self.end_sync_within(self.group.members.rebalance_timeout_ms());
    }

    /// The generation as a member is told of it; the leader is told of all members.
    pub(super) fn generation_for(&self, member: &Arc<str>) -> Joined {
        let group = &*self.group;
        let protocol = group.protocol.as_deref().unwrap_or_default();
        let tell = |member: &Member| JoinedMember {
            member: member.id.clone(),
            instance: member.instance.clone(),
            metadata: member.protocols.metadata(protocol),
        };
        let members =
            if group.is_leader(member) { group.members.iter().map(tell).collect() } else { Vec::new() };
        Joined {
            error: ErrorCode::None,
            generation: group.generation,
            protocol_type: group.protocol_type.clone(),
            protocol: group.protocol.clone(),
            leader: group.leader.clone().unwrap_or_default(),
            skip_assignment: false,
            member: member.clone(),
            members,
        }
    }
}
