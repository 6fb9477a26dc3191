//! ConsumerGroupHeartbeat of a member that joins or stays (Kafka's `GroupMetadataManager.consumerGroupHeartbeat`).

use std::sync::Arc;
use std::time::Duration;

use super::member::{Held, Member, MemberState};
use super::turn::Turn;
use super::{AssignedPartitions, ConsumerConfigs, ConsumerGroup, ConsumerHeartbeat, ConsumerHeartbeatReply};
use crate::coordinator::Refusal;
use crate::coordinator::group::{Env, Record, Shard, TimerKey};

/// What a heartbeat came to.
pub(super) struct Beat {
    pub reply: ConsumerHeartbeatReply,
    pub records: Vec<Record>,
    member: Member,
    moved: bool,
    topics_seen: Option<u64>,
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
    let mut turn = Turn::begin(env, id, group, admitted);
    let change = turn.say(profile)?;
    let (epoch, topics_seen) = turn.epoch(change);
    let aim = turn.aim(epoch, configs);
    let moved = turn.reconcile(&aim, change, heartbeat.owned.as_ref())?;
    let Turn { member, records, .. } = turn;
    let must_tell =
        heartbeat.epoch == 0 || heartbeat.is_full() || member.standing.assigned != before.standing.assigned;
    let reply = ConsumerHeartbeatReply {
        member: Some(member.id.clone()),
        epoch: member.standing.epoch,
        heartbeat_interval_ms: configs.heartbeat_interval_ms,
        assignment: must_tell.then(|| partitions(&member.standing.assigned)),
    };
    let resolution_due = group.resolution_due(env, &member.profile);
    Ok(Beat { reply, records, member, moved, topics_seen, resolution_due })
}

impl ConsumerHeartbeat {
    /// Whether it says everything, as after an error: the member may then know nothing of its assignment.
    fn is_full(&self) -> bool {
        let subscribes = self.topics.is_some() || self.regex.is_some();
        self.rebalance_timeout_ms != -1 && subscribes && self.owned.is_some()
    }
}

fn partitions(held: &Held) -> AssignedPartitions {
    held.iter().map(|(topic, partitions)| (*topic, partitions.keys().copied().collect())).collect()
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
        let session = TimerKey::Session { group: id.clone(), member: beat.member.id.clone() };
        self.timers.set(session, env.after_ms(configs.session_timeout_ms));
        if beat.moved {
            self.watch_revocation(env, id, &beat.member);
        }
        if let Some(at) = beat.resolution_due {
            self.schedule_resolution(id, at);
        }
        if beat.topics_seen.is_some()
            && let Some(group) = self.consumer_group_mut(id)
        {
            group.topics_seen = beat.topics_seen;
        }
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
}
