//! A member's way from what it has to what it is to have (Kafka's `CurrentAssignmentBuilder`).
//!
//! First it gives up what it must: until it says that it has, it stays in its epoch. Then it goes to the target's epoch and
//! gets what is free; what others have not given up yet comes later.

use std::collections::BTreeSet;
use std::sync::Arc;

use thalweg_proto::error::ErrorCode;
use uuid::Uuid;

use super::AssignedPartitions;
use super::ConsumerGroup;
use super::member::{Held, Member, MemberState, Standing};
use crate::coordinator::Refusal;
use crate::coordinator::group::assignor::TopicPartitions;

/// What a member's next step depends on.
pub(super) struct Reconciliation<'a> {
    pub group: &'a ConsumerGroup,
    pub member: &'a Member,
    /// The member in whose place it comes: what that one holds is not in its way.
    pub replaces: Option<&'a Member>,
    /// The epoch of the target.
    pub epoch: i32,
    pub target: &'a TopicPartitions,
    /// The topics that the member wants.
    pub wanted: &'a BTreeSet<Uuid>,
    pub subscription_changed: bool,
    /// What the member says that it has.
    pub owned: Option<&'a AssignedPartitions>,
}

impl Reconciliation<'_> {
    /// Where the member stands next; the same if it can go no further.
    pub(super) fn next(&self) -> Result<Arc<Standing>, Refusal> {
        let now = &self.member.standing;
        Ok(match now.state {
            MemberState::Stable if now.epoch != self.epoch => self.step(now.epoch),
            MemberState::Stable if self.subscription_changed => self.without_unwanted(),
            MemberState::Stable => now.clone(),
            MemberState::Unrevoked if !self.still_owns(&now.revoking) => self.step(now.epoch),
            MemberState::Unrevoked if self.subscription_changed => self.without_unwanted(),
            MemberState::Unrevoked => now.clone(),
            MemberState::Unreleased => self.step(now.epoch),
            MemberState::Unknown if self.owned.is_some_and(Vec::is_empty) => self.step(self.epoch),
            MemberState::Unknown => {
                let message = "The consumer group member is in a unknown state. The member must abandon all its partitions and \
                               rejoin.";
                return Err(Refusal::new(ErrorCode::FencedMemberEpoch, message));
            }
        })
    }

    /// Whether the member has, or does not say that it has given up, any of `revoking`.
    fn still_owns(&self, revoking: &Held) -> bool {
        let Some(owned) = self.owned else { return true };
        owned.iter().any(|(topic, partitions)| {
            revoking.get(topic).is_some_and(|held| partitions.iter().any(|index| held.contains_key(index)))
        })
    }

    /// The step towards the target.
    fn step(&self, epoch: i32) -> Arc<Standing> {
        let now = &self.member.standing;
        let in_target = |topic: &Uuid, index: &i32| {
            self.wanted.contains(topic) && self.target.get(topic).is_some_and(|target| target.contains(index))
        };
        let (mut assigned, revoking) = split(&now.assigned, in_target);
        if !revoking.is_empty() && self.still_owns(&revoking) {
            let next = Standing { state: MemberState::Unrevoked, assigned, revoking, ..Standing::clone(now) };
            return Arc::new(next.moved_to(epoch));
        }
        let mut waits = false;
        for (topic, partitions) in self.target.iter().filter(|(topic, _)| self.wanted.contains(topic)) {
            for index in partitions {
                if assigned.get(topic).is_some_and(|held| held.contains_key(index)) {
                    continue;
                }
                match self.is_free(*topic, *index) {
                    true => drop(assigned.entry(*topic).or_default().insert(*index, self.epoch)),
                    false => waits = true,
                }
            }
        }
        let state = if waits { MemberState::Unreleased } else { MemberState::Stable };
        let next = Standing { state, assigned, revoking: Held::new(), ..Standing::clone(now) };
        Arc::new(next.moved_to(self.epoch))
    }

    /// What the member itself still had to give up is free for it to keep.
    fn is_free(&self, topic: Uuid, index: i32) -> bool {
        let is_mine = |owner: &Arc<str>| {
            *owner == self.member.id || self.replaces.is_some_and(|before| before.id == *owner)
        };
        self.group.owner(topic, index).is_none_or(is_mine)
    }

    /// The member's standing without the topics that it does not want any more: it must not wait for the next target to be told
    /// so, or it would go on fetching them.
    fn without_unwanted(&self) -> Arc<Standing> {
        let now = &self.member.standing;
        let (assigned, unwanted) = split(&now.assigned, |topic, _| self.wanted.contains(topic));
        if unwanted.is_empty() {
            return now.clone();
        }
        let mut revoking = now.revoking.clone();
        for (topic, partitions) in unwanted {
            revoking.entry(topic).or_default().extend(partitions);
        }
        let next = match self.still_owns(&revoking) {
            true => Standing { state: MemberState::Unrevoked, assigned, revoking, ..Standing::clone(now) },
            false => Standing { assigned, ..Standing::clone(now) },
        };
        Arc::new(next.moved_to(now.epoch))
    }
}

impl Standing {
    fn moved_to(self, epoch: i32) -> Self {
        Self { epoch, previous_epoch: self.epoch, ..self }
    }
}

/// What a test holds for, and the rest.
fn split(held: &Held, test: impl Fn(&Uuid, &i32) -> bool) -> (Held, Held) {
    let (mut with, mut without) = (Held::new(), Held::new());
    for (topic, partitions) in held {
        for (index, epoch) in partitions {
            let side = if test(topic, index) { &mut with } else { &mut without };
            side.entry(*topic).or_default().insert(*index, *epoch);
        }
    }
    (with, without)
}
