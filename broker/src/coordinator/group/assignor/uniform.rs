//! The same number of partitions to everybody, where all want the same topics (Kafka's `UniformHomogeneousAssignmentBuilder`).

use std::sync::Arc;

use uuid::Uuid;

use super::{Problem, Solution, give};

/// Members keep what they have up to their share; the rest goes to those who have less.
pub(super) fn assign(problem: &Problem) -> Solution {
    let mut free = all_partitions(problem);
    let members = problem.members.len();
    let share = free.len().checked_div(members).unwrap_or(0);
    let mut with_one_more = free.len().checked_rem(members).unwrap_or(0);
    let mut solution = problem.nothing();
    let mut lacking: Vec<(&Arc<str>, usize)> = Vec::new();
    for (id, member) in &problem.members {
        let mut room = share + usize::from(with_one_more > 0);
        for partition in problem.kept(member) {
            if room > 0 && free.remove(&partition) {
                give(&mut solution, id, partition);
                room -= 1;
            }
        }
        match room {
            // It has one more than the share, and one fewer of the others will.
            0 if with_one_more > 0 => with_one_more -= 1,
            0 => {}
            // Whether it gets one more is decided when all have kept theirs.
            room => lacking.push((id, room - usize::from(with_one_more > 0))),
        }
    }
    let mut free = free.into_iter();
    for (id, room) in lacking {
        let more = usize::from(with_one_more > 0);
        with_one_more -= more;
        for partition in free.by_ref().take(room + more) {
            give(&mut solution, id, partition);
        }
    }
    solution
}

fn all_partitions(problem: &Problem) -> std::collections::BTreeSet<(Uuid, i32)> {
    let first = problem.members.values().next();
    let topics = first.into_iter().flat_map(|member| problem.topics_of(member));
    topics.flat_map(|(topic, count)| (0..count).map(move |index| (topic, index))).collect()
}
