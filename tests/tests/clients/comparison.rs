//! Recorded conversations with Apache Kafka 4.3.1, played to the broker: the same answers, but for the deviations that are listed.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::time::Duration;

use crate::harness::broker::Broker;
use crate::harness::{command, peers};

/// The areas whose APIs are served.
const AREAS: &[&str] = &[
    "alter configs",
    "alter configs incrementally",
    "brokers",
    "classic groups",
    "cluster",
    "consumer groups",
    "create partitions",
    "create topics",
    "delete records",
    "delete topics",
    "describe configs",
    "epoch ends",
    "fetch",
    "fetch sessions",
    "group configs",
    "hostile",
    "idempotence",
    "list offsets",
    "log dirs",
    "metadata",
    "offsets",
    "produce",
    "reassignments",
    "topic partitions",
];

/// Scenario and number of differing exchanges, from the list "Deviations" of docs/COMPATIBILITY.md.
fn deviations() -> BTreeMap<String, usize> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/COMPATIBILITY.md");
    let text = std::fs::read_to_string(page).unwrap();
    let rows = text.lines().skip_while(|line| *line != "| scenario | exchanges | reason |").skip(2);
    rows.take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            assert!(cells.len() == 3 && cells[2].len() > 20, "a scenario, a number and a reason: {line}");
            (cells[0].trim_matches('`').to_owned(), cells[1].parse().unwrap())
        })
        .collect()
}

#[test]
fn answers_are_those_of_kafka() {
    command::program("go", "install Go 1.26 or newer");
    let broker = Broker::start(&[
        "offsets.topic.num.partitions=8",
        "transaction.state.log.num.partitions=8",
        "share.coordinator.state.topic.num.partitions=8",
        "group.initial.rebalance.delay.ms=0",
    ]);
    let mut play = Command::new(peers::path("compare/run"));
    play.args(["--show", "1000", "--only", &format!("^({})/", AREAS.join("|")), "replay"]);
    play.arg(peers::path("compare/kafka-4.3.1.json")).arg(&broker.kafka);
    let output = command::attempt(&mut play, b"", Duration::from_secs(300));
    let text = output.text();
    assert!(text.contains("\ncompare: "), "the comparison did not end: {text}{}", output.stderr);

    let (same, differing) = outcomes(&text);
    println!("{} scenarios are the same, {} differ", same.len(), differing.len());
    for area in AREAS {
        let mut played = same.iter().chain(differing.keys());
        assert!(played.any(|name| name.starts_with(&format!("{area}/"))), "no scenario of {area}");
    }
    let allowed = deviations();
    let outdated: Vec<&String> = allowed.keys().filter(|name| same.contains(*name)).collect();
    assert!(outdated.is_empty(), "listed in docs/COMPATIBILITY.md, but the same: {outdated:?}");
    assert!(
        differing == allowed,
        "differing exchanges: {differing:?}, listed in docs/COMPATIBILITY.md: {allowed:?}\n{text}"
    );
}

/// The scenarios that are the same, and those that differ with the number of differing exchanges.
fn outcomes(text: &str) -> (BTreeSet<String>, BTreeMap<String, usize>) {
    let lines = |mark: &'static str| text.lines().filter_map(move |line| line.strip_prefix(mark));
    let name = |line: &str| line.split([':', '(']).next().unwrap().trim().to_owned();
    let count = |line: &str| {
        line.rsplit('(').next().and_then(|rest| rest.split(' ').next()?.parse().ok()).unwrap_or(0)
    };
    (lines("same ").map(name).collect(), lines("differs ").map(|line| (name(line), count(line))).collect())
}
