//! What holds of every assignor, over random groups; and what is asked of each alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;
use uuid::Uuid;

use super::{Assignor, Candidate, Problem, Solution, TopicPartitions};

fn topic(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn id(number: usize) -> Arc<str> {
    format!("member-{number:02}").into()
}

fn candidate(topics: impl IntoIterator<Item = u128>) -> Candidate {
    let topics = Arc::new(topics.into_iter().map(topic).collect());
    Candidate { instance: None, topics, current: Arc::default() }
}

/// Topics of up to six partitions, and members that want some of eight topics, of which not all exist.
fn problems(homogeneous: bool) -> impl Strategy<Value = Problem> {
    let topics = prop::collection::btree_map((0..6_u128).prop_map(topic), 1..7_i32, 1..6);
    let wants = prop::collection::vec(prop::collection::btree_set(0..8_u128, 0..6), 1..8);
    (topics, wants).prop_map(move |(topics, wants)| {
        let first = wants.first().cloned().unwrap_or_default();
        let wants = wants.into_iter().map(|topics| if homogeneous { first.clone() } else { topics });
        let members = wants.enumerate().map(|(number, topics)| (id(number), candidate(topics))).collect();
        Problem { members, topics }
    })
}

/// The same problem when a solution is in force.
fn after(problem: &Problem, solution: &Solution) -> Problem {
    let mut next = problem.clone();
    for (id, member) in &mut next.members {
        member.current = Arc::new(solution.get(id).cloned().unwrap_or_default());
    }
    next
}

fn load(given: &TopicPartitions) -> usize {
    given.values().map(BTreeSet::len).sum()
}

fn owners(solution: &Solution) -> BTreeMap<(Uuid, i32), Arc<str>> {
    let mut owners = BTreeMap::new();
    for (id, given) in solution {
        for (topic, partitions) in given {
            for index in partitions {
                assert_eq!(owners.insert((*topic, *index), id.clone()), None, "{topic}-{index} twice");
            }
        }
    }
    owners
}

/// Only what was wanted, each partition once, all that somebody wants.
fn check(problem: &Problem, solution: &Solution) {
    let owners = owners(solution);
    for ((topic, _), owner) in &owners {
        assert!(problem.members[owner].topics.contains(topic), "{owner} does not want {topic}");
    }
    let wanted: BTreeSet<&Uuid> = problem.members.values().flat_map(|member| member.topics.iter()).collect();
    let expected: BTreeSet<(Uuid, i32)> = problem
        .topics
        .iter()
        .filter(|(topic, _)| wanted.contains(topic))
        .flat_map(|(topic, count)| (0..*count).map(|index| (*topic, index)))
        .collect();
    assert_eq!(owners.into_keys().collect::<BTreeSet<_>>(), expected);
    assert!(solution.values().flat_map(BTreeMap::values).all(|partitions| !partitions.is_empty()));
    assert!(problem.members.keys().eq(solution.keys()));
}

fn moves(before: &Solution, after: &Solution) -> usize {
    let before = owners(before);
    owners(after).iter().filter(|(partition, owner)| before.get(*partition) != Some(*owner)).count()
}

fn spread(solution: &Solution) -> usize {
    let loads = || solution.values().map(load);
    loads().max().unwrap_or(0) - loads().min().unwrap_or(0)
}

/// No partition could move to a member that wants it and has fewer by two.
fn cannot_be_more_even(problem: &Problem, solution: &Solution) -> bool {
    let load = |id: &Arc<str>| load(&solution[id]);
    owners(solution).iter().all(|((topic, _), owner)| {
        let mut others = problem.members.iter().filter(|(_, member)| member.topics.contains(topic));
        others.all(|(other, _)| load(other) + 1 >= load(owner))
    })
}

proptest! {
    #[test]
    fn every_assignor_gives_each_wanted_partition_to_one_who_wants_it(
        problem in prop::bool::ANY.prop_flat_map(problems),
        others in problems(false),
    ) {
        for assignor in [Assignor::Uniform, Assignor::Range] {
            let first = assignor.assign(&problem);
            check(&problem, &first);
            prop_assert_eq!(&assignor.assign(&problem.clone()), &first);
            // What is in force may be of another time: other topics, other members, partitions that are gone.
            let stale = after(&problem, &assignor.assign(&others));
            check(&stale, &assignor.assign(&stale));
        }
    }

    #[test]
    fn uniform_is_even_and_moves_nothing_without_need(
        problem in problems(true),
        joining in 1..3_usize,
        leaving in 0..8_usize,
    ) {
        let assign = |problem: &Problem| Assignor::Uniform.assign(problem);
        let first = assign(&problem);
        prop_assert!(spread(&first) <= 1);
        let settled = after(&problem, &first);
        prop_assert_eq!(&assign(&settled), &first);

        let mut more = settled.clone();
        let topics = problem.members.values().next().map(|member| member.topics.clone()).unwrap_or_default();
        for number in 0..joining {
            let member = Candidate { instance: None, topics: topics.clone(), current: Arc::default() };
            more.members.insert(id(50 + number), member);
        }
        let joined = assign(&more);
        prop_assert!(spread(&joined) <= 1);
        let newcomers = joined.iter().filter(|(id, _)| !first.contains_key(*id));
        prop_assert_eq!(moves(&first, &joined), newcomers.map(|(_, given)| load(given)).sum::<usize>());

        let mut fewer = settled;
        let gone = id(leaving);
        fewer.members.remove(&gone);
        let left = assign(&fewer);
        prop_assert!(spread(&left) <= 1);
        if !fewer.members.is_empty() {
            prop_assert_eq!(moves(&first, &left), first.get(&gone).map_or(0, load));
        }
    }

    #[test]
    fn with_different_wishes_uniform_is_as_even_as_single_moves_make_it(problem in problems(false)) {
        let first = Assignor::Uniform.assign(&problem);
        prop_assert!(cannot_be_more_even(&problem, &first));
        prop_assert_eq!(&Assignor::Uniform.assign(&after(&problem, &first)), &first);
    }

    #[test]
    fn range_puts_equal_numbers_together(problem in problems(true)) {
        let solution = Assignor::Range.assign(&problem);
        for given in solution.values() {
            for (topic, partitions) in given {
                let (first, last) = (partitions.first().unwrap(), partitions.last().unwrap());
                prop_assert_eq!(last - first + 1, i32::try_from(partitions.len()).unwrap());
                let alike = given.iter().filter(|(other, _)| problem.topics[*other] == problem.topics[topic]);
                for (_, others) in alike {
                    prop_assert_eq!(others, partitions);
                }
            }
        }
    }
}

#[test]
fn range_puts_static_members_first_and_ignores_their_member_ids() {
    let topics = BTreeMap::from([(topic(1), 5)]);
    let assign = |members: [(&str, Option<&str>); 3]| {
        let members = members.into_iter().map(|(id, instance)| {
            (Arc::from(id), Candidate { instance: instance.map(Arc::from), ..candidate([1]) })
        });
        let solution =
            Assignor::Range.assign(&Problem { members: members.collect(), topics: topics.clone() });
        move |id: &str| solution[id].get(&topic(1)).cloned().unwrap_or_default()
    };
    let before = assign([("a", None), ("b", Some("two")), ("c", Some("one"))]);
    assert_eq!(before("c"), BTreeSet::from([0, 1]));
    assert_eq!(before("b"), BTreeSet::from([2, 3]));
    assert_eq!(before("a"), BTreeSet::from([4]));
    let after = assign([("a", None), ("b", Some("two")), ("zzz", Some("one"))]);
    assert_eq!(after("zzz"), BTreeSet::from([0, 1]));
}

#[test]
fn an_unknown_assignor_is_none() {
    assert_eq!(Assignor::by_name("uniform"), Some(Assignor::Uniform));
    assert_eq!(Assignor::by_name("range"), Some(Assignor::Range));
    assert_eq!(Assignor::by_name("sticky"), None);
}
