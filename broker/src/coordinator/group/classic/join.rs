//! JoinGroup to a classic group.

use std::sync::Arc;

use thalweg_proto::error::ErrorCode;

use super::member::{Member, Protocols, Waiting};
use super::rebalance::Cause;
use super::state::State;
use super::turn::Turn;
use super::{Join, Joined};
use crate::coordinator::group::{Env, Ticket};

/// How long a new member may wait for its first JoinGroup to be answered (`classicGroupNewMemberJoinTimeoutMs`): it cannot
/// send heartbeats yet, and a client that has given up comes again as another member.
const NEW_MEMBER_TIMEOUT_MS: i32 = 5 * 60 * 1000;

/// What can be said without knowing the group.
pub(super) fn refused_at_once(env: &Env<'_>, join: &Join) -> Option<Joined> {
    let sessions = env.settings.min_session_timeout_ms..=env.settings.max_session_timeout_ms;
    let error = if join.group.is_empty() {
        ErrorCode::InvalidGroupId
    } else if !sessions.contains(&join.session_timeout_ms) {
        ErrorCode::InvalidSessionTimeout
    } else {
        return None;
    };
    Some(Joined::refused(error, join.member.clone()))
}

impl Turn<'_> {
    /// Somebody wants to join. No answer means that it comes under the ticket, perhaps in this very turn.
    pub(super) fn join(&mut self, ticket: Ticket, join: &Join) -> Option<Joined> {
        let refused = |error, member: &Arc<str>| Some(Joined::refused(error, member.clone()));
        if !self.has_room_for(&join.member) {
            self.let_go(&join.member);
            self.complete_join_if_all_have();
            return refused(ErrorCode::GroupMaxSizeReached, &Arc::default());
        }
        if !self.group.supports(&join.protocol_type, &join.protocols) {
            return refused(ErrorCode::InconsistentGroupProtocol, &join.member);
        }
        if join.member.is_empty() {
            return self.join_without_id(ticket, join);
        }
        if self.group.pending_joins.contains(&join.member) && join.instance.is_none() {
            self.take_in(ticket, join, join.member.clone());
            return None;
        }
        match self.group.members.validate(&join.member, join.instance.as_deref()) {
            Ok(()) => self.join_again(ticket, join),
            Err(error) => refused(error, &join.member),
        }
    }

    /// Whether one more member fits in (`group.max.size`). While a rebalance is prepared only those count who have joined
    /// already: a group that is too large loses the last to come.
    fn has_room_for(&self, member: &str) -> bool {
        let most = usize::try_from(self.env.settings.max_size).unwrap_or(0);
        let members = &self.group.members;
        match self.group.state {
            State::Empty => true,
            State::PreparingRebalance(_) => {
                members.get(member).is_some_and(Member::has_joined) || members.joined() < most
            }
            State::CompletingRebalance | State::Stable => members.contains(member) || members.len() < most,
        }
    }

    fn join_without_id(&mut self, ticket: Ticket, join: &Join) -> Option<Joined> {
        let named_after = join.instance.as_ref().unwrap_or(&join.client_id);
        let id: Arc<str> = format!("{named_after}-{}", self.env.around.new_id()).into();
        let holder = join.instance.as_deref().and_then(|instance| self.group.members.of_instance(instance));
        if let Some(holder) = holder.cloned() {
            return self.replace(ticket, join, &holder, id);
        }
        if join.instance.is_none() && join.requires_known_member {
            self.group.pending_joins.insert(id.clone());
            self.expect_within(&id, join.session_timeout_ms);
            return Some(Joined::refused(ErrorCode::MemberIdRequired, id));
        }
        self.take_in(ticket, join, id);
        None
    }

    /// A new member.
    fn take_in(&mut self, ticket: Ticket, join: &Join, id: Arc<str>) {
        self.note_growth();
        self.group.add(Member::joining(id.clone(), join), &join.protocol_type);
        self.wait(&id, Waiting::Join(ticket));
        self.expect_within(&id, NEW_MEMBER_TIMEOUT_MS);
        self.rebalance(Cause { what: "a member joins", member: &id, reason: join.reason.as_deref() });
    }

    /// A member that is known joins once more.
    fn join_again(&mut self, ticket: Ticket, join: &Join) -> Option<Joined> {
        let member = &join.member;
        let unchanged = self
            .group
            .members
            .get(member)
            .is_some_and(|known| known.protocols == Protocols::new(&join.protocols));
        let what = match self.group.state {
            // It may not have heard the answer to its last JoinGroup.
            State::CompletingRebalance if unchanged => return Some(self.generation_for(member)),
            State::Stable if self.group.is_leader(member) => "the leader joins again",
            State::Stable if unchanged => return Some(self.generation_for(member)),
            State::Empty => return Some(Joined::refused(ErrorCode::UnknownMemberId, member.clone())),
            State::PreparingRebalance(_) => "a member joins again",
            State::CompletingRebalance | State::Stable => "a member joins again with other protocols",
        };
        self.update(ticket, join, member);
        self.rebalance(Cause { what, member, reason: join.reason.as_deref() });
        None
    }

    /// What a member says anew holds, and it waits for the rebalance to end.
    pub(super) fn update(&mut self, ticket: Ticket, join: &Join, member: &Arc<str>) {
        let (session, rebalance) = (join.session_timeout_ms, join.rebalance_timeout_ms);
        self.group.members.update(member, Protocols::new(&join.protocols), session, rebalance);
        self.wait(member, Waiting::Join(ticket));
    }
}
