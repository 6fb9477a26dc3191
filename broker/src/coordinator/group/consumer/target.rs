//! The target assignment of a group (Kafka's `TargetAssignmentBuilder`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use uuid::Uuid;

use super::member::{Member, Profile};
use super::{ConsumerGroup, records};
use crate::coordinator::group::assignor::{Assignor, Candidate, Problem, TopicPartitions};
use crate::coordinator::group::{Env, Record};

/// What a member says that it wants: topics by name, and a regular expression.
type Said = (Arc<BTreeSet<Arc<str>>>, Option<Arc<str>>);

/// The topics that members want, by id; members that want the same are looked up once.
pub(super) struct Wishes<'a> {
    env: &'a Env<'a>,
    group: &'a ConsumerGroup,
    known: BTreeMap<Said, Arc<BTreeSet<Uuid>>>,
    topics: BTreeMap<Uuid, i32>,
}

impl<'a> Wishes<'a> {
    pub(super) fn new(env: &'a Env<'a>, group: &'a ConsumerGroup) -> Self {
        Self { env, group, known: BTreeMap::new(), topics: BTreeMap::new() }
    }

    /// The topics that a member wants and that exist. An expression that is not resolved yet matches nothing.
    pub(super) fn of(&mut self, profile: &Profile) -> Arc<BTreeSet<Uuid>> {
        let key = (profile.topics.clone(), profile.regex.clone());
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let resolved = profile.regex.as_ref().and_then(|regex| self.group.regexes.get(regex));
        let names = profile.topics.iter().chain(resolved.iter().flat_map(|resolved| &resolved.topics));
        let existing: Vec<_> = names.filter_map(|name| self.env.around.topic(name)).collect();
        self.topics.extend(existing.iter().map(|topic| (topic.id, topic.partitions)));
        let wanted: Arc<BTreeSet<Uuid>> = Arc::new(existing.iter().map(|topic| topic.id).collect());
        self.known.insert(key, wanted.clone());
        wanted
    }
}

/// A new target: what each member is to have, where that has changed.
pub(super) struct Target {
    changed: BTreeMap<Arc<str>, TopicPartitions>,
}

impl Target {
    /// Computes the target of a group in which `member` is as it says, in the place of `replaces`.
    pub(super) fn compute(
        env: &Env<'_>,
        group: &ConsumerGroup,
        member: &Member,
        replaces: Option<&Member>,
    ) -> Self {
        let mut wishes = Wishes::new(env, group);
        let stay = group
            .members
            .values()
            .map(Arc::as_ref)
            .filter(|other| member.id != other.id && replaces.is_none_or(|before| before.id != other.id));
        let candidates = stay.chain([member]).map(|candidate| {
            let had = match replaces {
                Some(before) if member.id == candidate.id => &before.id,
                _ => &candidate.id,
            };
            let current = group.target_of(had);
            let instance = candidate.profile.instance.clone();
            (candidate.id.clone(), Candidate { instance, topics: wishes.of(&candidate.profile), current })
        });
        let members = candidates.collect();
        let problem = Problem { members, topics: wishes.topics };
        let mut changed = assignor(env, group, member, replaces).assign(&problem);
        changed.retain(|id, target| {
            problem.members.get(id).is_none_or(|candidate| *candidate.current != *target)
        });
        Self { changed }
    }

    /// What a member is to have, if that has changed.
    pub(super) fn of(&self, member: &str) -> Option<&TopicPartitions> {
        self.changed.get(member)
    }

    /// The records of it.
    pub(super) fn records(&self, group: &Arc<str>, epoch: i32, wall_ms: i64) -> Vec<Record> {
        let changed = self.changed.iter().map(|(member, target)| records::target(group, member, target));
        changed.chain([records::target_epoch(group, epoch, wall_ms)]).collect()
    }
}

/// The assignor that the members want, where `member` is among them as it says, in the place of `replaces`.
fn assignor(env: &Env<'_>, group: &ConsumerGroup, member: &Member, replaces: Option<&Member>) -> Assignor {
    let mut votes = group.counts.assignors.clone();
    let before = group.members.get(&member.id).map(Arc::as_ref).or(replaces);
    if let Some(votes) = before.and_then(|before| votes.get_mut(before.profile.assignor.as_ref()?)) {
        *votes -= 1;
    }
    if let Some(vote) = &member.profile.assignor {
        *votes.entry(vote.clone()).or_default() += 1;
    }
    Assignor::by_name(elected(env, &votes)).unwrap_or(Assignor::Uniform)
}

/// The assignor that most members would like; of equals `uniform`, which Kafka's hash table has first. The broker's first where
/// nobody says so.
pub(super) fn elected<'a>(env: &Env<'a>, votes: &'a BTreeMap<Arc<str>, usize>) -> &'a str {
    let most = votes.iter().filter(|(_, votes)| **votes > 0).max_by_key(|(_, votes)| **votes);
    let default = || env.settings.consumer_assignors.first().map_or("", String::as_str);
    most.map_or_else(default, |(name, _)| name)
}

impl ConsumerGroup {
    /// Whether a new target may be computed already.
    pub(super) fn may_assign(&self, env: &Env<'_>, interval_ms: i32) -> bool {
        let since = env.wall_ms.saturating_sub(self.assigned_at_ms);
        // A clock that was set back must not keep the group waiting.
        self.assigned_at_ms == 0 || interval_ms == 0 || since >= i64::from(interval_ms) || since < 0
    }
}
