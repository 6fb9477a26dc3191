//! Other people's own integration tests.

use std::process::Command;
use std::time::Duration;

use crate::harness::broker::Broker;
use crate::harness::{command, peers};

/// Runs a suite of the peers; it must pass what it passes on Kafka.
fn suite(name: &str, settings: &[&str]) {
    let broker = Broker::start(settings);
    let mut check = Command::new(command::program("python3", "install Python 3"));
    check.arg(peers::path("suites/check")).args([name, &broker.kafka]);
    let output = command::attempt(&mut check, b"", Duration::from_secs(1200));
    let text = output.text();
    let missing: Vec<&str> =
        text.lines().filter(|line| line.starts_with("passes on Kafka, not here: ")).collect();
    println!("{name}: {}", text.lines().last().unwrap_or_default());
    assert!(output.status.success(), "{}\n{text}{}", missing.join("\n"), output.stderr);
}

#[test]
fn rskafka() {
    suite("rskafka", &[]);
}
