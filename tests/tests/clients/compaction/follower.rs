//! A reading program of a foreign client that follows a topic until it is told to end.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::Client;
use super::ledger::{Ledger, Place};
use crate::harness::broker::Broker;
use crate::harness::command;
use crate::harness::records::parse_line;

const LIMIT: Duration = Duration::from_secs(180);

/// What a follower said so far.
#[derive(Default)]
pub struct State {
    /// Offsets of the records that it got, by partition, in their order.
    pub offsets: BTreeMap<i32, Vec<i64>>,
    /// Where it was told last that a partition ends.
    pub ends: BTreeMap<i32, i64>,
    /// Partitions at which its offset was out of range, and it was not to be reset.
    pub out_of_range: BTreeSet<i32>,
}

impl State {
    /// The last offset seen of a partition.
    pub fn last(&self, partition: i32) -> Option<i64> {
        self.offsets.get(&partition)?.last().copied()
    }

    /// Where all records stand that were seen.
    pub fn places(&self) -> Vec<Place> {
        let of = |(partition, offsets): (&i32, &Vec<i64>)| -> Vec<Place> {
            offsets.iter().map(|offset| (*partition, *offset)).collect()
        };
        self.offsets.iter().flat_map(of).collect()
    }
}

/// A running follower; what it reads is held against the ledger.
pub struct Follower {
    pub client: Client,
    child: Child,
    stdin: Option<ChildStdin>,
    state: Arc<Mutex<State>>,
    reader: Option<thread::JoinHandle<()>>,
}

/// Where a follower begins.
pub struct From {
    pub partitions: i32,
    pub offset: i64,
    /// `earliest`, or `none` for an error where the offset is out of range.
    pub reset: &'static str,
}

impl Follower {
    /// Follows all partitions from their first offset on.
    pub fn start(
        client: Client,
        broker: &Broker,
        topic: &str,
        partitions: i32,
        ledger: &Arc<Ledger>,
    ) -> Follower {
        Follower::from(client, broker, topic, &From { partitions, offset: 0, reset: "earliest" }, ledger)
    }

    pub fn from(client: Client, broker: &Broker, topic: &str, from: &From, ledger: &Arc<Ledger>) -> Follower {
        let mut program = client.follower();
        program.args([
            &broker.kafka,
            topic,
            &from.partitions.to_string(),
            &from.offset.to_string(),
            from.reset,
        ]);
        let mut child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let state = Arc::new(Mutex::new(State::default()));
        let mut output = BufReader::with_capacity(1 << 16, child.stdout.take().unwrap());
        let (ledger, shared) = (ledger.clone(), state.clone());
        let reader = thread::spawn(move || {
            let mut line = String::new();
            // A process that is killed leaves the last line without an end.
            while output.read_line(&mut line).unwrap() > 0 && line.ends_with('\n') {
                take(client, line.trim_end(), &ledger, &shared);
                line.clear();
            }
        });
        let stdin = child.stdin.take();
        Follower { client, child, stdin, state, reader: Some(reader) }
    }

    /// What it said so far.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("what a follower reads can be believed")
    }

    /// Waits until `done` is content with what it said.
    pub fn wait(&mut self, what: &str, done: impl Fn(&State) -> bool) {
        let until = Instant::now() + LIMIT;
        while !done(&self.state()) {
            let ended = self.child.try_wait().unwrap();
            let gone = ended.is_some() && self.reader.as_ref().is_none_or(thread::JoinHandle::is_finished);
            assert!(!gone || done(&self.state()), "{:?} waits for {what} and ended: {ended:?}", self.client);
            assert!(Instant::now() < until, "{:?} waits for {what}; {}", self.client, self.summary());
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn summary(&self) -> String {
        let state = self.state();
        let seen: Vec<String> = state
            .offsets
            .iter()
            .map(|(partition, offsets)| {
                format!("partition {partition}: {} records up to {:?}", offsets.len(), offsets.last())
            })
            .collect();
        format!("{seen:?}, ends {:?}, out of range {:?}", state.ends, state.out_of_range)
    }

    /// Stops the process where it stands, as if its machine had no time for it.
    pub fn pause(&self) {
        kill_process(Pid::from_child(&self.child), Signal::STOP).unwrap();
    }

    /// Lets it go on.
    pub fn resume(&self) {
        kill_process(Pid::from_child(&self.child), Signal::CONT).unwrap();
    }

    /// Ends it; it must not have complained.
    pub fn finish(mut self) -> State {
        drop(self.stdin.take());
        let status = command::wait(&mut self.child, LIMIT).expect("a follower ends");
        assert!(status.success(), "{:?}'s follower: {status}", self.client);
        self.reader.take().unwrap().join().expect("what a follower reads can be believed");
        std::mem::take(&mut *self.state())
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn take(client: Client, line: &str, ledger: &Ledger, shared: &Mutex<State>) {
    let words: Vec<&str> = line.splitn(3, ' ').collect();
    match words[0] {
        "end" => {
            let (partition, end) = (words[1].parse().unwrap(), words[2].parse().unwrap());
            shared.lock().unwrap().ends.insert(partition, end);
        }
        "out-of-range" => {
            shared.lock().unwrap().out_of_range.insert(words[1].parse().unwrap());
        }
        _ => {
            let record = parse_line(line);
            let mut state = shared.lock().unwrap();
            let offsets = state.offsets.entry(record.partition).or_default();
            assert!(
                offsets.last().is_none_or(|last| *last < record.offset),
                "{client:?}: {} behind {:?} in partition {}",
                record.offset,
                offsets.last(),
                record.partition
            );
            offsets.push(record.offset);
            ledger.seen(&format!("{client:?}"), record);
        }
    }
}
