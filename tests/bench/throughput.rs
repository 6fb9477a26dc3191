//! Produce and fetch at full speed with other people's clients: throughput, and CPU of the broker for each GiB.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::client::Client;
use crate::figure::{self, Limit};
use crate::process::{BOTH, Broker, Kind, peer};

const RECORD_BYTES: u64 = 1024;
const PARTITIONS: i32 = 4;
/// What producing may cost in relation to Kafka, in CPU of the broker.
const PRODUCE_CPU: Limit = Limit::Ratio(0.25);

/// What one broker needed.
struct Cost {
    seconds: f64,
    broker_cpu: f64,
}

/// Produces with Kafka's own tool, acks=1, page cache only on both sides, then reads everything with kcat.
pub fn produce_and_fetch() {
    let mib: u64 = std::env::var("BENCH_MIB").map_or(1024, |v| v.parse().unwrap());
    let gib = u32::try_from(mib).map(f64::from).unwrap() / 1024.0;
    let [thalweg, kafka] = BOTH.map(|kind| {
        // Kafka leaves flushing to the operating system by default; ours is told to.
        let settings: &[&str] = if kind == Kind::Thalweg { &["flush.mode=os"] } else { &[] };
        touch_memory(mib);
        let broker = Broker::start(kind, settings);
        let mut client = Client::connect(&broker.kafka).unwrap();
        client.create_topic("warm", PARTITIONS, &[]);
        client.create_topic("load", PARTITIONS, &[]);
        produce(&broker, "warm", 100_000);
        let produced = measured(&broker, || produce(&broker, "load", mib * 1024 * 1024 / RECORD_BYTES));
        fetch(&broker, "warm");
        let fetched = measured(&broker, || fetch(&broker, "load"));
        (produced, fetched)
    });
    let kinds =
        [("produce", &thalweg.0, &kafka.0, PRODUCE_CPU), ("fetch", &thalweg.1, &kafka.1, Limit::None)];
    for (name, ours, theirs, limit) in kinds {
        figure::print(
            &format!("{name} 1 KiB, broker CPU"),
            "s/GiB",
            ours.broker_cpu / gib,
            theirs.broker_cpu / gib,
            limit,
        );
        figure::print(
            &format!("{name} 1 KiB, throughput"),
            "MiB/s",
            gib * 1024.0 / ours.seconds,
            gib * 1024.0 / theirs.seconds,
            Limit::None,
        );
    }
}

/// Writes and drops as much as will be produced. A virtual machine's host backs its memory on first touch, which costs
/// more than all the broker does, and falls to whoever happens to come first.
pub fn touch_memory(mib: u64) {
    let mut file = tempfile::tempfile().unwrap();
    let chunk = vec![1; 1 << 20];
    for _ in 0..2 * mib {
        file.write_all(&chunk).unwrap();
    }
}

fn measured(broker: &Broker, work: impl FnOnce()) -> Cost {
    let (cpu, started) = (broker.cpu(), Instant::now());
    work();
    Cost { seconds: started.elapsed().as_secs_f64(), broker_cpu: (broker.cpu() - cpu).as_secs_f64() }
}

fn produce(broker: &Broker, topic: &str, records: u64) {
    let (records, size) = (records.to_string(), RECORD_BYTES.to_string());
    let mut tool = Command::new(peer("kafka"));
    tool.args(["tool", "producer-perf", "--topic", topic, "--num-records", &records, "--record-size", &size]);
    tool.args([
        "--throughput",
        "-1",
        "--command-property",
        &format!("bootstrap.servers={}", broker.kafka),
        "acks=1",
    ]);
    succeeds(&mut tool);
}

fn fetch(broker: &Broker, topic: &str) {
    let mut kcat = Command::new("kcat");
    kcat.args(["-b", &broker.kafka, "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-f", ""]);
    succeeds(&mut kcat);
}

fn succeeds(command: &mut Command) {
    let done = command.stdin(Stdio::null()).output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(
        done.status.success(),
        "{command:?}: {}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
}
