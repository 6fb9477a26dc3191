//! The group machine on virtual time, from a seed: members of all kinds come, go, crash and pause; topics come, grow and go;
//! disks fill up; the broker crashes and reads its log again. While that lasts, no partition has two owners and no offset goes
//! back; when it has been calm for a while, everything is as it must be (`check`).
//!
//! `make sim SEEDS=5000 FROM=1` plays many seeds. With `SIM_KIND=Consumer` all groups are of one kind (`plan::Kind`), with
//! `SIM_TRACE=1` it prints what happened.

mod check;
mod client;
mod host;
mod ledger;
mod misfortune;
mod plan;
mod random;
mod run;
mod traffic;
mod world;

use std::hash::Hasher;
use std::time::Duration;

use run::{Event, Run};

/// Times of trouble, each followed by calm.
const ROUNDS: usize = 3;
/// Long enough for every pause, session, rebalance and restart to end.
const CALM: Duration = Duration::from_secs(150);

/// How long the groups are watched after that.
const QUIET: Duration = Duration::from_secs(60);

fn play(run: &mut Run) -> Result<(), String> {
    for _ in 0..ROUNDS {
        run.misfortune = true;
        run.at(Duration::ZERO, Event::Misfortune);
        let trouble = run.world.random.millis(10_000, 120_000);
        run.until(run.world.now + trouble)?;
        run.misfortune = false;
        run.host.full = false;
        run.note(|| "calm".to_owned());
        run.until(run.world.now + CALM)?;
        check::calm(run)?;
        undisturbed(run)?;
        misfortune::turn(run);
    }
    for number in 0..run.actors.len() {
        if run.actors[number].alive() {
            let go = if run.world.random.percent(50) { misfortune::leave } else { misfortune::crash };
            go(run, number);
        }
    }
    run.until(run.world.now + CALM)?;
    check::calm(run)?;
    check::deserted(run)
}

/// The broker crashes in the calm: no group notices. Nothing is written but offsets, nobody rebalances.
fn undisturbed(run: &mut Run) -> Result<(), String> {
    let owned = check::owned(run);
    let written = run.host.written;
    // Who is ahead of the log falls back when it is read.
    if run.world.random.percent(50) && run.host.ahead.is_empty() {
        run.crash();
    }
    run.until(run.world.now + QUIET)?;
    if run.host.written != written {
        return Err("groups change in the calm".to_owned());
    }
    if check::owned(run) != owned {
        return Err("partitions change hands in the calm".to_owned());
    }
    check::calm(run)
}

/// The hash of everything that happened; an error says what should not have.
fn seed(seed: u64, trace: bool) -> Result<u64, String> {
    let mut run = Run::new(seed, trace);
    let result = play(&mut run);
    for line in run.trace.iter().flatten() {
        println!("{line}");
    }
    result.map_err(|error| format!("seed {seed} at {:.3} s: {error}", run.world.now.as_secs_f64()))?;
    Ok(run.host.hash.finish())
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Plays seeds on every core; what failed, in their order.
fn seeds(from: u64, count: u64, trace: bool) -> Vec<String> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let play = move |first: u64| -> Vec<(u64, String)> {
        let every = (first..from + count).step_by(threads);
        every.filter_map(|number| Some((number, seed(number, trace).err()?))).collect()
    };
    let mut failed: Vec<_> = std::thread::scope(|scope| {
        let started: Vec<_> = (from..).take(threads).map(|first| scope.spawn(move || play(first))).collect();
        started.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    failed.sort_unstable();
    failed.into_iter().map(|(_, error)| error).collect()
}

#[test]
fn groups_come_to_rest_whatever_happened_before() {
    let (from, count) = (number("FROM", 1), number("SEEDS", 60));
    let failed = seeds(from, count, std::env::var_os("SIM_TRACE").is_some());
    let first: Vec<_> = failed.iter().take(20).map(String::as_str).collect();
    assert!(failed.is_empty(), "{} of {count} seeds:\n{}", failed.len(), first.join("\n"));
}

#[test]
fn a_seed_is_always_the_same_story() {
    for number in 1..=5 {
        assert_eq!(seed(number, false), seed(number, false));
    }
}

/// A static consumer takes the place of the last member of a classic group, in the midst of a rebalance.
#[test]
fn an_upgrade_in_the_midst_of_a_rebalance_leaves_no_partition_behind() {
    for number in [5463, 5899] {
        seed(number, false).unwrap();
    }
}
