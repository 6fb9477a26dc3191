//! Classic groups that were consumer groups before, or are to become some (KIP-848).

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use thalweg_proto::error::ErrorCode;
use thalweg_proto::records::consumer::PROTOCOL_TYPE;

use super::ClassicGroup;
use super::member::{Member, Protocols, Waiting};
use super::rebalance::Cause;
use super::state::State;
use super::unwritten::Unwritten;
use crate::coordinator::group::consumer::{ConsumerGroup, ConsumerMember};
use crate::coordinator::group::{Env, Group, Record, Shard, Step};

impl Member {
    /// A member of a consumer group that speaks the classic protocol, without an assignment; none if it does not.
    pub(in crate::coordinator::group) fn of_consumer_group(member: &ConsumerMember) -> Option<Self> {
        let profile = &member.profile;
        let classic = profile.classic.as_ref()?;
        Some(Self {
            id: member.id.clone(),
            instance: profile.instance.clone(),
            client_id: profile.client_id.clone(),
            client_host: profile.client_host.clone(),
            rebalance_timeout_ms: profile.rebalance_timeout_ms,
            session_timeout_ms: classic.session_timeout_ms,
            protocols: Protocols::new(&classic.protocols),
            assignment: Bytes::new(),
            waiting: Waiting::No,
            new: false,
        })
    }
}

impl ClassicGroup {
    /// A stable group of consumers.
    pub(in crate::coordinator::group) fn of_consumers(
        generation: i32,
        members: Vec<Member>,
        wall_ms: i64,
    ) -> Self {
        let mut group = Self {
            state: State::Stable,
            since_ms: Some(wall_ms),
            generation,
            protocol_type: Some(PROTOCOL_TYPE.into()),
            leader: members.first().map(|member| member.id.clone()),
            ..Self::default()
        };
        members.into_iter().for_each(|member| group.members.insert(member));
        group.protocol = group.members.elect();
        group.subscribed = group.read_subscriptions();
        group
    }

    /// Gives members of a group that is being made what they are to have.
    pub(in crate::coordinator::group) fn assign(&mut self, assignments: &BTreeMap<Arc<str>, Bytes>) {
        self.members.assign(|member| assignments.get(&member.id).cloned().unwrap_or_default());
    }
}

impl Shard {
    /// A consumer group is a classic group from now on, whose members join again if `cause` says why. Where it cannot be
    /// written it is again what it was `before`.
    pub(in crate::coordinator::group) fn become_classic_group(
        &mut self,
        env: &Env<'_>,
        id: &Arc<str>,
        mut group: ClassicGroup,
        before: ConsumerGroup,
        cause: Option<&'static str>,
    ) -> Step {
        if cause.is_some() {
            // Should the broker stop before everybody has joined again, this says that they must (`Turn::loaded`).
            group.leader = None;
        }
        let mut written: Vec<Record> = before.tombstones(id);
        written.push(group.record(id));
        group.unwritten = Some(Unwritten::Made { before: Some(Box::new(before)) });
        self.groups.insert(id.clone(), Group::Classic(group));
        let rebalance = self.turn(env, id, |turn| {
            turn.expect_everybody();
            if let Some(what) = cause {
                turn.prepare_rebalance(Cause { what, member: "", reason: None });
            }
        });
        let mut step = Step::with_records((), written);
        rebalance.into_iter().for_each(|rebalance| step.absorb(rebalance));
        step
    }

    /// Tells everybody who waits for a classic group that it is not to be waited for.
    pub(in crate::coordinator::group) fn call_off_classic_group(
        &mut self,
        env: &Env<'_>,
        id: &Arc<str>,
        error: ErrorCode,
    ) -> Step {
        let called_off = self.turn(env, id, |turn| {
            for member in turn.group.members.ids_where(|_| true) {
                let waiting = turn.group.members.set_waiting(&member, Waiting::No);
                turn.answer(waiting, &member, error);
            }
        });
        called_off.unwrap_or_default()
    }
}
