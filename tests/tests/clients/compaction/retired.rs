//! Segments are retired while readers are in them: no error, no wrong bytes; who comes too late is told so and begins anew.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::Client;
use super::follower::{Follower, From, State};
use super::ledger::{Change, Ledger};
use super::producer::Producer;
use crate::harness::broker::Broker;
use crate::harness::{full, own};
use crate::kcat;

const TOPIC: &str = "retired";
const PARTITIONS: i32 = 2;
const LIMIT: Duration = Duration::from_secs(180);

/// A load of numbered records, none like another, until it is told to end.
struct Load {
    ended: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<usize>>,
}

impl Load {
    fn start(mut producer: Producer) -> Load {
        let ended = Arc::new(AtomicBool::new(false));
        let seen = ended.clone();
        let thread = thread::spawn(move || {
            let mut number = 0_usize;
            while !seen.load(Ordering::Acquire) {
                let word = format!("{number} ");
                let value = Some(word.repeat(1200 / word.len()).into_bytes());
                let partition = i32::try_from(number).unwrap() % PARTITIONS;
                producer.send(&Change { partition, key: word.into_bytes(), value });
                producer.wait_until_open(3000);
                number += 1;
            }
            producer.finish();
            number
        });
        Load { ended, thread: Some(thread) }
    }

    /// How many records were written.
    fn finish(mut self) -> usize {
        self.ended.store(true, Ordering::Release);
        self.thread.take().unwrap().join().expect("the producer ends well")
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Release);
    }
}

/// How often a reader has been set forward.
fn jumps(state: &State) -> usize {
    let of = |offsets: &Vec<i64>| offsets.windows(2).filter(|pair| pair[1] > pair[0] + 1).count();
    state.offsets.values().map(of).sum()
}

/// Lets a reader come to the end of every partition.
fn wait_for_ends(follower: &mut Follower, ends: &[i64]) {
    follower.wait("the end", |state| (0..).zip(ends).all(|(p, end)| state.last(p) == Some(end - 1)));
}

/// Waits until the log of partition 0 starts behind an offset.
fn wait_until_retired(broker: &Broker, offset: i64) -> i64 {
    let until = Instant::now() + LIMIT;
    loop {
        let start = kcat::starts(broker, TOPIC, 1)[0];
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
    let settings = ["segment.bytes=1048576", "retention.bytes=2097152", "file.delete.delay.ms=0"];
    own::create_topic_with(&broker, TOPIC, PARTITIONS, &settings);
    let ledger = Arc::new(Ledger::default());
    let producer = Producer::start(Client::FranzGo, &broker, TOPIC, "none", &ledger);
    let mut followers =
        Client::ALL.map(|client| Follower::start(client, &broker, TOPIC, PARTITIONS, &ledger));
    let load = Load::start(producer);
    let mut rounds = 0;
    while rounds < if full() { 20 } else { 2 } || followers.iter().any(|f| jumps(&f.state()) == 0) {
        for follower in &mut followers {
            follower.wait("records", |state| state.offsets.len() == 2);
            follower.pause();
        }
        // What is behind this, a library may have fetched ahead: it must be far behind.
        let seen = followers.iter().map(|follower| follower.state().last(0).unwrap()).max().unwrap();
        let start = wait_until_retired(&broker, seen + 4000);
        for follower in &mut followers {
            follower.resume();
            follower.wait("what is left", |state| state.last(0) >= Some(start));
        }
        rounds += 1;
        assert!(rounds < 30, "a reader always was in time");
    }
    let written = load.finish();
    let (starts, ends) = (kcat::starts(&broker, TOPIC, PARTITIONS), kcat::ends(&broker, TOPIC, PARTITIONS));
    println!("{written} records in {rounds} rounds, from {starts:?} to {ends:?} are left");
    for mut follower in followers {
        wait_for_ends(&mut follower, &ends);
        let client = follower.client;
        println!("{client:?} was set forward {} times", jumps(&follower.finish()));
    }
    assert_eq!(written, ledger.len());

    let from = From { partitions: PARTITIONS, offset: 1, reset: "none" };
    let refused = Client::ALL.map(|client| Follower::from(client, &broker, TOPIC, &from, &ledger));
    let reset = Client::ALL.map(|client| Follower::start(client, &broker, TOPIC, PARTITIONS, &ledger));
    for mut follower in refused {
        follower.wait("an error", |state| !state.out_of_range.is_empty());
        assert!(follower.finish().places().is_empty(), "records without a reset");
    }
    for mut follower in reset {
        wait_for_ends(&mut follower, &ends);
        let (client, later) = (follower.client, kcat::starts(&broker, TOPIC, PARTITIONS));
        for (partition, offsets) in follower.finish().offsets {
            let at = usize::try_from(partition).unwrap();
            assert!((starts[at]..=later[at]).contains(&offsets[0]), "{client:?} begins at {}", offsets[0]);
            let all: Vec<i64> = (offsets[0]..ends[at]).collect();
            assert_eq!(offsets, all, "{client:?}, partition {partition}: no gap");
        }
    }
}
