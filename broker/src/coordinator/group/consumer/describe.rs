//! Consumer groups as administrators see them.

use std::collections::BTreeMap;
use std::sync::Arc;

use uuid::Uuid;

use super::member::Member;
use super::target::elected;
use super::{ConsumerGroup, ConsumerGroupDescription, ConsumerMemberDescription};
use crate::coordinator::group::Env;

impl ConsumerGroup {
    /// The group for ConsumerGroupDescribe.
    pub(super) fn describe(&self, env: &Env<'_>) -> ConsumerGroupDescription {
        ConsumerGroupDescription {
            state: self.state_name(),
            epoch: self.epoch,
            assignment_epoch: self.assignment_epoch,
            assignor: elected(env, &self.counts.assignors).into(),
            members: self.members.values().map(|member| self.describe_member(env, member)).collect(),
        }
    }

    fn describe_member(&self, env: &Env<'_>, member: &Member) -> ConsumerMemberDescription {
        let profile = &member.profile;
        let mut assigned: BTreeMap<Uuid, Vec<i32>> = BTreeMap::new();
        // What it must give up it still has.
        for (topic, held) in member.standing.assigned.iter().chain(&member.standing.revoking) {
            assigned.entry(*topic).or_default().extend(held.keys());
        }
        let target = self.target_of(&member.id);
        ConsumerMemberDescription {
            member: member.id.clone(),
            instance: profile.instance.clone(),
            rack: profile.rack.clone(),
            epoch: member.standing.epoch,
            client_id: profile.client_id.clone(),
            client_host: profile.client_host.clone(),
            topics: profile.topics.iter().cloned().collect(),
            regex: profile.regex.clone(),
            assignment: named(env, assigned.into_iter()),
            target: named(env, target.iter().map(|(topic, held)| (*topic, held.iter().copied().collect()))),
            member_type: i8::from(!member.is_classic()),
        }
    }
}

/// Topics with their names; those that are gone have none, and are left out.
fn named(env: &Env<'_>, topics: impl Iterator<Item = (Uuid, Vec<i32>)>) -> Vec<(Uuid, Arc<str>, Vec<i32>)> {
    topics.filter_map(|(id, held)| Some((id, env.around.topic_by_id(id)?.name, held))).collect()
}
