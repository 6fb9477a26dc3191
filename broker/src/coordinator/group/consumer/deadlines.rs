//! What members of a consumer group must do in time: show that they live, and give up what was revoked.

use std::sync::Arc;

use super::ConsumerConfigs;
use super::member::{AWAY, Member, MemberState};
use crate::coordinator::group::{Env, Record, Shard, Step, TimerKey};

impl Shard {
    /// A member has shown that it lives.
    pub(super) fn renew_session(
        &mut self,
        env: &Env<'_>,
        group: &Arc<str>,
        member: &Arc<str>,
        timeout_ms: i32,
    ) {
        let key = TimerKey::Session { group: group.clone(), member: member.clone() };
        self.timers.set(key, env.after_ms(timeout_ms));
    }

    /// A member that must give up partitions has its rebalance timeout for it. One of the classic protocol joins again for it,
    /// and is watched there.
    pub(super) fn watch_revocation(&mut self, env: &Env<'_>, id: &Arc<str>, member: &Member) {
        if member.is_classic() {
            return;
        }
        let key = TimerKey::Revocation { group: id.clone(), member: member.id.clone() };
        match member.standing.state {
            MemberState::Unrevoked => self.timers.set(key, env.after_ms(member.profile.rebalance_timeout_ms)),
            _ => drop(self.timers.cancel(&key)),
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
        self.renew_session(env, id, &member.id, timeout_ms);
        self.watch_revocation(env, id, &member);
    }

    /// Takes back every deadline of a member.
    pub(super) fn forget_timers(&mut self, group: &Arc<str>, member: &Arc<str>) {
        let (group, member) = (group.clone(), member.clone());
        self.timers.cancel(&TimerKey::Session { group: group.clone(), member: member.clone() });
        self.timers.cancel(&TimerKey::Revocation { group: group.clone(), member: member.clone() });
        self.timers.cancel(&TimerKey::ClassicMember { group, member });
    }

    /// Nothing was heard of a member for its session, or it has not given up what it must in its time.
    pub(in crate::coordinator::group) fn consumer_member_is_late(
        &mut self,
        env: &Env<'_>,
        key: &TimerKey,
    ) -> Step {
        let (TimerKey::Session { group: id, member }
        | TimerKey::Revocation { group: id, member }
        | TimerKey::ClassicMember { group: id, member }) = key
        else {
            return Step::default();
        };
        let Ok(group) = self.consumer_group(id) else { return Step::default() };
        let Some(member) = group.member(member).cloned() else { return Step::default() };
        // Who is away has nothing any more that it could give up.
        let gives_up = member.standing.state == MemberState::Unrevoked && member.standing.epoch != AWAY;
        let in_time = matches!(key, TimerKey::Revocation { .. }) && !gives_up;
        if in_time {
            return Step::default();
        }
        match key {
            TimerKey::Session { .. } => self.tally.silent_members.consumer += 1,
            _ => self.tally.late_members.consumer += 1,
        }
        self.remove_members(env, id, &[member])
    }
}
