//! How members go: by their own will, for a while, or because nothing was heard of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::member::{AWAY, Held, Member, Standing};
use super::subscription::metadata_hash;
use super::{ConsumerGroup, ConsumerHeartbeat, ConsumerHeartbeatReply, records};
use crate::coordinator::Refusal;
use crate::coordinator::group::{Env, Record, Shard, Step};

impl Shard {
    /// A heartbeat with which a member leaves.
    pub(super) fn leave_by_heartbeat(
        &mut self,
        env: &Env<'_>,
        heartbeat: &ConsumerHeartbeat,
    ) -> Result<Step<ConsumerHeartbeatReply>, Refusal> {
        let id = &heartbeat.group;
        let group = self.consumer_group(id)?;
        let member = match &heartbeat.instance {
            None => group.known_member(id, &heartbeat.member)?,
            Some(instance) => group.known_static_member(&heartbeat.member, instance)?,
        };
        let member = member.clone();
        let reply = ConsumerHeartbeatReply {
            member: Some(heartbeat.member.clone()),
            epoch: heartbeat.epoch,
            heartbeat_interval_ms: 0,
            assignment: None,
        };
        if heartbeat.instance.is_some() && heartbeat.epoch == AWAY {
            return Ok(Step::with_records(reply, vec![step_out(id, &member)]));
        }
        Ok(self.remove_members(env, id, &[member]).map(|()| reply))
    }

    /// Members are gone. Their partitions are for others when the group has its next target. If nobody is left who speaks the
    /// consumer protocol, the group becomes a classic one.
    pub(super) fn remove_members(&mut self, env: &Env<'_>, id: &Arc<str>, gone: &[Arc<Member>]) -> Step {
        let Ok(group) = self.consumer_group(id) else { return Step::default() };
        let step = match group.downgrade(env, gone, None) {
            None => Step::with_records((), group.removal(env, id, gone)),
            Some(classic) => {
                let cause = Some("the last member of the consumer protocol is gone");
                let group = group.clone();
                group.members.keys().for_each(|member| self.forget_timers(id, member));
                self.become_classic_group(env, id, classic, group, cause)
            }
        };
        for member in gone {
            self.forget_timers(id, &member.id);
        }
        step
    }
}

/// A static member leaves for a while: what it has stays its own until its session ends.
fn step_out(id: &Arc<str>, member: &Member) -> Record {
    let mut assigned = member.standing.assigned.clone();
    assigned.values_mut().flat_map(|partitions| partitions.values_mut()).for_each(|epoch| *epoch = 0);
    let standing =
        Standing { epoch: AWAY, assigned, revoking: Held::new(), ..Standing::clone(&member.standing) };
    records::standing(id, &Member { standing: Arc::new(standing), ..member.clone() })
}

impl ConsumerGroup {
    /// The records of members being gone.
    fn removal(&self, env: &Env<'_>, id: &Arc<str>, gone: &[Arc<Member>]) -> Vec<Record> {
        let mut written: Vec<Record> =
            gone.iter().flat_map(|member| records::no_member(id, &member.id)).collect();
        let forgotten = self.regexes_forgotten(gone);
        written.extend(forgotten.iter().map(|expression| records::no_regex(id, expression)));
        let gone: Vec<&Member> = gone.iter().map(Arc::as_ref).collect();
        let wanted = self.wanted_topics(&gone, None, &forgotten);
        let hash = metadata_hash(env, wanted.iter());
        written.push(records::epoch(id, self.epoch.saturating_add(1), hash));
        written
    }

    /// The expressions that nobody wants but those who are gone.
    fn regexes_forgotten(&self, gone: &[Arc<Member>]) -> BTreeSet<Arc<str>> {
        let wanted_by_gone = |regex: &Arc<str>| {
            gone.iter().filter(|member| member.profile.regex.as_ref() == Some(regex)).count()
        };
        let all = self.counts.regexes.iter().filter(|(regex, count)| **count <= wanted_by_gone(regex));
        all.map(|(regex, _)| regex.clone()).collect()
    }
}
