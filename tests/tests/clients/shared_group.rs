//! One group of kcat (the classic protocol) and of our command line over gRPC: the group machine makes them one kind.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::harness::broker::{Broker, binary};
use crate::harness::{command, oracle, own};

const PARTITIONS: i32 = 12;
const LIMIT: Duration = Duration::from_secs(90);

/// A member that writes what it reads into a file.
struct Member {
    child: Child,
    name: &'static str,
}

impl Member {
    fn start(mut command: Command, name: &'static str, directory: &Path) -> Self {
        let out = File::create(directory.join(name)).unwrap();
        let child = command.stdin(Stdio::null()).stdout(out).stderr(Stdio::null()).spawn().unwrap();
        Self { child, name }
    }

    fn kcat(broker: &Broker, name: &'static str, directory: &Path) -> Self {
        let mut kcat = Command::new(command::program("kcat", "apt-get install kcat"));
        kcat.args(["-b", &broker.kafka, "-X", "auto.offset.reset=earliest", "-X", "session.timeout.ms=6000"]);
        kcat.args(["-u", "-G", "g", "shared"]);
        Self::start(kcat, name, directory)
    }

    fn own(broker: &Broker, name: &'static str, directory: &Path) -> Self {
        let mut own = Command::new(binary());
        own.args(["consume", "-g", "g", "shared"]).env("THALWEG_BOOTSTRAP", &broker.bootstrap);
        Self::start(own, name, directory)
    }

    /// Leaves as when a person stops it.
    fn stop(mut self) {
        kill_process(Pid::from_child(&self.child), Signal::INT).unwrap();
        let status = command::wait(&mut self.child, LIMIT).expect("a member ends in time");
        assert!(status.success(), "{}: {status}", self.name);
    }
}

/// One record into every partition; the value says which.
fn produce(broker: &Broker, number: usize) {
    let line = |partition| format!("{{\"partition\":{partition},\"value\":\"{partition}-{number}\"}}\n");
    let lines: String = (0..PARTITIONS).map(line).collect();
    own::thalweg(broker, &["produce", "shared", "--json"], lines.as_bytes());
}

/// Feeds the topic until so many members share the partitions evenly and the group is at rest.
fn until_shared(broker: &Broker, members: usize, number: &mut usize) {
    let begun = Instant::now();
    loop {
        produce(broker, *number);
        *number += 1;
        let listed = own::thalweg(broker, &["group", "list", "-O", "name"], b"");
        if listed.text().contains('g') {
            let described = own::thalweg(broker, &["group", "describe", "g", "-O", "json"], b"");
            let described: Value = serde_json::from_str(&described.text()).unwrap();
            let shares: Vec<usize> = described["members"]
                .as_array()
                .unwrap()
                .iter()
                .map(|member| member["assigned"].as_array().unwrap().len())
                .collect();
            let even = shares.iter().all(|share| *share == PARTITIONS as usize / members);
            if described["state"] == "Stable" && shares.len() == members && even {
                return;
            }
        }
        assert!(begun.elapsed() < LIMIT, "{members} members do not come to share");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn kcat_and_our_command_line_share_a_group() {
    if oracle() {
        return;
    }
    let broker = Broker::start(&["group.initial.rebalance.delay.ms=0", "offsets.topic.num.partitions=3"]);
    own::create_topic(&broker, "shared", PARTITIONS);
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let mut number = 0;

    let theirs = Member::kcat(&broker, "kcat", directory);
    until_shared(&broker, 1, &mut number);
    let ours = Member::own(&broker, "own", directory);
    until_shared(&broker, 2, &mut number);
    let more = [Member::own(&broker, "own-2", directory), Member::kcat(&broker, "kcat-2", directory)];
    until_shared(&broker, 4, &mut number);
    theirs.stop();
    ours.stop();
    until_shared(&broker, 2, &mut number);

    let expected: BTreeSet<String> = (0..number)
        .flat_map(|number| (0..PARTITIONS).map(move |partition| format!("{partition}-{number}")))
        .collect();
    let begun = Instant::now();
    loop {
        let read = |name: &str| std::fs::read_to_string(directory.join(name)).unwrap();
        let text: String = ["kcat", "own", "own-2", "kcat-2"].map(read).concat();
        let seen: BTreeSet<String> = text.lines().map(str::to_owned).collect();
        if seen == expected {
            break;
        }
        assert!(begun.elapsed() < LIMIT, "skipped: {:?}", expected.difference(&seen).collect::<Vec<_>>());
        std::thread::sleep(Duration::from_millis(100));
    }
    more.into_iter().for_each(Member::stop);
}
