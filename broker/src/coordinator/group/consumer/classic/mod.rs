//! Members of consumer groups that speak the classic protocol.
//!
//! They join, sync and send heartbeats as in a classic group, but nobody leads: the broker assigns. Whenever there is something
//! else for a member to have, its heartbeat is told to join again; that is its turn.

mod heartbeat;
mod join;
mod leave;
mod sync;

use std::sync::Arc;

use thalweg_proto::error::ErrorCode;

use super::ConsumerGroup;
use super::member::{ClassicSide, Member, MemberState};
use crate::coordinator::group::{Env, Shard, TimerKey};

/// A member that speaks the classic protocol.
struct ClassicMember<'a> {
    member: &'a Arc<Member>,
    side: &'a ClassicSide,
}

impl ConsumerGroup {
    /// The member that a request of the classic protocol is from.
    fn classic_member(&self, id: &str, instance: Option<&str>) -> Result<ClassicMember<'_>, ErrorCode> {
        let member = match instance {
            None => self.member(id).ok_or(ErrorCode::UnknownMemberId)?,
            Some(instance) => self.known_static_member(id, instance).map_err(|refusal| refusal.code)?,
        };
        let side = member.profile.classic.as_deref().ok_or(ErrorCode::UnknownMemberId)?;
        Ok(ClassicMember { member, side })
    }

    /// Whether a classic member must join again to get where it is to be.
    fn must_join_again(&self, member: &Member) -> bool {
        let behind = member.standing.epoch < self.assignment_epoch;
        let waits_in_vain =
            || member.standing.state == MemberState::Unreleased && !self.waits_for_others(member);
        behind || member.standing.state == MemberState::Unrevoked || waits_in_vain()
    }

    /// Whether others still hold what a member is to have.
    fn waits_for_others(&self, member: &Member) -> bool {
        let target = self.target_of(&member.id);
        target.iter().any(|(topic, partitions)| {
            let held = member.standing.assigned.get(topic);
            let lacks = |index: &&i32| held.is_none_or(|held| !held.contains_key(*index));
            partitions.iter().filter(lacks).any(|index| self.owner(*topic, *index).is_some())
        })
    }
}

impl Shard {
    /// A classic member has been told to join again, and has so long to do it.
    fn expect_to_join(&mut self, env: &Env<'_>, group: &Arc<str>, member: &Member) {
        let key = TimerKey::ClassicMember { group: group.clone(), member: member.id.clone() };
        if self.timers.get(&key).is_none() {
            self.timers.set(key, env.after_ms(member.profile.rebalance_timeout_ms));
        }
    }
}
