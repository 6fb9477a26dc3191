//! A group of one client: its members as processes that join, leave and die.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::ledger::Ledger;
use super::load::Acknowledged;
use super::{PARTITIONS, TOPIC};
use crate::harness::broker::Broker;
use crate::harness::command;

/// Far above what a rebalance takes: a busy machine is no failure.
const LIMIT: Duration = Duration::from_secs(90);

/// How a client's members are started: a name, the program, and what it takes for the protocol.
pub struct Client {
    pub name: &'static str,
    pub program: fn() -> Command,
    pub protocol: &'static str,
}

pub struct Group {
    pub name: &'static str,
    client: Client,
    broker: String,
    folder: PathBuf,
    ledger: Arc<Mutex<Ledger>>,
    members: Vec<Member>,
    started: usize,
}

struct Member {
    id: usize,
    instance: Option<String>,
    child: Child,
    stdin: Option<ChildStdin>,
    reader: JoinHandle<()>,
}

impl Group {
    pub fn new(client: Client, broker: &Broker) -> Group {
        let folder = broker.data.parent().unwrap().to_owned();
        let ledger = Arc::new(Mutex::new(Ledger::new(PARTITIONS)));
        let (name, broker) = (client.name, broker.kafka.clone());
        Group { name, client, broker, folder, ledger, members: Vec::new(), started: 0 }
    }

    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap()
    }

    pub fn size(&self) -> usize {
        self.members.len()
    }

    /// Starts one more member.
    pub fn add(&mut self) {
        self.start(self.client.protocol, None);
    }

    /// Starts one more member, with a protocol of its own.
    pub fn add_with(&mut self, protocol: &str) {
        self.start(protocol, None);
    }

    /// Starts one more static member, `instance` in the group's eyes.
    pub fn add_static(&mut self, instance: &str) {
        self.start(self.client.protocol, Some(instance.to_owned()));
    }

    fn start(&mut self, protocol: &str, instance: Option<String>) {
        let id = self.started;
        self.started += 1;
        self.ledger().joins(id);
        let complaints = std::fs::File::create(self.complaints(id)).unwrap();
        let mut program = (self.client.program)();
        program.args([&self.broker, TOPIC, self.name, protocol]).args(&instance);
        program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(complaints);
        let mut child = program.spawn().unwrap_or_else(|e| panic!("{program:?}: {e}"));
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let ledger = self.ledger.clone();
        let reader = std::thread::spawn(move || {
            let mut line = String::new();
            // What a killed member was writing has no end of line.
            while stdout.read_line(&mut line).is_ok_and(|_| line.ends_with('\n')) {
                ledger.lock().unwrap().take(id, line.trim_end());
                line.clear();
            }
        });
        self.members.push(Member { id, instance, stdin: child.stdin.take(), child, reader });
    }

    fn complaints(&self, member: usize) -> PathBuf {
        self.folder.join(format!("{}-{member}.stderr", self.name))
    }

    /// The oldest member leaves as a program does that ends: its input is closed.
    pub fn leave(&mut self) {
        self.end();
    }

    /// Ends the oldest member and gives its instance.
    fn end(&mut self) -> Option<String> {
        let mut member = self.members.remove(0);
        drop(member.stdin.take());
        let status = command::wait(&mut member.child, Duration::from_secs(60));
        if !status.is_some_and(|status| status.success()) {
            member.child.kill().ok();
            self.fail(&format!("member {} was to leave and ended with {status:?}", member.id), &[member.id]);
        }
        member.reader.join().unwrap();
        self.ledger().leaves(member.id);
        member.instance
    }

    /// The oldest member, a static one, ends and comes back: its partitions are its own again, and no other is told of anything.
    pub fn bounce(&mut self) {
        let before = self.rest();
        let owned = self.ledger().owned_by(self.members[0].id);
        let instance = self.end().expect("a static member");
        self.add_static(&instance);
        self.settle();
        let after = self.rest();
        let back = self.ledger().owned_by(self.started - 1);
        assert_eq!(back, owned, "{}: what {instance} gets back", self.name);
        assert_eq!(after, before + 1, "{}: assignments when {instance} comes back", self.name);
    }

    /// Waits for a second without an assignment, and gives how many there were.
    fn rest(&mut self) -> usize {
        let (mut count, mut since) = (self.ledger().assignments, Instant::now());
        self.wait_until("a second passes without a rebalance", |ledger| {
            if std::mem::replace(&mut count, ledger.assignments) != ledger.assignments {
                since = Instant::now();
            }
            since.elapsed() > Duration::from_secs(1)
        });
        count
    }

    /// The oldest member dies.
    pub fn kill(&mut self) {
        let mut member = self.members.remove(0);
        self.ledger().leaves(member.id);
        member.child.kill().unwrap();
        member.child.wait().unwrap();
        member.reader.join().unwrap();
    }

    /// Waits until the members share all partitions evenly and read from each.
    pub fn settle(&mut self) {
        let size = self.size();
        self.wait_until(&format!("{size} members share the partitions"), |ledger| ledger.settled(size));
    }

    /// Waits until what the members said fulfils a condition; fails when it takes too long or a member ends.
    pub fn wait_until(&mut self, what: &str, mut done: impl FnMut(&Ledger) -> bool) {
        let started = Instant::now();
        loop {
            let (is_done, faults) = {
                let ledger = self.ledger();
                (done(&ledger), ledger.faults().join("\n"))
            };
            let ended = self.members.iter_mut().find_map(|m| Some((m.id, m.child.try_wait().unwrap()?)));
            if let Some((id, status)) = ended {
                self.fail(&format!("member {id} ended on its own: {status}"), &[id]);
            }
            let ids: Vec<usize> = self.members.iter().map(|m| m.id).collect();
            if !faults.is_empty() {
                self.fail(&faults, &ids);
            }
            if is_done {
                return;
            }
            if started.elapsed() > LIMIT {
                self.fail(&format!("waited {LIMIT:?} in vain until {what}"), &ids);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Fails unless every record of the load was processed; gives how many were twice.
    pub fn complete(&self, acknowledged: &Acknowledged) -> usize {
        let doubles = self.ledger().complete(acknowledged);
        doubles.unwrap_or_else(|missing| self.fail(&missing, &[]))
    }

    /// Fails with what members complained of.
    fn fail(&self, what: &str, members: &[usize]) -> ! {
        let mut said = String::new();
        for id in members {
            let text = std::fs::read_to_string(self.complaints(*id)).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            let tail = lines[lines.len().saturating_sub(15)..].join("\n");
            said.push_str(&format!("member {id} complained:\n{tail}\n"));
        }
        let owners = self.ledger().owners();
        panic!("{}: {what}\n{owners}{said}", self.name);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        for member in &mut self.members {
            member.child.kill().ok();
            member.child.wait().ok();
        }
    }
}
