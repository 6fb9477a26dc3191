//! Members are upgraded from the classic to the consumer protocol one by one, under load, and downgraded again.

use std::time::{Duration, Instant};

use super::group::{Client, Group};
use super::load::Load;
use super::{PARTITIONS, TOPIC, scenario};
use crate::harness::broker::Broker;
use crate::harness::{full, own, peers, setup};

#[test]
fn members_change_the_protocol_one_by_one() {
    let broker = Broker::start(&scenario::SETTINGS);
    own::create_topic(&broker, TOPIC, PARTITIONS);
    setup::java("Member");
    let load = Load::start(&broker, TOPIC, PARTITIONS, 1000);
    let mut groups =
        [("mixed-eager", "eager"), ("mixed-cooperative", "cooperative")].map(|(name, protocol)| {
            Group::new(Client { name, program: || setup::java("Member"), protocol }, &broker)
        });
    scenario::each(&mut groups, |group| {
        (0..3).for_each(|_| group.add());
        group.settle();
    });
    assert_type(&broker, &groups, "Classic");
    for _ in 0..if full() { 3 } else { 1 } {
        // The first member of the new protocol converts the group, the last one that goes converts it back.
        for upgraded in 1..=3 {
            scenario::each(&mut groups, |group| replace(group, |group| group.add_with("consumer")));
            if upgraded != 2 {
                assert_type(&broker, &groups, "Consumer");
            }
        }
        for left in [2, 1, 0] {
            scenario::each(&mut groups, |group| replace(group, Group::add));
            if left < 2 {
                assert_type(&broker, &groups, if left > 0 { "Consumer" } else { "Classic" });
            }
        }
    }

    let acknowledged = load.stop();
    let ends: Vec<usize> = acknowledged.iter().map(Vec::len).collect();
    scenario::each(&mut groups, |group| {
        group.wait_until("everything is read", |ledger| ledger.reached(&ends))
    });
    scenario::assert_committed(&broker, &groups, &ends);
    scenario::each(&mut groups, |group| (0..group.size()).for_each(|_| group.leave()));
    for group in &groups {
        let doubles = group.complete(&acknowledged);
        let (records, assignments) = (ends.iter().sum::<usize>(), group.ledger().assignments);
        println!("{}: {records} records, {doubles} of them twice, {assignments} assignments", group.name);
    }
}

/// The oldest member leaves, another one comes in its place, and the work is shared again.
fn replace(group: &mut Group, add: impl FnOnce(&mut Group)) {
    group.leave();
    add(group);
    group.settle();
}

/// Kafka's own tool says of each group that it is stable and of this type.
fn assert_type(broker: &Broker, groups: &[Group], wanted: &str) {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let args = ["--bootstrap-server", &broker.kafka, "--list", "--type", "--state"];
        let text = peers::run_tool("consumer-groups", &args).text();
        let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        let row = |name| rows.iter().find(|row| row.first() == Some(&name));
        let of = |group: &Group| row(group.name).unwrap_or_else(|| panic!("no {} in\n{text}", group.name));
        let types: Vec<&str> = groups.iter().map(|group| of(group)[1]).collect();
        assert_eq!(types, vec![wanted; groups.len()], "{text}");
        // A member may just be about to tell what it has revoked.
        if groups.iter().all(|group| of(group)[2] == "Stable") {
            return;
        }
        assert!(Instant::now() < until, "not stable:\n{text}");
    }
}
