//! The course of events that every client goes through.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::group::{Client, Group};
use super::load::Load;
use super::{PARTITIONS, TOPIC};
use crate::harness::broker::Broker;
use crate::harness::{full, own, peers};

/// What happens to the groups.
#[derive(Clone, Copy, PartialEq)]
pub enum Course {
    /// Members join, leave and die.
    ComeAndGo,
    /// Static members end and come back within their sessions.
    Bounce,
}

/// Sessions as short as a test wants them; the members of classic groups ask for 6 s themselves.
pub const SETTINGS: [&str; 5] = [
    "group.initial.rebalance.delay.ms=500",
    "group.consumer.min.session.timeout.ms=6000",
    "group.consumer.session.timeout.ms=6000",
    "group.consumer.min.heartbeat.interval.ms=500",
    "group.consumer.heartbeat.interval.ms=500",
];

/// Each client is a group of its own on one topic and goes through its course and a crash of the broker, all at the same time.
pub fn play(course: Course, clients: Vec<Client>) {
    let rounds = if full() { 5 } else { 1 };
    let settings = SETTINGS.map(|setting| match (course, setting) {
        // A static member's session outlasts its restart, on a busy machine too.
        (Course::Bounce, "group.consumer.session.timeout.ms=6000") => {
            "group.consumer.session.timeout.ms=30000"
        }
        _ => setting,
    });
    let mut broker = Broker::start(&settings);
    own::create_topic(&broker, TOPIC, PARTITIONS);
    // Set-up comes first, one at a time: the load must not wait for it, nor two groups do it at once.
    clients.iter().for_each(|client| drop((client.program)()));
    let load = Load::start(&broker, TOPIC, PARTITIONS, if full() { 3000 } else { 1000 });
    let mut groups: Vec<Group> = clients.into_iter().map(|client| Group::new(client, &broker)).collect();

    each(&mut groups, |group| match course {
        Course::ComeAndGo => {
            group.add();
            group.settle();
            group.add();
            group.add();
            group.settle();
            (0..rounds).for_each(|round| come_and_go(group, round % 2 == 0));
        }
        Course::Bounce => {
            ["a", "b", "c"].iter().for_each(|instance| group.add_static(instance));
            group.settle();
            (0..3 * rounds).for_each(|_| group.bounce());
        }
    });
    for round in 0..if full() { 3 } else { 1 } {
        // Once longer than a session lasts: whoever comes back is a member still, or joins anew.
        let away = Duration::from_secs(if round == 1 { 9 } else { 0 });
        crash(&mut broker, &load, &mut groups, away);
    }

    let acknowledged = load.stop();
    let ends: Vec<usize> = acknowledged.iter().map(Vec::len).collect();
    each(&mut groups, |group| group.wait_until("everything is read", |ledger| ledger.reached(&ends)));
    assert_committed(&broker, &groups, &ends);
    each(&mut groups, |group| (0..group.size()).for_each(|_| group.leave()));
    for group in &groups {
        let doubles = group.complete(&acknowledged);
        let total: usize = ends.iter().sum();
        println!(
            "{}: {total} records, {doubles} of them twice, {} assignments",
            group.name,
            group.ledger().assignments
        );
    }
}

/// One of three leaves, another one comes, one dies, another one comes: each after the other, or in the midst of its rebalance.
fn come_and_go(group: &mut Group, waits: bool) {
    for step in [Group::leave, Group::add, Group::kill, Group::add] {
        step(group);
        if waits {
            group.settle();
        }
    }
    group.settle();
}

/// The broker dies under load and comes back: all go on where they were, with few rebalances.
fn crash(broker: &mut Broker, load: &Load, groups: &mut [Group], away: Duration) {
    let before: Vec<usize> = groups.iter().map(|group| group.ledger().assignments).collect();
    broker.kill();
    std::thread::sleep(away);
    broker.start_again();
    let started = Instant::now();
    let ends = load.ends();
    each(groups, |group| {
        // Behind what was acknowledged when the broker was back.
        let beyond: Vec<usize> = ends.iter().map(|end| end + 1).collect();
        group.wait_until("all partitions go on", |ledger| ledger.reached(&beyond));
        group.settle();
    });
    std::thread::sleep(Duration::from_secs(2)); // a storm would be seen by then
    for (group, before) in groups.iter_mut().zip(before) {
        group.settle();
        let rebalances = group.ledger().assignments - before;
        println!("{}: {rebalances} assignments after the crash, {:?}", group.name, started.elapsed());
        assert!(rebalances <= 3 * group.size(), "{}: a storm of {rebalances} assignments", group.name);
    }
}

/// Does something with all groups at once.
pub fn each(groups: &mut [Group], what: impl Fn(&mut Group) + Sync) {
    std::thread::scope(|scope| {
        let threads: Vec<_> = groups.iter_mut().map(|group| scope.spawn(|| what(group))).collect();
        let failed = threads.into_iter().map(|t| t.join()).filter(Result::is_err).count();
        assert_eq!(failed, 0, "groups that failed");
    });
}

/// Kafka's own tool: each group has committed the end of every partition, and three members share them.
pub fn assert_committed(broker: &Broker, groups: &[Group], ends: &[usize]) {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let args = ["--bootstrap-server", &broker.kafka, "--describe", "--all-groups"];
        let text = peers::run_tool("consumer-groups", &args).text();
        let wrong: Vec<String> =
            groups.iter().filter_map(|group| uncommitted(&text, group.name, ends)).collect();
        if wrong.is_empty() {
            return;
        }
        // Some clients commit once in a while.
        assert!(Instant::now() < until, "{}\n{text}", wrong.join("\n"));
    }
}

/// What is wrong with a group in the table `GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG CONSUMER-ID …`.
fn uncommitted(text: &str, group: &str, ends: &[usize]) -> Option<String> {
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
    let mut offsets: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    let mut shares: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.first() == Some(&group) && row.len() > 6) {
        let number = |at: usize| row[at].parse::<usize>().unwrap_or(usize::MAX);
        offsets.insert(number(2), (number(3), number(4)));
        // A member's id may hold blanks; what stands behind it is the same for all of its rows.
        *shares.entry(row[6..].join(" ")).or_default() += 1;
    }
    let wanted = ends.iter().enumerate().map(|(partition, end)| (partition, (*end, *end))).collect();
    (offsets != wanted || !shares.values().eq([&4, &4, &4])).then(|| {
        format!("{group}: committed offsets and ends {offsets:?} instead of {wanted:?}, shares {shares:?}")
    })
}
