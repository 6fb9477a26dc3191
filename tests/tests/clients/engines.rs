//! Stream engines that need offsets and groups, each with a small job of its own and an exact answer.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::harness::broker::Broker;
use crate::harness::peers::run_tool;
use crate::harness::records::{Seen, parse_lines};
use crate::harness::{command, data, full, own, setup};
use crate::kcat;

const LIMIT: Duration = Duration::from_secs(400);
const PARTITIONS: i32 = 4;

/// The spout assigns itself partitions and commits for a group without members; it begins where the group's offsets say.
#[test]
fn storm_spout() {
    let broker = Broker::start(&[]);
    own::create_topic(&broker, "packages", PARTITIONS);
    kcat::produce(&broker, "packages", "lz4", &data::stanzas()[..3000]);
    let mut wanted = kcat::consume(&broker, "packages");
    let consumer_groups = |args: &[&str]| {
        run_tool(
            "consumer-groups",
            &[&["--bootstrap-server", &broker.kafka, "--group", "storm"], args].concat(),
        )
        .text()
    };
    consumer_groups(&["--reset-offsets", "--topic", "packages:1", "--to-offset", "100", "--execute"]);
    wanted.retain(|record| record.partition != 1 || record.offset >= 100);

    let mut storm = setup::engine("storm", "512m");
    storm.args([&broker.kafka, "packages", "storm", &wanted.len().to_string()]);
    let mut seen = parse_lines(&command::run(&mut storm, b"", LIMIT).text());
    let place = |record: &Seen| (record.partition, record.offset);
    seen.sort_by_key(place);
    wanted.sort_by_key(place);
    assert_eq!(seen.len(), wanted.len(), "records, each once");
    for (seen, wanted) in seen.iter().zip(&wanted) {
        assert!(seen == wanted, "{:?} instead of {:?}", place(seen), place(wanted));
    }

    let described = consumer_groups(&["--describe", "--offsets"]);
    let rows = described.lines().filter(|line| line.starts_with("storm "));
    let lags: Vec<&str> = rows.map(|row| row.split_whitespace().nth(5).unwrap()).collect();
    assert_eq!(lags, ["0"; 4], "{described}");
}

/// Windows of five minutes over ten seconds of disorder; the job dies in the middle and goes on from its checkpoint, and what
/// comes after the watermark is left out.
#[test]
fn spark_structured_streaming() {
    if !full() {
        return println!("only with FULL=1: Spark's jars are 280 MB");
    }
    let broker = Broker::start(&[]);
    own::create_topic(&broker, "events", PARTITIONS);
    let expected = produce_events(&broker);
    let folder = tempfile::tempdir().unwrap();
    let stream = |offsets_by_group: &str, more: &[&str]| -> Command {
        let mut spark = setup::engine("spark", "768m");
        let folder: &Path = folder.path();
        spark
            .args(["stream", &broker.kafka, "events"])
            .arg(folder)
            .args(["3000", offsets_by_group])
            .args(more);
        spark
    };
    let died = command::attempt(&mut stream("false", &["3"]), b"", LIMIT);
    assert_eq!(died.status.code(), Some(77), "the job dies after three batches: {}", died.stderr);
    let output = command::run(&mut stream("true", &[]), b"", LIMIT);
    assert!(output.stderr.contains("batch 3, ") && !output.stderr.contains("batch 0, "), "{}", output.stderr);

    let found: BTreeMap<(i64, String), (i64, i64)> = output.text().lines().map(parse_window).collect();
    assert_eq!(found.len(), output.text().lines().count(), "a window comes once");
    for (window, sums) in &expected {
        assert_eq!(found.get(window), Some(sums), "{window:?}");
    }
    assert_eq!(found.len(), expected.len(), "windows");
}

fn parse_window(line: &str) -> ((i64, String), (i64, i64)) {
    let words: Vec<&str> = line.split(' ').collect();
    let number = |at: usize| words[at].parse().unwrap();
    ((number(0), words[1].to_owned()), (number(2), number(3)))
}

/// Produces 16,000 events, one a second, up to four seconds out of order, late ones among them, and one a partition that closes
/// all windows; gives count and sum of each window, told by its start in seconds, and key.
fn produce_events(broker: &Broker) -> BTreeMap<(i64, String), (i64, i64)> {
    const START: i64 = 1_700_000_000_000;
    const EVENTS: i64 = 16_000;
    let mut windows: BTreeMap<(i64, String), (i64, i64)> = BTreeMap::new();
    let mut partitions = vec![String::new(); usize::try_from(PARTITIONS).unwrap()];
    let mut state: u64 = 0x2545_f491_4f6c_dd1d;
    let mut random = |below: i64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(state >> 33).unwrap() % below
    };
    let targets = (0..partitions.len()).cycle();
    for (number, target) in (0..EVENTS).zip(targets) {
        let late = number > EVENTS / 2 && random(100) == 0;
        let time = START + if late { random(3_600_000) } else { number * 1000 + random(8001) - 4000 };
        let (key, amount) = (format!("key-{}", random(5)), random(1000));
        partitions[target] += &format!("{key}\t{time} {amount}\n");
        if !late {
            let sums = windows.entry((time.div_euclid(300_000) * 300, key)).or_default();
            *sums = (sums.0 + 1, sums.1 + amount);
        }
    }
    for (partition, lines) in partitions.iter_mut().enumerate() {
        *lines += &format!("last\t{} 1\n", START + EVENTS * 1000 + 3_600_000);
        kcat::produce_lines(broker, "events", partition, lines);
    }
    windows
}
