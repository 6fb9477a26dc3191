//! How a broker starts and stops, and why it does not start.

use std::io::Read;

use rustix::process::Signal;

use crate::harness::{Broker, run, run_with};

#[test]
fn serve_says_one_line_and_stops_cleanly() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut broker = Broker::start();
        assert!(
            broker.ready.starts_with(&format!("ready kafka={} http={} data=/", broker.kafka, broker.http))
        );
        assert_eq!(broker.stop(signal).code(), Some(0));
        let mut rest = String::new();
        broker.output.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "");
    }
}

#[test]
fn dev_is_gone_when_it_stops() {
    let mut broker = Broker::start_with(&["dev"]);
    broker.run(&["topic", "create", "greetings"]).ends(0);
    let data = broker.ready.trim().split_once("data=").unwrap().1.to_owned();
    assert!(std::path::Path::new(&data).is_dir());
    assert_eq!(broker.stop(Signal::TERM).code(), Some(0));
    assert!(!std::path::Path::new(&data).exists());
    let mut lines = String::new();
    broker.output.read_to_string(&mut lines).unwrap();
    assert_eq!(lines.lines().count(), 3, "{lines}");
    assert!(lines.lines().all(|line| line.contains("thalweg ") && line.contains(&broker.http)), "{lines}");
}

#[test]
fn what_keeps_a_broker_from_starting_is_said_in_one_line() {
    let broker = Broker::start();
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("other");
    let data = data.to_str().unwrap();
    let free = ["--listen-kafka", "127.0.0.1:0", "--listen-http", "127.0.0.1:0"];
    let serve = |arguments: &[&str]| run(&[&["serve", "--data-dir", data], arguments].concat());

    let locked = broker.ready.trim().split_once("data=").unwrap().1;
    let start = [&["serve", "--data-dir", locked], &free[..]].concat();
    run(&start).fails(4, "is locked by another process", "--data-dir");
    serve(&["--listen-kafka", &broker.kafka, "--listen-http", "127.0.0.1:0"]).fails(4, "in use", "port 0");
    serve(&["--listen-kafka", "127.0.0.1:0", "--listen-http", &broker.http]).fails(4, "in use", "port 0");
    serve(&["--listen-kafka", "0.0.0.0:0"]).fails(5, "PLAINTEXT://0.0.0.0:0", "--allow-insecure-listener");
    serve(&["--listen-http", "0.0.0.0:0"]).fails(5, "http://0.0.0.0:0", "--allow-insecure-listener");
    serve(&["--set", "log.segment.byte=1"]).fails(
        2,
        "log.segment.byte",
        "did you mean \"log.segment.bytes\"?",
    );
    serve(&["--set", "log.segment.bytes=1"]).fails(2, "Value must be at least 1048576", "");
    serve(&["--set", "nonsense"]).fails(2, "KEY=VALUE", "");
    serve(&["--config", "/no/such/file.toml"]).fails(2, "/no/such/file.toml", "");
    run_with(&["serve"], &[("THALWEG_NUM_PARTITION", "2")]).fails(
        2,
        "THALWEG_NUM_PARTITION",
        "num.partitions",
    );

    let strange = directory.path().join("strange");
    std::fs::create_dir(&strange).unwrap();
    std::fs::write(strange.join("meta.properties"), "version=1\ncluster.id=x\nthalweg.format=9\n").unwrap();
    let start = [&["serve", "--data-dir", strange.to_str().unwrap()], &free[..]].concat();
    run(&start).fails(1, "format 9 is not known", "");
    std::fs::write(directory.path().join("file"), "").unwrap();
    let file = directory.path().join("file");
    let start = [&["serve", "--data-dir", file.to_str().unwrap()], &free[..]].concat();
    assert!(run(&start).ends(1).err.contains("error: "));
}
