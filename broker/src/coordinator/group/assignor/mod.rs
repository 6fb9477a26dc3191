//! Who gets which partition, as pure functions of who wants what and who has what.
//!
//! Every assignor gives each partition that somebody wants to exactly one of those who want it, and the same answer to the
//! same question.

mod general;
mod range;
mod uniform;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use uuid::Uuid;

/// Partitions, by the id of their topic.
pub type TopicPartitions = BTreeMap<Uuid, BTreeSet<i32>>;

/// A member as an assignor sees it.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Its identity as a static member.
    pub instance: Option<Arc<str>>,
    /// The topics that it wants. Those that do not exist count for nothing.
    pub topics: Arc<BTreeSet<Uuid>>,
    /// What it was to have until now.
    pub current: Arc<TopicPartitions>,
}

/// What an assignor is to solve.
#[derive(Clone, Debug, Default)]
pub struct Problem {
    /// The members, by id.
    pub members: BTreeMap<Arc<str>, Candidate>,
    /// How many partitions each topic has.
    pub topics: BTreeMap<Uuid, i32>,
}

/// What each member is to have. Every member of the problem is in it.
pub type Solution = BTreeMap<Arc<str>, TopicPartitions>;

/// An assignor of the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignor {
    /// Evenly over all partitions, and with as few moves as that allows.
    Uniform,
    /// Neighbours together, topic by topic: partitions of the same number go to the same member where topics have equally many.
    Range,
}

impl Assignor {
    /// The assignor of a name.
    pub fn by_name(name: &str) -> Option<Self> {
        match name {
            "uniform" => Some(Self::Uniform),
            "range" => Some(Self::Range),
            _ => None,
        }
    }

    /// Assigns the partitions.
    pub fn assign(self, problem: &Problem) -> Solution {
        match self {
            Self::Range => range::assign(problem),
            Self::Uniform if problem.is_homogeneous() => uniform::assign(problem),
            Self::Uniform => general::assign(problem),
        }
    }
}

impl Problem {
    /// Whether all members want the same topics.
    fn is_homogeneous(&self) -> bool {
        let mut wanted = self.members.values().map(|member| &member.topics);
        let first = wanted.next();
        wanted.all(|topics| first.is_none_or(|first| Arc::ptr_eq(first, topics) || first == topics))
    }

    /// The topics that a member wants and that exist, with their numbers of partitions.
    fn topics_of<'a>(&'a self, member: &'a Candidate) -> impl Iterator<Item = (Uuid, i32)> + 'a {
        member.topics.iter().filter_map(|topic| Some((*topic, *self.topics.get(topic)?)))
    }

    /// What a member has had and may keep: partitions that exist, of topics that it still wants.
    fn kept<'a>(&'a self, member: &'a Candidate) -> impl Iterator<Item = (Uuid, i32)> + 'a {
        let wanted = member.current.iter().filter(|(topic, _)| member.topics.contains(topic));
        wanted.flat_map(|(topic, partitions)| {
            let count = self.topics.get(topic).copied().unwrap_or(0);
            partitions.iter().filter(move |index| (0..count).contains(*index)).map(|index| (*topic, *index))
        })
    }

    /// A solution in which nobody has anything.
    fn nothing(&self) -> Solution {
        self.members.keys().map(|member| (member.clone(), TopicPartitions::new())).collect()
    }
}

/// Gives a partition to a member of a solution.
fn give(solution: &mut Solution, member: &Arc<str>, (topic, index): (Uuid, i32)) {
    solution.entry(member.clone()).or_default().entry(topic).or_default().insert(index);
}

#[cfg(test)]
mod tests;
