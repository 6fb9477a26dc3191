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

use super::member::{ClassicSide, Member, MemberState};
use super::{ConsumerConfigs, ConsumerGroup};
use crate::coordinator::group::{Env, Record, Shard, TimerKey};

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

    /// Sees to it that whoever a record is about has a session: a member that came in another way than by its own heartbeat.
    pub(in crate::coordinator::group) fn expect_member_of_record(&mut self, env: &Env<'_>, record: &Record) {
        if let Record::ConsumerGroupMember { group, member, value: Some(_) } = record {
            self.expect_consumer_member(env, group, member);
        }
    }

    /// The same for every member of a group.
    pub(in crate::coordinator::group) fn expect_consumer_members(&mut self, env: &Env<'_>, group: &Arc<str>) {
        let members = self.consumer_group(group).map(|group| group.members.keys().cloned().collect());
        for member in members.unwrap_or_else(|_| Vec::new()) {
            self.expect_consumer_member(env, group, &member);
        }
    }

    fn expect_consumer_member(&mut self, env: &Env<'_>, id: &Arc<str>, member: &Arc<str>) {
        let key = TimerKey::Session { group: id.clone(), member: member.clone() };
        if self.timers.get(&key).is_some() {
            return;
        }
        let Some(member) = self.consumer_group(id).ok().and_then(|group| group.member(member)).cloned()
        else {
            return;
        };
        let classic = member.profile.classic.as_ref().map(|classic| classic.session_timeout_ms);
        let timeout_ms = classic.unwrap_or_else(|| ConsumerConfigs::of(env, id).session_timeout_ms);
        self.timers.set(key, env.after_ms(timeout_ms));
        self.watch_revocation(env, id, &member);
    }
}
