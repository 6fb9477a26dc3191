//! A static member that comes back under another id (KIP-345).

use std::sync::Arc;

use thalweg_proto::error::ErrorCode;
use thalweg_proto::records::consumer::{Assignment, Subscription, read};

use super::member::{Member, Waiting};
use super::rebalance::Cause;
use super::state::State;
use super::turn::Turn;
use super::unwritten::Unwritten;
use super::{Join, Joined};
use crate::coordinator::group::Ticket;

impl Turn<'_> {
    /// A static member has started again, and takes the place of its former self. As long as the protocol stays the same, a
    /// stable group does not notice.
    pub(super) fn replace(
        &mut self,
        ticket: Ticket,
        join: &Join,
        former: &Arc<str>,
        id: Arc<str>,
    ) -> Option<Joined> {
        let leader_before = self.group.leader.clone();
        let before = self.rename(former, &id)?;
        self.update(ticket, join, &id);
        self.renew_session(&id);
        let cause = |what| Cause { what, member: &id, reason: join.reason.as_deref() };
        match self.group.state {
            State::Stable if was_to_join_again(&before, self.group.protocol.as_deref()) => {
                self.rebalance(cause("a static member is back that was to give partitions up"));
                None
            }
            State::Stable if self.group.members.elect() == self.group.protocol => {
                self.group.members.set_waiting(&id, Waiting::No);
                let record = self.group.record(&self.id);
                self.write(Unwritten::Replaced { before: Box::new(before), now: id.clone() }, record);
                Some(self.unnoticed(join, leader_before, &id))
            }
            State::Stable => {
                self.rebalance(cause("a static member is back, and the group's protocol changes"));
                None
            }
            // The leader may be assigning to the former id at this moment.
            State::CompletingRebalance => {
                self.prepare_rebalance(cause("a static member is back"));
                None
            }
            State::PreparingRebalance(_) | State::Empty => {
                self.complete_join_if_all_have();
                None
            }
        }
    }

    /// Gives a static member another id. Whoever waits under the former one is fenced.
    fn rename(&mut self, former: &Arc<str>, id: &Arc<str>) -> Option<Member> {
        let waiting = self.group.members.set_waiting(former, Waiting::No);
        self.answer(waiting, former, ErrorCode::FencedInstanceId);
        self.expect_no_more(former);
        let before = self.group.members.remove(former)?;
        self.group.members.insert(Member { id: id.clone(), new: false, ..before.clone() });
        if self.group.pending_syncs.remove(former) {
            self.group.pending_syncs.insert(id.clone());
        }
        if self.group.is_leader(former) {
            self.group.leader = Some(id.clone());
        }
        Some(before)
    }

    /// The answer to a static member whose return changes nothing. A leader that can be told so keeps the assignment
    /// (KIP-814); another is told that its former self leads, and so takes itself for a follower.
    fn unnoticed(&self, join: &Join, leader_before: Option<Arc<str>>, id: &Arc<str>) -> Joined {
        let generation = self.generation_for(id);
        if join.can_skip_assignment {
            return Joined { skip_assignment: self.group.is_leader(id), ..generation };
        }
        Joined { leader: leader_before.unwrap_or_default(), members: Vec::new(), ..generation }
    }

    /// The return of a static member could not be written: its former self is the member still.
    pub(super) fn undo_replacement(&mut self, before: Member, now: &Arc<str>) {
        self.expect_no_more(now);
        self.group.members.remove(now);
        if self.group.pending_syncs.remove(now) {
            self.group.pending_syncs.insert(before.id.clone());
        }
        if self.group.is_leader(now) {
            self.group.leader = Some(before.id.clone());
        }
        let id = before.id.clone();
        self.group.members.insert(before);
        self.renew_session(&id);
    }
}

/// Whether a consumer was given less than it had. The leader gives such partitions to nobody before the member has joined
/// again (KIP-429), and one that starts anew does not know of them. (Kafka leaves them without an owner until the next
/// rebalance.)
fn was_to_join_again(member: &Member, protocol: Option<&str>) -> bool {
    let metadata = protocol.map(|protocol| member.protocols.metadata(protocol)).unwrap_or_default();
    let Ok(Subscription { owned_partitions, .. }) = read(&metadata) else { return false };
    let given =
        if member.assignment.is_empty() { Ok(Assignment::default()) } else { read(&member.assignment) };
    let Ok(Assignment { assigned_partitions, .. }) = given else { return false };
    let keeps = |topic: &str, index: &i32| {
        assigned_partitions.iter().any(|given| given.topic == topic && given.partitions.contains(index))
    };
    owned_partitions.iter().any(|had| had.partitions.iter().any(|index| !keeps(&had.topic, index)))
}
