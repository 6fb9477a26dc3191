//! The package index of this Debian machine as a stream of changes, into a compacted topic: several producers write, several
//! readers follow, compaction runs all the time, and the broker is killed.

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::Client;
use super::follower::Follower;
use super::gaps::wait_until_left;
use super::ledger::{Change, Ledger, Place};
use super::producer::Producer;
use super::segments;
use crate::harness::broker::Broker;
use crate::harness::{data, full, oracle, own};
use crate::kcat;

const TOPIC: &str = "changes";
const PARTITIONS: i32 = 4;
/// How late a tombstone may go: the pauses of compaction, its run, and a machine that does much else.
const LATE: Duration = Duration::from_secs(15);

/// `delete.retention.ms`: longer than a reading of the whole topic takes.
fn tombstones_live() -> Duration {
    Duration::from_secs(if full() { 30 } else { 5 })
}

/// A whole reading of the topic, from the start to the end.
struct Pass {
    began: Instant,
    ended: Instant,
    places: BTreeSet<Place>,
}

fn draw(seed: u32, key: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    (seed, key).hash(&mut hasher);
    hasher.finish()
}

/// The index in three generations: all packages, then twice some that are removed and some that are changed or come back, in
/// an order that has nothing to do with the one before.
fn changes() -> Vec<Change> {
    let change = |key: &[u8], value: Option<Vec<u8>>| {
        let partition = i32::try_from(draw(0, key) % u64::try_from(PARTITIONS).unwrap()).unwrap();
        Change { partition, key: key.to_vec(), value }
    };
    let stanzas = data::stanzas();
    let mut changes: Vec<Change> =
        stanzas.iter().map(|(key, value)| change(key, Some(value.clone()))).collect();
    for generation in [2, 3] {
        let newest: HashMap<&[u8], &[u8]> =
            stanzas.iter().map(|(key, value)| (key.as_slice(), value.as_slice())).collect();
        let mut keys: Vec<&[u8]> = newest.keys().copied().collect();
        keys.sort_by_key(|key| draw(generation, key));
        for key in keys {
            match draw(generation + 10, key) % 10 {
                0 | 1 => changes.push(change(key, None)),
                2..7 => {
                    let stanza =
                        format!("{}Generation: {generation}\n", String::from_utf8_lossy(newest[key]));
                    changes.push(change(key, Some(stanza.into_bytes())));
                }
                _ => {} // as it was
            }
        }
    }
    changes
}

/// One reading of everything; what it says is held against the ledger.
fn pass(broker: &Broker, ledger: &Ledger) -> Pass {
    let began = Instant::now();
    // kcat goes on for as long as records come.
    let seen = if oracle() { kcat::consume(broker, TOPIC) } else { own::consume(broker, TOPIC) };
    let places = seen.iter().map(|record| (record.partition, record.offset)).collect();
    let ended = Instant::now();
    seen.into_iter().for_each(|record| ledger.seen("a pass", record));
    Pass { began, ended, places }
}

/// Waits a while for a compaction to be in the midst of writing or replacing a segment.
fn compaction_at_work(broker: &Broker) -> bool {
    let until = Instant::now() + Duration::from_secs(3);
    while Instant::now() < until {
        let at_work = |partition| {
            ["cleaned", "swap"]
                .iter()
                .any(|ending| !segments::files(broker, TOPIC, partition, ending).is_empty())
        };
        if (0..PARTITIONS).any(at_work) {
            return true;
        }
        thread::sleep(Duration::from_millis(1));
    }
    false
}

#[test]
fn package_index_as_a_stream_of_changes() {
    let mut broker = Broker::start(&["log.cleaner.backoff.ms=50"]);
    let retention = format!("delete.retention.ms={}", tombstones_live().as_millis());
    let settings = ["cleanup.policy=compact", "segment.bytes=1048576", "segment.ms=400", &retention];
    let eager = ["min.cleanable.dirty.ratio=0.01", "max.compaction.lag.ms=500"];
    own::create_topic_with(&broker, TOPIC, PARTITIONS, &[settings.as_slice(), &eager].concat());
    let ledger = Arc::new(Ledger::default());
    let changes = changes();
    let total = changes.len();
    let (seconds, most_kills) = if full() { (150, 40) } else { (10, 4) };

    let producers = [(Client::Java, "lz4"), (Client::Librdkafka, "zstd"), (Client::FranzGo, "none")]
        .map(|(client, codec)| Producer::start(client, &broker, TOPIC, codec, &ledger));
    let followers = Client::ALL.map(|client| Follower::start(client, &broker, TOPIC, PARTITIONS, &ledger));
    let feeder = feed(changes, producers, Duration::from_secs(seconds));

    let (mut kills, mut at_work, mut passes) = (0, 0, Vec::new());
    while !feeder.is_finished() || kills < 3 {
        let before = ledger.len();
        // A reader that stands still holds on to what the broker has begun to send.
        followers[kills % 3].pause();
        passes.push(pass(&broker, &ledger));
        let until = Instant::now() + Duration::from_secs(10);
        while ledger.len() < before + total / 20 && !feeder.is_finished() && Instant::now() < until {
            thread::sleep(Duration::from_millis(5));
        }
        followers[kills % 3].resume();
        if kills < most_kills {
            at_work += usize::from(compaction_at_work(&broker));
            broker.kill();
            broker.start_again();
            kills += 1;
        }
    }
    feeder.join().expect("all producers end well");
    let last_acknowledged = Instant::now();
    assert_eq!(ledger.unacknowledged(), [], "every place was promised to the producer of its record");
    assert_eq!(ledger.len(), total);
    assert!(at_work > 0, "{kills} kills, {at_work} in the midst of a compaction");
    while last_acknowledged.elapsed() < tombstones_live() {
        passes.push(pass(&broker, &ledger));
    }
    assert_passes(&ledger, &passes);

    wait_until_left(&broker, TOPIC, &ledger);
    let took = last_acknowledged.elapsed();
    assert!(took < tombstones_live() + LATE, "tombstones went after {took:?}");
    for follower in followers {
        assert_followed(follower, &ledger);
    }
    for fresh in Client::ALL.map(|client| Follower::start(client, &broker, TOPIC, PARTITIONS, &ledger)) {
        let client = fresh.client;
        assert_eq!(assert_followed(fresh, &ledger), ledger.left(), "{client:?}: exactly the last state");
    }
    let packages = ledger.last().len();
    println!("{total} changes of {packages} packages, {kills} kills, {at_work} in the midst of a compaction");
    println!("tombstones were gone {took:?} after the last change");
    assert!(broker.stop().success());
    let dump = segments::dump(&broker, TOPIC, PARTITIONS);
    println!("{} segments of {} records, {} empty batches", dump.segments, dump.places.len(), dump.empty);
    assert_eq!(dump.places, ledger.left(), "records that kafka-dump-log finds");
}

/// Hands the changes to the producers in turn, evenly over a time, and ends them.
fn feed(changes: Vec<Change>, mut producers: [Producer; 3], time: Duration) -> thread::JoinHandle<()> {
    let pause = time.as_secs_f64() / changes.len() as f64;
    thread::spawn(move || {
        let began = Instant::now();
        for (number, change) in changes.iter().enumerate() {
            let due = began + Duration::from_secs_f64(pause * number as f64);
            thread::sleep(due.saturating_duration_since(Instant::now()));
            producers[number % 3].send(change);
        }
        producers.into_iter().for_each(Producer::finish);
    })
}

/// Lets a follower come to the newest records and end: it has seen what makes the last state. Where it has been.
fn assert_followed(mut follower: Follower, ledger: &Ledger) -> Vec<Place> {
    let left = ledger.left();
    let last = |partition| left.iter().filter(|place| place.0 == partition).map(|place| place.1).max();
    follower.wait("the newest records", |state| (0..PARTITIONS).all(|p| state.last(p) >= last(p)));
    let who = format!("{:?}", follower.client);
    let places = follower.finish().places();
    ledger.assert_complete(&who, &places);
    places
}

/// Every pass has the newest record of each key, if it was acknowledged before the pass began; a tombstone for as long as it
/// must live.
fn assert_passes(ledger: &Ledger, passes: &[Pass]) {
    let (mut values, mut tombstones) = (0, 0);
    for last in ledger.last().values() {
        let acknowledged = last.acknowledged.expect("every record was acknowledged");
        let lives = |pass: &&Pass| {
            acknowledged < pass.began
                && (last.change.value.is_some() || pass.ended < acknowledged + tombstones_live())
        };
        for (number, pass) in passes.iter().enumerate().filter(|(_, pass)| lives(pass)) {
            assert!(pass.places.contains(&last.place), "pass {number} lacks what stands at {:?}", last.place);
            *if last.change.value.is_some() { &mut values } else { &mut tombstones } += 1;
        }
    }
    println!(
        "{} passes: {values} times a newest value was there, {tombstones} times a tombstone in its time",
        passes.len()
    );
    assert!(values > 0 && tombstones > 0);
}
