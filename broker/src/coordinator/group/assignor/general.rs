//! Evenly over members that want different topics (what Kafka's `UniformHeterogeneousAssignmentBuilder` is for).
//!
//! Members keep what they have; what is free goes to the member with the least; then partitions move from members with more
//! to members with less, as long as one move makes the two more even.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use uuid::Uuid;

use super::{Problem, Solution, give};

type Partition = (Uuid, i32);

/// A solution in the making. Members are numbers, in the order of their ids.
struct Work {
    loads: Vec<usize>,
    owners: BTreeMap<Partition, usize>,
}

pub(super) fn assign(problem: &Problem) -> Solution {
    let subscribers = subscribers(problem);
    let mut work = Work { loads: vec![0; problem.members.len()], owners: BTreeMap::new() };
    for (number, member) in problem.members.values().enumerate() {
        for partition in problem.kept(member) {
            if !work.owners.contains_key(&partition) {
                work.hand_over(partition, number);
            }
        }
    }
    work.fill(problem, &subscribers);
    // Every move makes the sum of the squares of the loads smaller, so that this ends.
    while work.even_out(&subscribers) {}
    work.solution(problem)
}

/// Who wants a topic.
fn subscribers(problem: &Problem) -> BTreeMap<Uuid, Vec<usize>> {
    let mut subscribers: BTreeMap<Uuid, Vec<usize>> = BTreeMap::new();
    for (number, member) in problem.members.values().enumerate() {
        for (topic, _) in problem.topics_of(member) {
            subscribers.entry(topic).or_default().push(number);
        }
    }
    subscribers
}

impl Work {
    fn load(&self, member: usize) -> usize {
        self.loads.get(member).copied().unwrap_or(0)
    }

    fn hand_over(&mut self, partition: Partition, to: usize) {
        let from = self.owners.insert(partition, to);
        if let Some(load) = from.and_then(|from| self.loads.get_mut(from)) {
            *load -= 1;
        }
        if let Some(load) = self.loads.get_mut(to) {
            *load += 1;
        }
    }

    /// Topics that few want come first: their partitions have the least choice.
    fn fill(&mut self, problem: &Problem, subscribers: &BTreeMap<Uuid, Vec<usize>>) {
        let mut topics: Vec<(&Uuid, &Vec<usize>)> = subscribers.iter().collect();
        topics.sort_by_key(|(topic, members)| (members.len(), **topic));
        for (topic, members) in topics {
            let mut by_load = self.by_load(members);
            for index in 0..problem.topics.get(topic).copied().unwrap_or(0) {
                if self.owners.contains_key(&(*topic, index)) {
                    continue;
                }
                let Some((load, member)) = by_load.pop_first() else { break };
                self.hand_over((*topic, index), member);
                by_load.insert((load + 1, member));
            }
        }
    }

    /// Moves what should move; true if anything did.
    fn even_out(&mut self, subscribers: &BTreeMap<Uuid, Vec<usize>>) -> bool {
        let mut moved = false;
        for (topic, members) in subscribers {
            let mut by_load = self.by_load(members);
            let whole_topic = (*topic, i32::MIN)..=(*topic, i32::MAX);
            let owned: Vec<(Partition, usize)> =
                self.owners.range(whole_topic).map(|(partition, owner)| (*partition, *owner)).collect();
            for (partition, owner) in owned {
                let load = self.load(owner);
                let Some((least, member)) = by_load.first().copied() else { break };
                if load > least + 1 {
                    by_load.remove(&(least, member));
                    by_load.remove(&(load, owner));
                    self.hand_over(partition, member);
                    by_load.insert((least + 1, member));
                    by_load.insert((load - 1, owner));
                    moved = true;
                }
            }
        }
        moved
    }

    fn by_load(&self, members: &[usize]) -> BTreeSet<(usize, usize)> {
        members.iter().map(|member| (self.load(*member), *member)).collect()
    }

    fn solution(&self, problem: &Problem) -> Solution {
        let ids: Vec<&Arc<str>> = problem.members.keys().collect();
        let mut solution = problem.nothing();
        for (partition, owner) in &self.owners {
            if let Some(id) = ids.get(*owner) {
                give(&mut solution, id, *partition);
            }
        }
        solution
    }
}
