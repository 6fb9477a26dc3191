//! How soon the first question is answered, and how much memory an idle broker takes.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::figure;
use crate::process::{BOTH, Broker, Kind, command, end};

/// From exec to the first ApiVersions answer.
pub fn first_answer() {
    let [thalweg, kafka] = BOTH.map(|kind| {
        let times = if kind == Kind::Thalweg { 9 } else { 3 };
        figure::median((0..times).map(|_| once(kind)).collect())
    });
    figure::print("first ApiVersions after exec", "ms", thalweg, kafka);
}

fn once(kind: Kind) -> f64 {
    let data = tempfile::Builder::new().prefix("thalweg-bench-").tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let mut command = command(kind, &port.to_string(), data.path(), &[]);
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
    figure::print("resident memory when idle", "MiB", thalweg, kafka);
}
