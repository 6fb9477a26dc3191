//! SyncGroup to a classic group.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use thalweg_proto::error::ErrorCode;

use super::member::{Member, Waiting};
use super::rebalance::Cause;
use super::state::State;
use super::turn::Turn;
use super::unwritten::Unwritten;
use super::{Sync, Synced};
use crate::coordinator::group::Ticket;

impl Turn<'_> {
    /// A member asks for its assignment, and the leader brings all of them. No answer means that it comes under the ticket.
    pub(super) fn sync(&mut self, ticket: Ticket, sync: &Sync) -> Option<Synced> {
        if let Err(error) = self.validate_sync(sync) {
            return Some(Synced::refused(error));
        }
        match self.group.state {
            State::Empty => Some(Synced::refused(ErrorCode::UnknownMemberId)),
            State::PreparingRebalance(_) => Some(Synced::refused(ErrorCode::RebalanceInProgress)),
            State::CompletingRebalance => {
                self.note_sync(&sync.member);
                self.wait(&sync.member, Waiting::Sync(ticket));
                if self.group.is_leader(&sync.member) {
                    self.distribute(&sync.assignments);
                }
                None
            }
            State::Stable => {
                self.note_sync(&sync.member);
                let member = self.group.members.get(&sync.member);
                Some(self.assignment(member.map(|member| member.assignment.clone()).unwrap_or_default()))
            }
        }
    }

    fn validate_sync(&self, sync: &Sync) -> Result<(), ErrorCode> {
        let differs = |said: &Option<Arc<str>>, known: &Option<Arc<str>>| {
            said.as_ref().zip(known.as_ref()).is_some_and(|(said, known)| said != known)
        };
        self.group.members.validate(&sync.member, sync.instance.as_deref())?;
        if sync.generation != self.group.generation {
            Err(ErrorCode::IllegalGeneration)
        } else if differs(&sync.protocol_type, &self.group.protocol_type)
            || differs(&sync.protocol, &self.group.protocol)
        {
            Err(ErrorCode::InconsistentGroupProtocol)
        } else {
            Ok(())
        }
    }

    fn note_sync(&mut self, member: &Arc<str>) {
        self.group.pending_syncs.remove(member);
        if self.group.pending_syncs.is_empty() {
            self.cancel_sync_deadline();
        }
    }

    /// The leader has assigned: whoever waits is answered as soon as that is written. Members that the leader has forgotten
    /// get nothing, members that it invented are passed over.
    fn distribute(&mut self, assignments: &[(Arc<str>, Bytes)]) {
        let given: HashMap<&str, &Bytes> =
            assignments.iter().map(|(member, given)| (&**member, given)).collect();
        let of = |member: &Member| given.get(&*member.id).copied().cloned().unwrap_or_default();
        let record = self.group.record_with(&self.id, &of);
        for member in self.group.members.ids_where(|member| matches!(member.waiting, Waiting::Sync(_))) {
            let assigned = self.group.members.get(&member).map(&of).unwrap_or_default();
            if let Waiting::Sync(ticket) = self.group.members.set_waiting(&member, Waiting::No) {
                self.synced(ticket, self.assignment(assigned));
            }
            // Its session may have ended while it waited.
            self.renew_session(&member);
        }
        self.write(Unwritten::Assigned, record);
    }

    fn assignment(&self, assignment: Bytes) -> Synced {
        Synced {
            error: ErrorCode::None,
            protocol_type: self.group.protocol_type.clone(),
            protocol: self.group.protocol.clone(),
            assignment,
        }
    }

    /// Nobody has an assignment any more, and whoever waits for one is told why.
    pub(super) fn take_back_assignments(&mut self, error: ErrorCode) {
        self.group.members.assign(|_| Bytes::new());
        for member in self.group.members.ids_where(|member| matches!(member.waiting, Waiting::Sync(_))) {
            let waiting = self.group.members.set_waiting(&member, Waiting::No);
            self.answer(waiting, &member, error);
            self.renew_session(&member);
        }
    }

    /// The assignment is written: the group is stable.
    pub(super) fn stabilize(&mut self, assigned: &HashMap<&str, Bytes>) {
        self.group.members.assign(|member| assigned.get(&*member.id).cloned().unwrap_or_default());
        self.group.move_to(State::Stable, self.env.wall_ms);
        tracing::debug!(group = &*self.id, generation = self.group.generation, "the group is stable");
    }

    /// The assignment could not be written: everybody must join again.
    pub(super) fn undo_assignment(&mut self, error: ErrorCode) {
        self.take_back_assignments(error);
        let cause = Cause { what: "the assignment could not be written", member: "", reason: None };
        self.rebalance(cause);
    }

    /// The time is over in which members should have synced: who has not is let go.
    pub(super) fn sync_deadline(&mut self) {
        if !matches!(self.group.state, State::CompletingRebalance | State::Stable) {
            return;
        }
        let missing = std::mem::take(&mut self.group.pending_syncs);
        let Some(first) = missing.first() else { return };
        for member in &missing {
            self.let_go(member);
            self.tally.late_members.classic += 1;
        }
        self.prepare_rebalance(Cause {
            what: "members have not synced in time",
            member: first,
            reason: None,
        });
    }
}
