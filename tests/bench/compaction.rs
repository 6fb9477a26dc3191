//! Compaction beside Kafka's cleaner: how fast, at what cost, in how much memory, and what producers notice of it.
//!
//! The records are written while the topic is not compacted; then its `cleanup.policy` is changed, and what follows is
//! watched from outside, in the file where both brokers note how far they have come. One thread each, 128 MiB for the keys.

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hdrhistogram::Histogram;
use thalweg_proto::record::{BatchBuilder, Compression};

use crate::client::{Client, batch};
use crate::figure::{self, Limit};
use crate::process::{BOTH, Broker, Kind};
use crate::throughput::touch_memory;

const KEYS: u64 = 1_000_000;
const VALUE_BYTES: usize = 1000;
/// Records of a batch: the Java producer's, with its `batch.size`.
const RECORDS_PER_BATCH: u64 = 16;
const WRITERS: u64 = 4;
const BUFFER: &str = "log.cleaner.dedupe.buffer.size=134217728";

/// What is enough for the memory of a few ten thousand keys, and the least that Kafka takes for its thread.
const SMALL_BUFFER: u32 = 2 << 20;
/// More keys than it holds.
const UNIQUE_KEYS: u64 = 150_000;

/// How often the producer that is watched sends.
const PROBE_EVERY: Duration = Duration::from_millis(2);
/// How long it is watched while nothing else happens.
const QUIET: Duration = Duration::from_secs(4);

/// What was seen of a broker.
struct Seen {
    mib: f64,
    elapsed: Duration,
    cpu: Duration,
    share_left: f64,
    undisturbed: Histogram<u64>,
    disturbed: Histogram<u64>,
}

/// A virtual machine that does not get its memory or its processors for a tenth of a second would decide about the latency of a
/// single compaction: each is done so many times, by turns, and the figure in the middle counts.
const ROUNDS: usize = 3;

/// All figures of compaction.
pub fn compaction() {
    let rounds: [_; ROUNDS] = std::array::from_fn(|_| BOTH.map(compact));
    let [thalweg, kafka] = [0, 1].map(|who| rounds.each_ref().map(|round| &round[who]));
    let name = |what: &str| format!("compaction, 1 KiB records over {KEYS} keys: {what}");
    let print = |what: &str, unit: &str, of: &dyn Fn(&Seen) -> f64, limit: Limit| {
        let [ours, theirs] = [thalweg, kafka].map(|rounds| figure::median(rounds.map(of)));
        figure::print(&name(what), unit, ours, theirs, limit);
    };
    print("throughput", "MiB/s", &|seen| seen.mib / seen.elapsed.as_secs_f64(), Limit::AtLeast(1.0));
    let cpu = |seen: &Seen| seen.cpu.as_secs_f64() / seen.mib * 1024.0;
    print("broker CPU", "s/GiB", &cpu, Limit::Ratio(1.0));
    print("bytes left", "of all", &|seen| seen.share_left, Limit::None);
    let [ours, theirs] = BOTH.map(bytes_per_key);
    figure::print(&name("memory of a key of 16 bytes"), "B", ours, theirs, Limit::None);
    for (name, quantile) in [("p50", 0.5), ("p99", 0.99)] {
        let at = |times: &Histogram<u64>| times.value_at_quantile(quantile) as f64 / 1000.0;
        let undisturbed = format!("acknowledged and synced before it, {name}");
        print(&undisturbed, "ms", &|seen| at(&seen.undisturbed), Limit::None);
        let disturbed = format!("acknowledged and synced during it, {name}");
        print(&disturbed, "ms", &|seen| at(&seen.disturbed), Limit::Ratio(1.0));
    }
}

fn compact(kind: Kind) -> Seen {
    let mib: u64 = std::env::var("BENCH_MIB").map_or(1024, |v| v.parse().unwrap());
    touch_memory(mib);
    let broker = Broker::start(kind, &["log.cleaner.threads=1", BUFFER, "log.cleaner.backoff.ms=100"]);
    let mut client = Client::connect(&broker.kafka).unwrap();
    // The load is not synced on either side; the producer that is watched has each record synced on both.
    let (lazy, strict): (&[_], &[_]) = match kind {
        Kind::Thalweg => (&[("segment.bytes", "67108864"), ("flush.mode", "os")], &[]),
        Kind::Kafka => (&[("segment.bytes", "67108864")], &[("flush.messages", "1")]),
    };
    client.create_topic("load", 1, lazy);
    client.create_topic("probe", 1, strict);
    let records = mib * 1024 * 1024 / 1024;
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let address = &broker.kafka;
            scope.spawn(move || write(address, writer, records / WRITERS));
        }
    });
    // What the load left for the system to write would delay the watched producer now or later, as chance has it.
    assert!(Command::new("sync").status().unwrap().success());
    let undisturbed = probe(&broker.kafka, |started| started.elapsed() > QUIET);
    let (before, _) = sealed(&broker, kind);
    let (cpu, started, done) = (broker.cpu(), Instant::now(), AtomicBool::new(false));
    client.set_topic("load", &[("cleanup.policy", "compact")]);
    let (disturbed, elapsed) = std::thread::scope(|scope| {
        let watched = scope.spawn(|| probe(&broker.kafka, |_| done.load(Ordering::Relaxed)));
        let end = || sealed(&broker, kind).1;
        while cleaned_to(&broker, kind, "load").is_none_or(|offset| offset < end()) {
            std::thread::sleep(Duration::from_millis(5));
        }
        done.store(true, Ordering::Relaxed);
        (watched.join().unwrap(), started.elapsed())
    });
    let cpu = broker.cpu() - cpu;
    let (after, _) = sealed(&broker, kind);
    Seen {
        mib: before as f64 / 1024.0 / 1024.0,
        elapsed,
        cpu,
        share_left: after as f64 / before as f64,
        undisturbed,
        disturbed,
    }
}

/// Writes records over all keys, in an order that is each time the same.
fn write(address: &str, writer: u64, records: u64) {
    let mut client = Client::connect(address).unwrap();
    let value = vec![b'v'; VALUE_BYTES];
    let mut state = writer;
    for _ in 0..records / RECORDS_PER_BATCH {
        let keys = (0..RECORDS_PER_BATCH).map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % KEYS
        });
        assert_eq!(client.produce("load", &keyed(keys, &value)), 0);
    }
}

fn keyed(keys: impl Iterator<Item = u64>, value: &[u8]) -> Bytes {
    let mut batch = BatchBuilder::new(Compression::None);
    for key in keys {
        batch.append(now_ms(), Some(format!("key-{key:012}").as_bytes()), Some(value), []).unwrap();
    }
    batch.build().unwrap()
}

fn now_ms() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH);
    i64::try_from(now.unwrap().as_millis()).unwrap()
}

/// How long records take to be acknowledged, from when each is due, until `ended` says so.
fn probe(address: &str, ended: impl Fn(Instant) -> bool) -> Histogram<u64> {
    let mut client = Client::connect(address).unwrap();
    let mut times = Histogram::new_with_bounds(1, 60_000_000, 3).unwrap();
    let batch = batch(1024);
    let started = Instant::now();
    let mut due = started;
    while !ended(started) {
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        assert_eq!(client.produce("probe", &batch), 0);
        times.record(u64::try_from(due.elapsed().as_micros()).unwrap()).unwrap();
        due += PROBE_EVERY;
    }
    times
}

/// Keys that each are written once, more than there is memory for: how much of it each took, as far as the first run came.
fn bytes_per_key(kind: Kind) -> f64 {
    let buffer = format!("log.cleaner.dedupe.buffer.size={SMALL_BUFFER}");
    let broker = Broker::start(kind, &["log.cleaner.threads=1", &buffer, "log.cleaner.backoff.ms=100"]);
    let mut client = Client::connect(&broker.kafka).unwrap();
    client.create_topic("unique", 1, &[("segment.bytes", "1048576")]);
    for first in (0..UNIQUE_KEYS).step_by(1000) {
        assert_eq!(client.produce("unique", &keyed(first..first + 1000, b"v")), 0);
    }
    client.set_topic("unique", &[("cleanup.policy", "compact")]);
    loop {
        if let Some(offset) = cleaned_to(&broker, kind, "unique").filter(|offset| *offset > 0) {
            return f64::from(SMALL_BUFFER) / offset as f64;
        }
        std::thread::sleep(Duration::from_micros(200));
    }
}

fn logs(broker: &Broker, kind: Kind) -> PathBuf {
    match kind {
        Kind::Thalweg => broker.data().to_path_buf(),
        Kind::Kafka => broker.data().join("log"),
    }
}

/// Bytes of the segments of `load` that take no more, and the offset behind them.
fn sealed(broker: &Broker, kind: Kind) -> (u64, i64) {
    let mut segments: Vec<(i64, u64)> = Vec::new();
    for entry in std::fs::read_dir(logs(broker, kind).join("load-0")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let offset = name.strip_suffix(".log").and_then(|offset| offset.parse().ok());
        // A segment may go between the listing and the question for its length.
        segments.extend(offset.and_then(|offset| Some((offset, entry.metadata().ok()?.len()))));
    }
    segments.sort_unstable();
    let (active, _) = segments.pop().unwrap();
    (segments.iter().map(|(_, bytes)| bytes).sum(), active)
}

/// How far a partition has been compacted.
fn cleaned_to(broker: &Broker, kind: Kind, topic: &str) -> Option<i64> {
    let text = std::fs::read_to_string(logs(broker, kind).join("cleaner-offset-checkpoint")).ok()?;
    let line = text.lines().find(|line| line.starts_with(&format!("{topic} 0 ")))?;
    line.rsplit_once(' ')?.1.parse().ok()
}
