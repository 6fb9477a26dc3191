//! ConsumerGroupHeartbeat of a member that joins or stays (Kafka's `GroupMetadataManager.consumerGroupHeartbeat`).

use std::sync::Arc;
use std::time::Duration;

use super::member::partitions;
use super::turn::{self, Taken};
use super::{ConsumerConfigs, ConsumerGroup, ConsumerHeartbeat, ConsumerHeartbeatReply};
use crate::coordinator::Refusal;
use crate::coordinator::group::{Env, Shard};

/// What a heartbeat came to.
pub(super) struct Beat {
    pub reply: ConsumerHeartbeatReply,
    pub taken: Taken,
    resolution_due: Option<Duration>,
}

/// Takes a member's turn.
pub(super) fn beat(
    env: &Env<'_>,
    group: &ConsumerGroup,
    heartbeat: &ConsumerHeartbeat,
    configs: &ConsumerConfigs,
) -> Result<Beat, Refusal> {
    let id = &heartbeat.group;
    group.check_size(env, &heartbeat.member)?;
    let member = match heartbeat.member.is_empty() {
        true => super::ids::member_id(env),
        false => heartbeat.member.clone(),
    };
    let admitted = group.admit(id, member, heartbeat)?;
    let before = admitted.member.clone();
    let profile = before.profile.told(heartbeat);
    if let Some(expression) = &heartbeat.regex
        && profile.regex != before.profile.regex
        && !group.counts.regexes.contains_key(expression.text())
    {
        expression.check()?;
    }
    let taken = turn::take(env, id, group, configs, admitted, profile, heartbeat.owned.as_ref())?;
    let member = &taken.member;
    let must_tell =
        heartbeat.epoch == 0 || heartbeat.is_full() || member.standing.assigned != before.standing.assigned;
    let reply = ConsumerHeartbeatReply {
        member: Some(member.id.clone()),
        epoch: member.standing.epoch,
        heartbeat_interval_ms: configs.heartbeat_interval_ms,
        assignment: must_tell.then(|| partitions(&member.standing.assigned)),
    };
    let resolution_due = group.resolution_due(env, &member.profile);
    Ok(Beat { reply, taken, resolution_due })
}

impl ConsumerHeartbeat {
    /// Whether it says everything, as after an error: the member may then know nothing of its assignment.
    fn is_full(&self) -> bool {
        let subscribes = self.topics.is_some() || self.regex.is_some();
        self.rebalance_timeout_ms != -1 && subscribes && self.owned.is_some()
    }
}

impl Shard {
    /// What a heartbeat does beside its records.
    pub(super) fn after_beat(
        &mut self,
        env: &Env<'_>,
        id: &Arc<str>,
        beat: &Beat,
        configs: &ConsumerConfigs,
    ) {
        self.after_turn(env, id, &beat.taken, configs.session_timeout_ms);
        if beat.taken.moved {
            self.watch_revocation(env, id, &beat.taken.member);
        }
        if let Some(at) = beat.resolution_due {
            self.schedule_resolution(id, at);
        }
    }

    /// What a member's turn does beside its records, whatever protocol it speaks.
    pub(super) fn after_turn(
        &mut self,
        env: &Env<'_>,
        id: &Arc<str>,
        taken: &Taken,
        session_timeout_ms: i32,
    ) {
        if let Some(replaced) = &taken.replaced {
            self.forget_timers(id, &replaced.id);
        }
        self.renew_session(env, id, &taken.member.id, session_timeout_ms);
        if taken.topics_seen.is_some()
            && let Some(group) = self.consumer_group_mut(id)
        {
            group.topics_seen = taken.topics_seen;
        }
    }
}
