//! 1,000 groups of 10 members each on one broker: what their heartbeats cost.
//!
//! The 10,000 members share 200 connections, one thread each, so that the client does not take the machine for itself: each
//! connection carries 50 members, all of different groups (a broker serves a connection's requests one after the other, and
//! those of one group would wait for each other). Every member sends a heartbeat every 3 s, as the Java client's do, at a
//! moment of its own: members know nothing of each other.
//!
//! A heartbeat takes from when it is due until its answer is there. Counted from when it is sent, a broker that keeps the
//! cores from the clients would gain by it: what they send late would be forgiven.

mod classic;
mod consumer;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Barrier;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::client::Client;
use crate::figure::{self, Limit};
use crate::process::{BOTH, Broker};

/// Members of a group; each on a connection of its own.
const MEMBERS: usize = 10;
/// Sets of as many connections as a group has members.
const ROWS: usize = 20;
/// Groups whose members share the connections of a row.
const GROUPS_PER_ROW: usize = 50;
const GROUPS: usize = ROWS * GROUPS_PER_ROW;

/// How often a member sends a heartbeat.
const INTERVAL: Duration = Duration::from_secs(3);
/// How long they are watched.
const WATCHED: Duration = Duration::from_secs(15);

const SETTINGS: [&str; 2] = ["group.initial.rebalance.delay.ms=100", "offsets.topic.replication.factor=1"];

/// The topic that all groups consume, with as many partitions as a group has members.
const TOPIC: &str = "work";

/// One member at the client.
pub trait Member: Send {
    /// Sends a heartbeat; false if the broker does not answer that all is well.
    fn beat(&mut self, client: &mut Client) -> bool;
}

/// How members of a kind come together.
trait Protocol {
    const NAME: &'static str;
    type Member: Member;

    /// Brings one connection's members in, all connections at a time; returns when their groups are stable.
    fn gather(place: Place<'_>, client: &mut Client) -> Vec<Self::Member>;
}

/// Where a connection stands.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// Which groups its members belong to.
    pub row: usize,
    /// Which member of each of them it carries.
    pub column: usize,
    /// Where the connections of a row meet.
    pub meeting: &'a Barrier,
    /// Where all meet.
    pub everybody: &'a Barrier,
    /// Members of all connections that are not where they are to be yet.
    pub unsettled: &'a [AtomicUsize],
}

impl Place<'_> {
    fn groups(self) -> impl Iterator<Item = String> {
        (0..GROUPS_PER_ROW).map(move |number| format!("group-{}", self.row * GROUPS_PER_ROW + number))
    }

    /// When the heartbeats of its members are due in each interval: anywhere, and for every broker the same.
    fn moments(self) -> Vec<Duration> {
        let moment = |number: usize| {
            let mut hasher = DefaultHasher::new();
            (self.row, self.column, number).hash(&mut hasher);
            INTERVAL.mul_f64(hasher.finish() as f64 / u64::MAX as f64)
        };
        let mut moments: Vec<_> = (0..GROUPS_PER_ROW).map(moment).collect();
        moments.sort();
        moments
    }
}

impl Seen {
    /// In ms, of the best round: what else runs on the machine only ever adds.
    fn quantile(&self, quantile: f64) -> f64 {
        let of = |times: &Histogram<u64>| times.value_at_quantile(quantile) as f64 / 1000.0;
        figure::least(self.times.iter().map(of).collect())
    }

    /// Both of two turns.
    fn and(self, other: Seen) -> Seen {
        Seen {
            times: [self.times, other.times].concat(),
            cpu: self.cpu + other.cpu,
            gathered: self.gathered.min(other.gathered),
            resident_mib: self.resident_mib.max(other.resident_mib),
            failed: self.failed + other.failed,
        }
    }

    fn heartbeats(&self) -> f64 {
        self.times.iter().map(Histogram::len).sum::<u64>() as f64
    }
}

/// What was seen of a broker.
struct Seen {
    /// One for each round of heartbeats.
    times: Vec<Histogram<u64>>,
    cpu: Duration,
    gathered: Duration,
    resident_mib: f64,
    failed: u64,
}

/// Both protocols, both brokers.
pub fn heartbeats() {
    compare::<classic::Classic>();
    compare::<consumer::Consumer>();
}

fn compare<P: Protocol>() {
    let watched = |kind| {
        let broker = Broker::start(kind, &SETTINGS);
        let mut client = Client::connect(&broker.kafka).unwrap();
        client.create_topic(TOPIC, i32::try_from(MEMBERS).unwrap(), &[]);
        client.find_coordinator("group-0");
        (0..GROUPS).for_each(|number| client.wait_for_coordinator(&format!("group-{number}")));
        watch::<P>(&broker)
    };
    // Twice, by turns: a virtual machine may be slow for longer than one watching takes.
    let [ours, theirs] = BOTH.map(watched);
    let [ours_again, theirs_again] = BOTH.map(watched);
    let (thalweg, kafka) = (ours.and(ours_again), theirs.and(theirs_again));
    let print = |what: &str, unit: &str, of: fn(&Seen) -> f64, limit: Limit| {
        let name = format!("{GROUPS} {} groups, {} members: {what}", P::NAME, GROUPS * MEMBERS);
        figure::print(&name, unit, of(&thalweg), of(&kafka), limit);
    };
    print("all are in", "s", |seen| seen.gathered.as_secs_f64(), Limit::None);
    print("heartbeat p50", "ms", |seen| seen.quantile(0.5), Limit::Ratio(1.0));
    print("heartbeat p99", "ms", |seen| seen.quantile(0.99), Limit::Ratio(1.0));
    print(
        "broker CPU of 1,000 heartbeats",
        "ms",
        |seen| seen.cpu.as_secs_f64() * 1e6 / seen.heartbeats(),
        Limit::Ratio(1.0),
    );
    print("resident memory", "MiB", |seen| seen.resident_mib, Limit::Ratio(0.5));
    print("heartbeats that failed", "of all", |seen| seen.failed as f64, Limit::Of(0.0));
}

fn watch<P: Protocol>(broker: &Broker) -> Seen {
    let started = Instant::now();
    let meetings: Vec<Barrier> = (0..ROWS).map(|_| Barrier::new(MEMBERS)).collect();
    let everybody = Barrier::new(ROWS * MEMBERS + 1);
    let settled = Barrier::new(ROWS * MEMBERS);
    let unsettled: Vec<_> = (0..ROWS * MEMBERS).map(|_| AtomicUsize::new(usize::MAX)).collect();
    std::thread::scope(|scope| {
        let mut threads = Vec::new();
        for (row, meeting) in meetings.iter().enumerate() {
            for column in 0..MEMBERS {
                let place = Place { row, column, meeting, everybody: &settled, unsettled: &unsettled };
                let (address, everybody) = (&broker.kafka, &everybody);
                let run = move || {
                    let mut client = Client::connect(address).unwrap();
                    let mut members = P::gather(place, &mut client);
                    everybody.wait();
                    // One round unwatched: what gathering left to do is not what is measured.
                    let moments = place.moments();
                    beats(&mut client, &mut members, &moments, INTERVAL);
                    everybody.wait();
                    let seen = beats(&mut client, &mut members, &moments, WATCHED);
                    everybody.wait();
                    seen
                };
                let builder = std::thread::Builder::new().stack_size(256 * 1024);
                threads.push(builder.spawn_scoped(scope, run).unwrap());
            }
        }
        everybody.wait();
        let gathered = started.elapsed();
        everybody.wait();
        let before = broker.cpu();
        everybody.wait();
        let (cpu, resident_mib) = (broker.cpu() - before, broker.resident_mib());
        let (mut times, mut failed): (Vec<Histogram<u64>>, u64) = (Vec::new(), 0);
        for thread in threads {
            let (its, failures) = thread.join().unwrap();
            times.resize_with(its.len(), new_times);
            times.iter_mut().zip(its).for_each(|(all, its)| all.add(its).unwrap());
            failed += failures;
        }
        Seen { times, cpu, gathered, resident_mib, failed }
    })
}

/// Sends the heartbeats of a connection's members, each at its moment of every interval; how long those of each round took,
/// and how many failed.
fn beats<M: Member>(
    client: &mut Client,
    members: &mut [M],
    moments: &[Duration],
    length: Duration,
) -> (Vec<Histogram<u64>>, u64) {
    let mut rounds = Vec::new();
    let mut failed = 0;
    let mut round = Instant::now();
    for _ in 0..length.as_millis() / INTERVAL.as_millis() {
        let mut times = new_times();
        for (member, moment) in members.iter_mut().zip(moments) {
            let due = round + *moment;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            failed += u64::from(!member.beat(client));
            times.record(u64::try_from(due.elapsed().as_micros()).unwrap().max(1)).unwrap();
        }
        round += INTERVAL;
        rounds.push(times);
    }
    (rounds, failed)
}

/// Times in µs.
fn new_times() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 60_000_000, 3).unwrap()
}
