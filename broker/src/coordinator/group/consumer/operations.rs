//! The operations of the consumer protocol.

use std::sync::Arc;

use thalweg_proto::error::ErrorCode;

use super::heartbeat::beat;
use super::{
    ConsumerConfigs, ConsumerGroup, ConsumerGroupDescription, ConsumerHeartbeat, ConsumerHeartbeatReply,
};
use crate::coordinator::Refusal;
use crate::coordinator::group::{Env, Group, Shard, Step, TimerKey};

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
        let beat = match self.groups.get(id) {
            Some(Group::Consumer(group)) => beat(env, group, heartbeat, &configs)?,
            None if heartbeat.epoch == 0 => beat(env, &ConsumerGroup::default(), heartbeat, &configs)?,
            Some(Group::Classic(_)) => return Err(not_a_consumer_group(id)),
            None => {
                let message = format!("Consumer group {id} not found.");
                return Err(Refusal::new(ErrorCode::GroupIdNotFound, message));
            }
        };
        self.after_beat(env, id, &beat, &configs);
        Ok(Step::with_records(beat.reply, beat.records))
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
        let groups = self.groups.iter().filter_map(|(id, group)| match group {
            Group::Consumer(group) => Some((id.clone(), group.members.values().cloned().collect::<Vec<_>>())),
            Group::Classic(_) => None,
        });
        for (id, members) in groups.collect::<Vec<(Arc<str>, _)>>() {
            let configs = ConsumerConfigs::of(env, &id);
            for member in members {
                let classic = member.profile.classic.as_ref().map(|classic| classic.session_timeout_ms);
                let key = TimerKey::Session { group: id.clone(), member: member.id.clone() };
                self.timers.set(key, env.after_ms(classic.unwrap_or(configs.session_timeout_ms)));
                self.watch_revocation(env, &id, &member);
            }
        }
    }
}

fn not_a_consumer_group(id: &str) -> Refusal {
    Refusal::new(ErrorCode::GroupIdNotFound, format!("Group {id} is not a consumer group."))
}
