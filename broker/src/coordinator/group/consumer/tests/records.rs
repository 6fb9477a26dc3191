//! What lies in the log in the end.

use std::collections::BTreeMap;

use super::world::{Client, GROUP, World, joining, staying};
use crate::coordinator::group::consumer::ConsumerHeartbeat;
use crate::coordinator::group::{Record, Shard};

/// What compaction leaves of a log.
fn compacted(log: &[Record]) -> Vec<Record> {
    let mut last: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    for (offset, record) in log.iter().enumerate() {
        last.insert(record.encode().unwrap().0.to_vec(), offset);
    }
    let mut kept: Vec<usize> = last.into_values().collect();
    kept.sort_unstable();
    kept.into_iter().map(|offset| log[offset].clone()).collect()
}

#[test]
fn a_group_that_is_deleted_leaves_nothing_behind() {
    let mut world = World::new();
    world.topic("orders", 3);
    let regex = ConsumerHeartbeat { regex: Some("or.*".into()), ..joining("one", &["orders"]) };
    Client::enter_as(&mut world, "one", regex).beat(&mut world);
    Client::enter(&mut world, "two", &["orders"]);
    world.beat(staying("one", -1)).unwrap();
    world.beat(staying("two", -1)).unwrap();
    let mut log = world.log.clone();
    log.extend(world.group().tombstones(&GROUP.into()));
    for record in compacted(&log) {
        assert_eq!(record.encode().unwrap().1, None, "{record:?}");
    }
    let mut replayed = Shard::default();
    log.iter().for_each(|record| replayed.replay(record));
    assert!(replayed.groups.is_empty());
}

#[test]
fn a_compacted_log_says_the_same() {
    let mut world = World::new();
    world.topic("orders", 5);
    let mut one = Client::enter(&mut world, "one", &["orders"]);
    let mut two = Client::enter(&mut world, "two", &["orders"]);
    one.beat(&mut world).beat(&mut world);
    two.beat(&mut world);
    Client::enter(&mut world, "three", &["orders"]);
    world.beat(staying("two", -1)).unwrap();
    one.beat(&mut world);
    let before = world.state();
    world.log = compacted(&world.log);
    world.restart();
    assert_eq!(world.state(), before);
    one.beat(&mut world);
    assert_eq!(one.partitions(&world).len(), 3);
}
