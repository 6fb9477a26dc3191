//! Recorded conversations with Apache Kafka 4.3.1, played to the broker: the same answers, but for the deviations that are listed.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::time::Duration;

use crate::harness::broker::Broker;
use crate::harness::{command, peers};

/// The areas whose APIs are served.
const AREAS: [&str; 19] = [
    "alter configs",
    "alter configs incrementally",
    "brokers",
    "cluster",
    "create partitions",
    "create topics",
    "delete records",
    "delete topics",
    "describe configs",
    "epoch ends",
    "fetch",
    "fetch sessions",
    "hostile",
    "idempotence",
    "list offsets",
    "log dirs",
    "metadata",
    "produce",
    "topic partitions",
];

/// Scenario and reason, from the list "Deviations" of docs/COMPATIBILITY.md.
fn deviations() -> BTreeMap<String, String> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/COMPATIBILITY.md");
    let text = std::fs::read_to_string(page).unwrap();
    let rows = text.lines().skip_while(|line| *line != "| scenario | reason |").skip(2);
    rows.take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            assert!(cells.len() == 2 && cells[1].len() > 20, "a scenario and a reason: {line}");
            (cells[0].trim_matches('`').to_owned(), cells[1].to_owned())
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

    let named = |mark: &str| -> BTreeSet<String> {
        let lines = text.lines().filter_map(|line| line.strip_prefix(mark));
        lines.map(|line| line.split([':', '(']).next().unwrap().trim().to_owned()).collect()
    };
    let (same, differing) = (named("same "), named("differs "));
    println!("{} scenarios are the same, {} differ", same.len(), differing.len());
    for area in AREAS {
        assert!(
            same.union(&differing).any(|name| name.starts_with(&format!("{area}/"))),
            "no scenario of {area}"
        );
    }
    let allowed: BTreeSet<String> = deviations().into_keys().collect();
    let unknown: Vec<&String> = differing.difference(&allowed).collect();
    let outdated: Vec<&String> = allowed.intersection(&same).collect();
    assert!(outdated.is_empty(), "listed in docs/COMPATIBILITY.md, but the same: {outdated:?}");
    assert!(unknown.is_empty(), "{} scenarios differ from Kafka: {unknown:?}\n{text}", unknown.len());
}
