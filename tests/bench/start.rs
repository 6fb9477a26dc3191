//! How soon the first question is answered, and how much memory an idle broker takes.

use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::figure::{self, Limit};
use crate::process::{BOTH, Broker, Kind, command, end};

/// What the first answer may take, in milliseconds.
const FIRST_ANSWER: Limit = Limit::Of(50.0);
/// What an idle broker may hold in memory, in MiB.
const IDLE: Limit = Limit::Of(20.0);
/// Partitions of the data directory that is not empty.
const MANY: i32 = 1_000;

/// From exec to the first ApiVersions answer.
pub fn first_answer() {
    let [thalweg, kafka] = BOTH.map(|kind| {
        let times = if kind == Kind::Thalweg { 9 } else { 3 };
        let empty = || tempfile::Builder::new().prefix("thalweg-bench-").tempdir().unwrap();
        figure::least((0..times).map(|_| once(kind, empty().path())).collect())
    });
    figure::print("first ApiVersions after exec", "ms", thalweg, kafka, FIRST_ANSWER);
}

/// The same over a data directory of many partitions, each with a record, that was closed cleanly.
pub fn first_answer_of_many() {
    let [thalweg, kafka] = BOTH.map(|kind| {
        let mut broker = Broker::start(kind, &[]);
        let mut client = Client::connect(&broker.kafka).unwrap();
        client.create_topic("many", MANY, &[]);
        let batch = crate::client::batch(100);
        for partition in 0..MANY {
            while client.produce_to("many", partition, &batch) != 0 {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        broker.stop();
        let times = if kind == Kind::Thalweg { 9 } else { 1 };
        figure::least((0..times).map(|_| once(kind, broker.data())).collect())
    });
    figure::print(&format!("the same with {MANY} partitions"), "ms", thalweg, kafka, FIRST_ANSWER);
}

fn once(kind: Kind, data: &Path) -> f64 {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let mut command = command(kind, &port.to_string(), data, &[]);
    let started = Instant::now();
    let mut child = command.stdout(std::process::Stdio::null()).spawn().unwrap();
    loop {
        if Client::connect(&address).and_then(|mut client| client.api_versions()).is_ok() {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(300), "no answer in five minutes");
        std::thread::sleep(Duration::from_micros(200));
    }
    let elapsed = started.elapsed().as_secs_f64() * 1000.0;
    end(&mut child);
    elapsed
}

/// Resident memory of a broker that has answered and waits.
pub fn idle_memory() {
    let [thalweg, kafka] = BOTH.map(|kind| {
        let broker = Broker::start(kind, &[]);
        Client::connect(&broker.kafka).unwrap().api_versions().unwrap();
        std::thread::sleep(Duration::from_secs(3));
        broker.resident_mib()
    });
    figure::print("resident memory when idle", "MiB", thalweg, kafka, IDLE);
}
