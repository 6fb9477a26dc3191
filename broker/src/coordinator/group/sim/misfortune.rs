//! What may go wrong, or merely change.

use std::sync::Arc;
use std::time::Duration;

use super::plan::{Kind, TOPICS};
use super::run::{Event, Run};
use crate::coordinator::group::classic::{Leave, LeavingMember};

/// Most members of a group.
const MEMBERS: usize = 6;

/// Something happens, and the next thing is on its way as long as misfortune lasts.
pub fn strike(run: &mut Run) -> Result<(), String> {
    if !run.misfortune {
        return Ok(());
    }
    let again = run.world.random.millis(50, 4000);
    run.at(again, Event::Misfortune);
    let plan = run.world.random.below(run.plans.len());
    match run.world.random.below(100) {
        0..30 => join(run, plan),
        30..42 => with_one(run, plan, leave),
        42..52 => with_one(run, plan, crash),
        52..64 => with_one(run, plan, pause),
        64..74 => with_one(run, plan, Run::disconnect),
        74..82 => with_one(run, plan, restart_static),
        82..90 if run.host.up => return topics(run),
        90..94 if run.host.up => run.crash(),
        94..96 => run.host.full = true,
        96..98 if run.host.up => return remove(run, plan),
        _ => run.plans[plan].upgrading = !run.plans[plan].upgrading,
    }
    Ok(())
}

fn members(run: &Run, plan: usize) -> Vec<usize> {
    let members = run.actors.iter().enumerate().filter(|(_, actor)| actor.plan == plan && actor.alive());
    members.map(|(number, _)| number).collect()
}

fn join(run: &mut Run, plan: usize) {
    let members = members(run, plan);
    if members.len() >= MEMBERS {
        return;
    }
    let instance: Arc<str> = format!("instance-{}", run.world.random.below(4)).into();
    let taken =
        members.iter().any(|number| run.actors[*number].client.seat().instance.as_ref() == Some(&instance));
    let fixed = run.world.random.percent(25) && !taken;
    run.add(plan, fixed.then_some(instance));
}

fn with_one(run: &mut Run, plan: usize, act: impl FnOnce(&mut Run, usize)) {
    let members = members(run, plan);
    if !members.is_empty() {
        let number = *run.world.random.pick(&members);
        act(run, number);
    }
}

pub fn leave(run: &mut Run, number: usize) {
    run.note(|| format!("{number} is to leave"));
    run.actors[number].client.seat_mut().leaving = true;
    run.wake(number, Duration::ZERO);
}

pub fn crash(run: &mut Run, number: usize) {
    run.note(|| format!("{number} crashes"));
    run.actors[number].crashed = true;
}

fn pause(run: &mut Run, number: usize) {
    let long = if run.world.random.percent(50) { 3000 } else { 30_000 };
    let until = run.world.now + run.world.random.millis(100, long);
    run.note(|| format!("{number} is paused until {until:?}"));
    run.actors[number].paused_until = until;
}

/// A static member comes again under its name, the process before having ended somehow.
fn restart_static(run: &mut Run, number: usize) {
    let Some(instance) = run.actors[number].client.seat().instance.clone() else { return };
    if run.actors[number].client.seat().leaving {
        // Whoever follows it is there already.
        return;
    }
    let plan = run.actors[number].plan;
    match run.world.random.below(3) {
        0 => leave(run, number),
        // It is still there, and will find itself replaced. Groups that know the consumer protocol do not replace those who
        // have not left.
        1 if matches!(run.plans[plan].kind, Kind::Eager | Kind::Cooperative | Kind::Switching) => {}
        _ => crash(run, number),
    }
    run.add(plan, Some(instance));
}

/// An administrator removes a member.
fn remove(run: &mut Run, plan: usize) -> Result<(), String> {
    let members = members(run, plan);
    if members.is_empty() {
        return Ok(());
    }
    let number = *run.world.random.pick(&members);
    let client = &run.actors[number].client;
    let (group, member, instance) =
        (client.seat().group.clone(), client.member().clone(), client.seat().instance.clone());
    run.note(|| format!("{number} is removed"));
    let leave = Leave { group, members: vec![LeavingMember { member, instance, reason: None }] };
    let step = run.host.shard.leave(&run.world.env(), &leave);
    run.host.settle(&run.world, step).map(|_| ())
}

fn topics(run: &mut Run) -> Result<(), String> {
    let name = *run.world.random.pick(&TOPICS);
    let there = run.world.topics.get(name).map(|topic| topic.partitions);
    let deleted = match there {
        None => {
            let partitions = i32::try_from(run.world.random.between(1, 7)).unwrap();
            run.world.create(name, partitions);
            None
        }
        Some(partitions) if partitions < 8 && run.world.random.percent(60) => {
            run.world.grow(name);
            None
        }
        Some(_) => Some(run.world.delete(name)),
    };
    let facts = run.world.topics.get(name).cloned();
    run.note(|| format!("{name} is now {facts:?}"));
    if let Some(id) = deleted {
        run.host.topic_deleted(&run.world, name, id)?;
    }
    Ok(())
}

/// Whether new members of a mixed group should be of the other kind from now on.
pub fn turn(run: &mut Run) {
    for plan in &mut run.plans {
        if matches!(plan.kind, Kind::MixedEager | Kind::MixedCooperative) {
            plan.upgrading = !plan.upgrading;
        }
    }
}
