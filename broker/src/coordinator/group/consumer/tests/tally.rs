//! What is counted, operation by operation.

use super::world::{Client, World, staying};
use crate::coordinator::group::Tally;

fn sum(world: &World, number: fn(&Tally) -> u64) -> u64 {
    world.tallies.iter().map(number).sum()
}

fn rebalances(world: &World) -> u64 {
    sum(world, |tally| tally.rebalances.consumer)
}

/// Members that fell silent, and members that were late.
fn expired(world: &World) -> (u64, u64) {
    (sum(world, |tally| tally.silent_members.consumer), sum(world, |tally| tally.late_members.consumer))
}

#[test]
fn a_rebalance_counts_once_when_everybody_has_what_it_gives_them() {
    let mut world = World::new();
    world.topic("orders", 4);
    let mut one = Client::enter(&mut world, "one", &["orders"]);
    assert_eq!(rebalances(&world), 1);
    let mut two = Client::enter(&mut world, "two", &["orders"]);
    one.beat(&mut world);
    two.beat(&mut world);
    one.beat(&mut world);
    assert_eq!((rebalances(&world), world.state().0), (1, "Reconciling"));
    two.beat(&mut world);
    assert_eq!((rebalances(&world), world.state().0), (2, "Stable"));
    for _ in 0..3 {
        one.beat(&mut world);
        two.beat(&mut world);
    }
    world.restart();
    one.beat(&mut world);
    assert_eq!((rebalances(&world), world.state().0), (2, "Stable"), "nothing has moved");
    world.beat(staying("two", -1)).unwrap();
    assert_eq!(rebalances(&world), 2);
    one.beat(&mut world);
    assert_eq!(rebalances(&world), 3);
    world.beat(staying("one", -1)).unwrap();
    assert_eq!((rebalances(&world), expired(&world)), (3, (0, 0)), "nobody is left, and nobody was let go");
}

#[test]
fn members_that_are_let_go_count_once_when_it_is_written() {
    let mut world = World::new();
    world.topic("orders", 2);
    let mut one = Client::enter(&mut world, "one", &["orders"]);
    let mut two = Client::enter(&mut world, "two", &["orders"]);
    one.beat(&mut world);
    for _ in 0..3 {
        world.pass(14_999);
        if world.group().members.len() == 2 {
            world.beat(staying("one", 2)).unwrap();
        }
        two.beat(&mut world);
    }
    assert_eq!(expired(&world), (0, 1), "the first has not given up what it was to");
    world.full = true;
    world.pass(100_000);
    assert_eq!((expired(&world), world.group().members.len()), ((0, 1), 1));
    world.full = false;
    world.pass(100_000);
    assert_eq!((expired(&world), world.group().members.len()), ((1, 1), 0));
}
