//! What must hold when it has been calm for long enough.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::Arc;

use thalweg_proto::error::ErrorCode;

use super::run::{Actor, Run};
use crate::coordinator::group::offsets::FetchOffsets;
use crate::coordinator::group::{Shard, TimerKey};

type Checked = Result<(), String>;

/// Every rule.
pub fn calm(run: &Run) -> Checked {
    for plan in 0..run.plans.len() {
        owners(run, plan)?;
        members(run, plan)?;
    }
    leaks(run)?;
    replayed(run)?;
    offsets(run)
}

fn living(run: &Run, plan: usize) -> impl Iterator<Item = (usize, &Actor)> {
    run.actors.iter().enumerate().filter(move |(_, actor)| actor.plan == plan && actor.alive())
}

/// Who has what.
pub fn owned(run: &Run) -> BTreeMap<usize, BTreeSet<(Arc<str>, i32)>> {
    let living = run.actors.iter().enumerate().filter(|(_, actor)| actor.alive());
    living.map(|(number, actor)| (number, actor.client.owned().into_iter().collect())).collect()
}

/// Nobody is still on the way, and each partition that somebody wants has one owner, who wants it.
fn owners(run: &Run, plan: usize) -> Checked {
    let group = &run.plans[plan].group;
    let mut owners = BTreeMap::new();
    let mut wanted = BTreeSet::new();
    for (number, actor) in living(run, plan) {
        let client = &actor.client;
        if !client.settled() {
            return Err(format!("{group}: {number} ({}) has not come to rest: {client:?}", client.member()));
        }
        wanted.extend(
            client
                .seat()
                .topics
                .iter()
                .filter_map(|name| run.world.topics.get(name))
                .flat_map(|topic| (0..topic.partitions).map(|partition| (topic.name.clone(), partition))),
        );
        for partition in client.owned() {
            if !client.seat().topics.contains(&partition.0) {
                return Err(format!("{group}: {number} has {partition:?}, which it does not want"));
            }
            if let Some(other) = owners.insert(partition.clone(), number) {
                return Err(format!("{group}: {partition:?} belongs to {other} and to {number}"));
            }
        }
    }
    let owned: BTreeSet<_> = owners.into_keys().collect();
    same("partitions wanted and owned", group, &wanted, &owned)
}

/// The broker knows exactly those who are there.
fn members(run: &Run, plan: usize) -> Checked {
    let group = &run.plans[plan].group;
    let env = &run.world.env();
    let there: BTreeSet<Arc<str>> =
        living(run, plan).map(|(_, actor)| actor.client.member().clone()).collect();
    let (state, known): (&str, BTreeSet<Arc<str>>) =
        if let Ok(described) = run.host.shard.describe_consumer_group(env, group) {
            (described.state, described.members.into_iter().map(|member| member.member).collect())
        } else if let Ok(described) = run.host.shard.describe_group(group) {
            (described.state, described.members.into_iter().map(|member| member.member).collect())
        } else {
            ("Dead", BTreeSet::new())
        };
    same("members", group, &there, &known)?;
    match state {
        "Stable" if !there.is_empty() => Ok(()),
        "Empty" | "Dead" if there.is_empty() => Ok(()),
        state => Err(format!("{group} is {state}")),
    }
}

/// Nothing waits, and the only deadlines are the sessions of members.
fn leaks(run: &Run) -> Checked {
    if let Some((ticket, waiting)) = run.host.waiting.first_key_value() {
        return Err(format!("{ticket:?} still waits: {waiting:?}"));
    }
    let mut there = BTreeSet::new();
    for plan in 0..run.plans.len() {
        let group = &run.plans[plan].group;
        there.extend(living(run, plan).map(|(_, actor)| TimerKey::Session {
            group: group.clone(),
            member: actor.client.member().clone(),
        }));
    }
    let set = run.host.shard.timers.keys().cloned().collect();
    same("deadlines", "all groups", &there, &set)
}

/// A shard that reads the log is in the same state.
fn replayed(run: &Run) -> Checked {
    let env = &run.world.env();
    let (live, mut again) = (&run.host.shard, run.host.replayed()?);
    let loaded = again.loaded(env);
    if !loaded.records.is_empty() {
        return Err(format!("a restart in the calm writes {:?}", loaded.records));
    }
    let listed = |shard: &Shard| {
        let mut groups = shard.list_groups();
        groups.retain(|listed| !run.host.ahead.contains(&listed.group));
        groups.sort_by(|a, b| a.group.cmp(&b.group));
        groups
    };
    same("the list after a replay", "all groups", &listed(live), &listed(&again))?;
    for group in run.plans.iter().map(|plan| &plan.group).filter(|group| !run.host.ahead.contains(*group)) {
        let sorted = |shard: &Shard| {
            shard.describe_group(group).map(|mut described| {
                described.members.sort_by(|a, b| a.member.cmp(&b.member));
                described
            })
        };
        same("the description after a replay", group, &sorted(live), &sorted(&again))?;
        let sorted = |shard: &Shard| {
            shard.describe_consumer_group(env, group).map(|mut described| {
                described.members.sort_by(|a, b| a.member.cmp(&b.member));
                described
            })
        };
        same("the description after a replay", group, &sorted(live), &sorted(&again))?;
        same("offsets after a replay", group, &fetched(live, group)?, &fetched(&again, group)?)?;
    }
    Ok(())
}

/// All committed offsets of a group, by topic and partition.
fn fetched(shard: &Shard, group: &Arc<str>) -> Result<BTreeMap<(Arc<str>, i32), i64>, String> {
    let all = FetchOffsets {
        group: group.clone(),
        member: None,
        member_epoch: -1,
        topics: None,
        require_stable: false,
    };
    let topics = shard.fetch_offsets(&all).map_err(|error| format!("{error:?}"))?;
    let mut offsets = BTreeMap::new();
    for (topic, partitions) in topics {
        for fetched in partitions {
            if fetched.error != ErrorCode::None {
                return Err(format!("{group}: {topic}: {fetched:?}"));
            }
            offsets.insert((topic.clone(), fetched.partition), fetched.offset);
        }
    }
    Ok(offsets)
}

/// Nothing that was acknowledged is lost.
fn offsets(run: &Run) -> Checked {
    for ((group, topic, id, partition), offset) in &run.host.acknowledged {
        if run.world.topics.get(topic).is_none_or(|facts| facts.id != *id) {
            continue;
        }
        let kept = fetched(&run.host.shard, group)?.get(&(topic.clone(), *partition)).copied();
        if kept.is_none_or(|kept| kept < *offset) {
            return Err(format!(
                "{group}: {offset} of {topic}-{partition} was acknowledged, {kept:?} is left"
            ));
        }
        if kept != run.host.ledger.offset(group, topic, *partition) {
            return Err(format!("{group}: {topic}-{partition} is {kept:?}, the log says something else"));
        }
    }
    Ok(())
}

/// When everybody has left, groups can be deleted, and leave nothing behind.
pub fn deserted(run: &mut Run) -> Checked {
    for plan in run.plans.clone() {
        let step = run.host.shard.delete_group(&plan.group);
        let error = run.host.settle(&run.world, step)?.unwrap_or(ErrorCode::UnknownServerError);
        if !matches!(error, ErrorCode::None | ErrorCode::GroupIdNotFound) {
            return Err(format!("{} cannot be deleted: {error:?}", plan.group));
        }
    }
    for shard in [&run.host.shard, &run.host.replayed()?] {
        for plan in &run.plans {
            same("offsets of a deleted group", &plan.group, &BTreeMap::new(), &fetched(shard, &plan.group)?)?;
        }
        same("groups that were deleted", "all groups", &Vec::new(), &shard.list_groups())?;
        same("deadlines of nobody", "all groups", &0, &shard.timers.keys().count())?;
    }
    Ok(())
}

fn same<T: Debug + PartialEq>(what: &str, group: &str, expected: &T, found: &T) -> Checked {
    if expected == found {
        return Ok(());
    }
    Err(format!("{group}: {what}: expected {expected:?}, found {found:?}"))
}
