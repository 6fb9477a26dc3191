//! Segments are retired while readers are in them: no error, no wrong bytes; who comes too late is told so and begins anew.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::Client;
use super::follower::{Follower, From};
use super::ledger::{Change, Ledger};
use super::producer::Producer;
use crate::harness::broker::Broker;
use crate::harness::{full, own};
use crate::kcat;

const PARTITIONS: i32 = 2;
const LIMIT: Duration = Duration::from_secs(60);

/// Numbered records, none like another, until told to end.
fn load(mut producer: Producer, ended: Arc<AtomicBool>) -> thread::JoinHandle<usize> {
    thread::spawn(move || {
        let mut number = 0_usize;
        while !ended.load(Ordering::Acquire) {
            let text = format!("{number} ").repeat(1200 / (number.to_string().len() + 1));
            let partition = i32::try_from(number % 2).unwrap();
            let key = number.to_string().into_bytes();
            producer.send(&Change { partition, key, value: Some(text.into_bytes()) });
            number += 1;
            while number > producer.acknowledged() + 3000 {
                thread::sleep(Duration::from_millis(1));
                assert!(!ended.load(Ordering::Acquire) || number < producer.acknowledged() + 4000);
            }
        }
        producer.finish();
        number
    })
}

/// Waits until the log of partition 0 starts behind an offset.
fn wait_until_retired(broker: &Broker, offset: i64) -> i64 {
    let until = Instant::now() + LIMIT;
    loop {
        let start = kcat::starts(broker, "retired", 1)[0];
        if start > offset {
            return start;
        }
        assert!(Instant::now() < until, "the log starts at {start}, and not behind {offset}");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn readers_of_segments_that_are_retired_see_no_error_and_start_anew_when_late() {
    let broker = Broker::start(&["log.retention.check.interval.ms=50"]);
    let settings =
        ["segment.bytes=1048576", "retention.bytes=2097152", "file.delete.delay.ms=0", "flush.mode=os"];
    let settings = if crate::harness::oracle() { &settings[..3] } else { &settings };
    own::create_topic_with(&broker, "retired", PARTITIONS, settings);
    let ledger = Arc::new(Ledger::default());
    let ended = Arc::new(AtomicBool::new(false));
    let producer = Producer::start(Client::FranzGo, &broker, "retired", "none", &ledger);
    let mut followers =
        Client::ALL.map(|client| Follower::start(client, &broker, "retired", PARTITIONS, &ledger));
    let loading = load(producer, ended.clone());
    let mut jumps = 0;
    for _ in 0..if full() { 10 } else { 2 } {
        for follower in &mut followers {
            follower.wait("records", |state| !state.places().is_empty());
            follower.pause();
        }
        // What a library has fetched ahead does not count: it must be far behind.
        thread::sleep(Duration::from_millis(200));
        let seen = followers.iter().map(|follower| follower.state().last(0).unwrap()).max().unwrap();
        let start = wait_until_retired(&broker, seen + 4000);
        for follower in &mut followers {
            follower.resume();
            follower.wait("what is left", |state| state.last(0) >= Some(start));
            let state = follower.state();
            jumps += state.offsets[&0].windows(2).filter(|pair| pair[1] > pair[0] + 1).count();
        }
    }
    ended.store(true, Ordering::Release);
    let written = loading.join().expect("the producer ends well");
    let ends = kcat::ends(&broker, "retired", PARTITIONS);
    for mut follower in followers {
        follower.wait("the end", |state| {
            (0..PARTITIONS).zip(&ends).all(|(p, end)| state.last(p) == Some(end - 1))
        });
        follower.finish();
    }
    let starts = kcat::starts(&broker, "retired", PARTITIONS);
    println!("retired: {written} records, starts {starts:?}, ends {ends:?}, {jumps} jumps of readers");
    assert_eq!(written, ledger.len());
    assert!(jumps >= 3, "readers that came too late: {jumps}");

    for client in Client::ALL {
        let from = From { partitions: PARTITIONS, offset: 1, reset: "none" };
        let mut follower = Follower::from(client, &broker, "retired", &from, &ledger);
        follower.wait("an error", |state| !state.out_of_range.is_empty());
        assert!(follower.finish().places().is_empty(), "{client:?}: records without a reset");
        let mut follower = Follower::start(client, &broker, "retired", PARTITIONS, &ledger);
        follower.wait("the end", |state| {
            (0..PARTITIONS).zip(&ends).all(|(p, end)| state.last(p) == Some(end - 1))
        });
        for (partition, offsets) in follower.finish().offsets {
            let at = usize::try_from(partition).unwrap();
            let all: Vec<i64> = (starts[at]..ends[at]).collect();
            assert_eq!(
                offsets, all,
                "{client:?}, partition {partition}: from the log's start, without a gap"
            );
        }
    }
}
