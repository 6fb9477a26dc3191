//! A consumer group becomes a classic group, when the last member of the consumer protocol goes and members of the classic
//! protocol stay (Kafka's `convertToClassicGroup`).

use std::sync::Arc;

use bytes::Bytes;
use thalweg_proto::records::consumer::{Assignment, TopicPartitions, version, write};

use super::ConsumerGroup;
use super::member::Member;
use crate::coordinator::group::Env;
use crate::coordinator::group::assignor::TopicPartitions as Target;
use crate::coordinator::group::classic::{ClassicGroup, Member as ClassicMember};

impl ConsumerGroup {
    /// The classic group that this one becomes without `gone`, and with `newcomer`; none if it stays what it is.
    pub(super) fn downgrade(
        &self,
        env: &Env<'_>,
        gone: &[Arc<Member>],
        newcomer: Option<&Member>,
    ) -> Option<ClassicGroup> {
        let classic_gone = gone.iter().filter(|member| member.is_classic()).count();
        // Whoever stays speaks the classic protocol.
        if self.counts.classic - classic_gone != self.members.len() - gone.len() {
            return None;
        }
        let stays = |member: &&Arc<Member>| gone.iter().all(|gone| gone.id != member.id);
        let stay: Vec<&Arc<Member>> = self.members.values().filter(stays).collect();
        let policy = env.settings.consumer_migration_policy.as_str();
        let most = usize::try_from(env.settings.max_size).unwrap_or(0);
        let count = stay.len() + usize::from(newcomer.is_some());
        let allowed = matches!(policy, "bidirectional" | "downgrade") && count > 0 && count <= most;
        if !allowed {
            return None;
        }
        let had = |member: &str| match newcomer.is_some_and(|newcomer| *newcomer.id == *member) {
            true => gone.first().map_or_else(Arc::default, |before| self.target_of(&before.id)),
            false => self.target_of(member),
        };
        let all = stay.iter().map(|member| &***member).chain(newcomer);
        let members = all.map(ClassicMember::of_consumer_group);
        let mut group = ClassicGroup::of_consumers(self.epoch, members.collect::<Option<_>>()?, env.wall_ms);
        let spoken = group.protocol()?.clone();
        let assignments = group.members().map(|member| {
            let assignment = assignment(env, &member.protocols.metadata(&spoken), &had(&member.id))?;
            Some((member.id.clone(), assignment))
        });
        let assignments = assignments.collect::<Option<_>>()?;
        group.assign(&assignments);
        Some(group)
    }
}

/// An assignment in the words of the classic protocol, in the version of the subscription that it answers; none if that does
/// not say one.
pub(super) fn assignment(env: &Env<'_>, subscription: &Bytes, partitions: &Target) -> Option<Bytes> {
    let topic = |(topic, partitions): (&uuid::Uuid, &std::collections::BTreeSet<i32>)| {
        let name = env.around.topic_by_id(*topic)?.name;
        Some(TopicPartitions { topic: name.to_string(), partitions: partitions.iter().copied().collect() })
    };
    let assigned_partitions = partitions.iter().filter_map(topic).collect();
    write(&Assignment { assigned_partitions, user_data: None }, version(subscription).ok()?).ok()
}
