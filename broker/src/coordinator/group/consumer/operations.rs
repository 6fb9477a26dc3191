//! The operations of the consumer protocol.

use std::sync::Arc;

use thalweg_proto::error::ErrorCode;

use super::heartbeat::beat;
use super::upgrade::upgrade;
use super::{
    ConsumerConfigs, ConsumerGroup, ConsumerGroupDescription, ConsumerHeartbeat, ConsumerHeartbeatReply,
};
use crate::coordinator::Refusal;
use crate::coordinator::group::{Env, Group, Shard, Step};

impl Shard {
    /// ConsumerGroupHeartbeat: joins, keeps alive, or leaves.
    pub fn consumer_heartbeat(
        &mut self,
        env: &Env<'_>,
        heartbeat: ConsumerHeartbeat,
    ) -> Step<Result<ConsumerHeartbeatReply, Refusal>> {
        let step = heartbeat.validate(env).and_then(|()| match heartbeat.epoch {
            0.. => self.stay(env, &heartbeat),
            _ => self.leave_by_heartbeat(env, &heartbeat),
        });
        match step {
            Ok(step) => step.map(Ok),
            Err(refusal) => Step::reply(Err(refusal)),
        }
    }

    fn stay(
        &mut self,
        env: &Env<'_>,
        heartbeat: &ConsumerHeartbeat,
    ) -> Result<Step<ConsumerHeartbeatReply>, Refusal> {
        let id = &heartbeat.group;
        let configs = ConsumerConfigs::of(env, id);
        let joins = heartbeat.epoch == 0;
        let (mut step, beat) = match self.groups.get(id) {
            Some(Group::Consumer(group)) => (Step::default(), beat(env, group, heartbeat, &configs)?),
            None if joins => (Step::default(), beat(env, &ConsumerGroup::default(), heartbeat, &configs)?),
            Some(Group::Classic(classic)) if joins => {
                let (group, written) = match classic.is_empty() {
                    true => (ConsumerGroup::default(), classic.tombstones(id)),
                    false => upgrade(env, id, classic)?,
                };
                let beat = beat(env, &group, heartbeat, &configs)?;
                let mut step = Step::with_records((), written);
                step.absorb(self.call_off_classic_group(env, id, ErrorCode::RebalanceInProgress));
                (step, beat)
            }
            Some(Group::Classic(_)) => return Err(not_a_consumer_group(id)),
            None => {
                let message = format!("Consumer group {id} not found.");
                return Err(Refusal::new(ErrorCode::GroupIdNotFound, message));
            }
        };
        self.after_beat(env, id, &beat, &configs);
        step.records.extend(beat.taken.records);
        Ok(step.map(|()| beat.reply))
    }

    /// ConsumerGroupDescribe, of one group.
    pub fn describe_consumer_group(
        &self,
        env: &Env<'_>,
        group: &str,
    ) -> Result<ConsumerGroupDescription, Refusal> {
        Ok(self.consumer_group(group)?.describe(env))
    }

    /// A consumer group by its id.
    pub(super) fn consumer_group(&self, id: &str) -> Result<&ConsumerGroup, Refusal> {
        match self.groups.get(id) {
            Some(Group::Consumer(group)) => Ok(group),
            Some(Group::Classic(_)) => Err(not_a_consumer_group(id)),
            None => Err(Refusal::new(ErrorCode::GroupIdNotFound, format!("Group {id} not found."))),
        }
    }

    /// The same, for what a restart forgets.
    pub(super) fn consumer_group_mut(&mut self, id: &str) -> Option<&mut ConsumerGroup> {
        match self.groups.get_mut(id) {
            Some(Group::Consumer(group)) => Some(group),
            _ => None,
        }
    }

    /// The log is read: every member of a consumer group has a session, and a time to give up what it must, from now on.
    pub(in crate::coordinator::group) fn consumer_groups_loaded(&mut self, env: &Env<'_>) {
        let groups: Vec<Arc<str>> = self.groups.keys().cloned().collect();
        groups.iter().for_each(|group| self.expect_consumer_members(env, group));
        // A group that was stable when the broker stopped has not rebalanced now.
        for group in self.groups.values_mut() {
            if let Group::Consumer(group) = group {
                group.has_newly_settled();
            }
        }
    }
}

fn not_a_consumer_group(id: &str) -> Refusal {
    Refusal::new(ErrorCode::GroupIdNotFound, format!("Group {id} is not a consumer group."))
}
