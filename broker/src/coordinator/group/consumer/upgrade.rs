//! A classic group of consumers becomes a consumer group, when the first member of the consumer protocol comes (Kafka's
//! `convertToConsumerGroup`).

use std::collections::BTreeMap;
use std::sync::Arc;

use thalweg_proto::error::ErrorCode;
use thalweg_proto::records::consumer::{Assignment, Subscription, TopicPartitions, read};

use super::member::{ClassicSide, Held, Member, MemberState, Profile, Standing, partitions};
use super::subscription::metadata_hash;
use super::{ConsumerGroup, records};
use crate::coordinator::Refusal;
use crate::coordinator::group::classic::{ClassicGroup, Member as ClassicMember};
use crate::coordinator::group::{Env, Record};

/// The consumer group that a classic group becomes, with the records that make it so.
pub(super) fn upgrade(
    env: &Env<'_>,
    id: &Arc<str>,
    classic: &ClassicGroup,
) -> Result<(ConsumerGroup, Vec<Record>), Refusal> {
    check(env, id, classic)?;
    let epoch = classic.generation().max(1);
    let mut group = ConsumerGroup { epoch, assignment_epoch: epoch, ..ConsumerGroup::default() };
    for classic_member in classic.members() {
        let member = member(env, classic, classic_member, epoch)
            .map_err(|reason| refused(id, &format!("because {reason}")))?;
        group.target.insert(member.id.clone(), Arc::new(partitions(&member.standing.assigned)));
        group.put(Arc::new(member));
    }
    // In the midst of a rebalance somebody may be gone whose partitions nobody has. No hash at all is another than that of
    // the topics, so that the first heartbeat begins a new epoch even if it comes from a static member that changes nothing.
    if classic.state_name() == "Stable" {
        group.metadata_hash = metadata_hash(env, group.counts.topics.keys());
    }
    let mut written = classic.tombstones(id);
    written.extend(group.all_records(id));
    Ok((group, written))
}

fn check(env: &Env<'_>, id: &str, classic: &ClassicGroup) -> Result<(), Refusal> {
    let policy = env.settings.consumer_migration_policy.as_str();
    if !matches!(policy, "bidirectional" | "upgrade") {
        return Err(refused(id, "because online upgrade is disabled"));
    }
    if !classic.is_of_consumers() {
        return Err(refused(id, "because the group does not use the consumer embedded protocol"));
    }
    let most = usize::try_from(env.settings.consumer.max_size).unwrap_or(0);
    match classic.members().len() > most {
        true => Err(refused(id, "because the group size exceeds the consumer group maximum size")),
        false => Ok(()),
    }
}

fn refused(id: &str, reason: &str) -> Refusal {
    let message = format!("Cannot upgrade classic group {id} to consumer group {reason}.");
    Refusal::new(ErrorCode::GroupIdNotFound, message)
}

/// A classic member as a member of the consumer group, with what its leader has assigned to it.
fn member(
    env: &Env<'_>,
    group: &ClassicGroup,
    classic: &ClassicMember,
    epoch: i32,
) -> Result<Member, &'static str> {
    const MALFORMED: &str = "the embedded consumer protocol is malformed";
    let protocol = group.protocol().or_else(|| classic.protocols.names().next()).ok_or(MALFORMED)?;
    let subscription: Subscription = read(&classic.protocols.metadata(protocol)).map_err(|_| MALFORMED)?;
    let assigned = match classic.assignment.is_empty() {
        true => Held::new(),
        false => {
            let assignment: Assignment = read(&classic.assignment).map_err(|_| MALFORMED)?;
            if assignment.user_data.is_some_and(|data| !data.is_empty()) {
                return Err(
                    "an unsupported custom assignor is in use. Please refer to the documentation or switch to a \
                            default assignor before re-attempting the upgrade",
                );
            }
            held(env, &assignment.assigned_partitions, epoch)
        }
    };
    let names = classic.protocols.names();
    let side = ClassicSide {
        session_timeout_ms: classic.session_timeout_ms,
        protocols: names.map(|name| (name.clone(), classic.protocols.metadata(name))).collect(),
    };
    let profile = Profile {
        instance: classic.instance.clone(),
        rack: subscription.rack_id.as_deref().map(Arc::from),
        client_id: classic.client_id.clone(),
        client_host: classic.client_host.clone(),
        topics: Arc::new(subscription.topics.iter().map(|topic| topic.as_str().into()).collect()),
        regex: None,
        rebalance_timeout_ms: classic.rebalance_timeout_ms,
        assignor: None,
        classic: Some(Arc::new(side)),
    };
    let state = MemberState::Stable;
    let standing = Standing { epoch, previous_epoch: epoch, state, assigned, revoking: Held::new() };
    Ok(Member { id: classic.id.clone(), profile: Arc::new(profile), standing: Arc::new(standing) })
}

/// Partitions by the ids of their topics; topics that do not exist are left out.
fn held(env: &Env<'_>, topics: &[TopicPartitions], epoch: i32) -> Held {
    let known = topics.iter().filter_map(|topic| {
        let partitions: BTreeMap<i32, i32> = topic.partitions.iter().map(|index| (*index, epoch)).collect();
        Some((env.around.topic(&topic.topic)?.id, partitions))
    });
    known.filter(|(_, partitions)| !partitions.is_empty()).collect()
}

impl ConsumerGroup {
    /// The records of the whole group, in the order in which Kafka writes them.
    fn all_records(&self, id: &Arc<str>) -> Vec<Record> {
        let members = || self.members.values();
        let mut all: Vec<Record> = members().map(|member| records::member(id, member)).collect();
        all.push(records::epoch(id, self.epoch, self.metadata_hash));
        all.extend(members().map(|member| records::target(id, &member.id, &self.target_of(&member.id))));
        all.push(records::target_epoch(id, self.assignment_epoch, self.assigned_at_ms));
        all.extend(members().map(|member| records::standing(id, member)));
        all
    }
}
