//! What a group's members want together, and the hash of what those topics are.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::ConsumerGroup;
use super::hash::Hash64;
use super::member::Member;
use crate::coordinator::group::{Env, TopicFacts};

impl ConsumerGroup {
    /// The names of all topics that the group wants when `before` have gone and `after` has come, and the regular expressions
    /// of `forgotten` count no more.
    pub(super) fn wanted_topics(
        &self,
        before: &[&Member],
        after: Option<&Member>,
        forgotten: &BTreeSet<Arc<str>>,
    ) -> BTreeSet<Arc<str>> {
        let goes =
            |topic: &Arc<str>| before.iter().filter(|member| member.profile.topics.contains(topic)).count();
        let stay = self.counts.topics.iter().filter(|(topic, count)| **count > goes(topic));
        let mut wanted: BTreeSet<Arc<str>> = stay.map(|(topic, _)| topic.clone()).collect();
        wanted.extend(after.iter().flat_map(|member| member.profile.topics.iter().cloned()));
        let resolved = self.regexes.iter().filter(|(regex, _)| !forgotten.contains(*regex));
        wanted.extend(resolved.flat_map(|(_, resolved)| resolved.topics.iter().cloned()));
        wanted
    }
}

/// The hash of the metadata of topics: another whenever one of them has been made, deleted, made again or given partitions. 0
/// if none exists (Kafka's `Utils.computeGroupHash`).
pub(super) fn metadata_hash<'a>(env: &Env<'_>, wanted: impl Iterator<Item = &'a Arc<str>>) -> i64 {
    let mut existing = wanted.filter_map(|name| env.around.topic(name)).peekable();
    if existing.peek().is_none() {
        return 0;
    }
    let mut hash = Hash64::default();
    existing.for_each(|topic| hash.put(&topic_hash(&topic).to_le_bytes()));
    hash.finish()
}

fn topic_hash(topic: &TopicFacts) -> i64 {
    let mut hash = Hash64::default();
    hash.put(topic.id.as_bytes());
    hash.put(topic.name.as_bytes());
    hash.put(&topic.partitions.to_le_bytes());
    hash.finish()
}
