//! A real process that is killed, and one that is asked to stop, in the middle of a load.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use thalweg_proto::api::ApiKey;
use thalweg_proto::messages::produce;

use crate::support::{Client, produce_request};

/// The broker as a process of its own.
pub struct Process {
    pub child: Child,
    pub address: SocketAddr,
}

impl Process {
    /// Starts the binary that lies beside this test's.
    pub fn start(data: &Path) -> Self {
        let mut child = Command::new(binary())
            .args(["serve", "--listen-kafka", "127.0.0.1:0", "--listen-http", "127.0.0.1:0", "--data-dir"])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        let address = ready.split_whitespace().find_map(|word| word.strip_prefix("kafka="));
        let address = address.unwrap_or_else(|| panic!("not ready: {ready:?}")).parse().unwrap();
        Self { child, address }
    }

    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn binary() -> PathBuf {
    let beside = || std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().join("thalweg");
    let path = std::env::var_os("THALWEG_BIN").map_or_else(beside, PathBuf::from);
    assert!(path.is_file(), "{} is not built: cargo build -p thalweg", path.display());
    path
}

/// Produces until the connection ends, eight requests in flight; how many were acknowledged.
async fn load(mut client: Client, partition: i32) -> i64 {
    let (mut sent, mut acknowledged) = (0i64, 0i64);
    loop {
        while sent < acknowledged + 8 {
            let value = format!("{partition}/{sent}");
            let request = produce_request("orders", partition, &[&value]);
            if client.try_send(ApiKey::Produce, 9, &request).await.is_none() {
                return acknowledged;
            }
            sent += 1;
        }
        let Some((_, response)) = client.receive::<produce::Response>(ApiKey::Produce, 9).await else {
            return acknowledged;
        };
        let answer = &response.responses[0].partition_responses[0];
        assert_eq!((answer.error_code, answer.base_offset), (0, acknowledged));
        acknowledged += 1;
    }
}

/// Stops a loaded broker by a signal, starts it again, and finds everything that was acknowledged.
async fn survives(signal: Signal) -> Option<i32> {
    let data = tempfile::tempdir().unwrap();
    let mut process = Process::start(data.path());
    Client::connect(process.address).await.create_topic("orders", 4, &[]).await;
    let mut loads = Vec::new();
    for partition in 0..4 {
        loads.push(tokio::spawn(load(Client::connect(process.address).await, partition)));
    }
    tokio::time::sleep(Duration::from_millis(700)).await;
    process.signal(signal);
    let mut acknowledged = Vec::new();
    for load in loads {
        acknowledged.push(load.await.unwrap());
    }
    let status = process.child.wait().unwrap().code();
    assert!(acknowledged.iter().all(|count| *count > 0), "{acknowledged:?}");

    let again = Process::start(data.path());
    let mut client = Client::connect(again.address).await;
    for (partition, acknowledged) in (0..4).zip(acknowledged) {
        let read = client.read_all("orders", partition).await;
        assert!(i64::try_from(read.len()).unwrap() >= acknowledged, "{} < {acknowledged}", read.len());
        for (place, (offset, value)) in read.iter().enumerate() {
            assert_eq!(
                (*offset, value.as_str()),
                (i64::try_from(place).unwrap(), &*format!("{partition}/{place}"))
            );
        }
        let next = client.produce("orders", partition, &["after"]).await;
        assert_eq!(next, i64::try_from(read.len()).unwrap());
    }
    status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_broker_keeps_everything_it_acknowledged() {
    assert_eq!(survives(Signal::KILL).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_is_asked_to_stop_under_load_stops_cleanly() {
    assert_eq!(survives(Signal::TERM).await, Some(0));
}
