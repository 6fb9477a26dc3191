//! Neighbouring partitions to the same member, topic by topic (Kafka's `RangeAssignor`).

use std::collections::BTreeMap;
use std::sync::Arc;

use uuid::Uuid;

use super::{Candidate, Problem, Solution};

/// How a topic is being cut into ranges.
struct Cut {
    quota: i32,
    with_one_more: i32,
    next: i32,
    partitions: i32,
}

pub(super) fn assign(problem: &Problem) -> Solution {
    let mut cuts = cuts(problem);
    let mut members: Vec<(&Arc<str>, &Candidate)> = problem.members.iter().collect();
    // Static members come first, by their instance: one that returns under another member id has the same range.
    members.sort_by_key(|(id, member)| (member.instance.is_none(), member.instance.clone(), (*id).clone()));
    let mut solution = problem.nothing();
    for (id, member) in members {
        let Some(given) = solution.get_mut(id) else { continue };
        for (topic, _) in problem.topics_of(member) {
            let Some(range) = cuts.get_mut(&topic).map(Cut::next_range) else { continue };
            if !range.is_empty() {
                given.insert(topic, range.collect());
            }
        }
    }
    solution
}

fn cuts(problem: &Problem) -> BTreeMap<Uuid, Cut> {
    let mut subscribers: BTreeMap<Uuid, (i32, i32)> = BTreeMap::new();
    for member in problem.members.values() {
        for (topic, partitions) in problem.topics_of(member) {
            subscribers.entry(topic).or_insert((partitions, 0)).1 += 1;
        }
    }
    let cut = |(partitions, members): (i32, i32)| Cut {
        quota: partitions.checked_div(members).unwrap_or(0),
        with_one_more: partitions.checked_rem(members).unwrap_or(0),
        next: 0,
        partitions,
    };
    subscribers.into_iter().map(|(topic, counts)| (topic, cut(counts))).collect()
}

impl Cut {
    fn next_range(&mut self) -> std::ops::Range<i32> {
        let more = i32::from(self.with_one_more > 0);
        self.with_one_more -= more;
        let start = self.next;
        self.next = start.saturating_add(self.quota).saturating_add(more).min(self.partitions);
        start..self.next
    }
}
