//! How partitions go from one member to another, and what makes a new assignment.

use std::sync::Arc;

use thalweg_proto::error::ErrorCode;

use super::world::{Client, World, joining, staying};
use crate::coordinator::group::consumer::ConsumerHeartbeat;

#[test]
fn partitions_are_given_up_before_others_get_them() {
    let mut world = World::new();
    let orders = world.topic("orders", 4);
    let mut one = Client::enter(&mut world, "one", &["orders"]);
    let mut two = Client::enter(&mut world, "two", &["orders"]);
    assert!(two.owned.is_empty());
    assert_eq!(two.epoch, 3);
    assert_eq!(world.state(), ("Reconciling", 3, 3));
    one.beat(&mut world);
    assert_eq!((one.epoch, one.owned.clone()), (2, vec![(orders, vec![0, 1])]), "it is told to give up two");
    two.beat(&mut world);
    assert!(two.owned.is_empty(), "the first has not said that it has");
    one.beat(&mut world);
    assert_eq!(one.epoch, 3);
    two.beat(&mut world);
    assert_eq!(two.owned, vec![(orders, vec![2, 3])]);
    assert_eq!(world.state(), ("Stable", 3, 3));
    world.beat(staying("two", -1)).unwrap();
    assert_eq!(world.state(), ("Assigning", 4, 3));
    one.beat(&mut world);
    assert_eq!((one.epoch, one.owned.clone()), (4, vec![(orders, vec![0, 1, 2, 3])]));
}

#[test]
fn a_member_that_does_not_give_up_in_time_is_let_go() {
    let mut world = World::new();
    world.topic("orders", 2);
    let mut one = Client::enter(&mut world, "one", &["orders"]);
    let mut two = Client::enter(&mut world, "two", &["orders"]);
    one.beat(&mut world);
    for _ in 0..2 {
        world.pass(14_999);
        world.beat(staying("one", 2)).unwrap();
        two.beat(&mut world);
    }
    assert_eq!(world.group().members.len(), 2);
    world.pass(2);
    assert_eq!(world.beat(staying("one", 2)).unwrap_err().code, ErrorCode::UnknownMemberId);
    two.beat(&mut world);
    assert_eq!(two.partitions(&world), ["orders-0", "orders-1"]);
}

#[test]
fn the_time_to_give_up_begins_again_with_the_broker() {
    let mut world = World::new();
    world.topic("orders", 2);
    let mut one = Client::enter(&mut world, "one", &["orders"]);
    Client::enter(&mut world, "two", &["orders"]);
    one.beat(&mut world);
    world.pass(20_000);
    world.restart();
    world.pass(29_999);
    assert!(world.group().member("one").is_some());
    world.pass(1);
    assert!(world.group().member("one").is_none());
}

#[test]
fn new_partitions_and_new_topics_are_assigned() {
    let mut world = World::new();
    world.topic("orders", 1);
    let mut one = Client::enter(&mut world, "one", &["orders", "clicks"]);
    assert_eq!((one.epoch, one.partitions(&world).len()), (2, 1));
    world.topic("views", 7);
    one.beat(&mut world);
    assert_eq!(one.epoch, 2, "a topic that nobody wants changes nothing");
    world.topic("orders", 2);
    one.beat(&mut world);
    assert_eq!((one.epoch, one.partitions(&world).len()), (3, 2));
    world.topic("clicks", 1);
    one.beat(&mut world);
    assert_eq!((one.epoch, one.partitions(&world).len()), (4, 3));
    world.delete_topic("orders");
    one.beat(&mut world);
    assert_eq!(one.partitions(&world), ["clicks-0"]);
    one.beat(&mut world);
    assert_eq!((one.epoch, world.state()), (5, ("Stable", 5, 5)));
}

#[test]
fn topics_that_are_wanted_no_more_are_given_up_at_once() {
    let mut world = World::new();
    world.topic("orders", 2);
    world.topic("clicks", 1);
    world.settings.consumer.assignment_interval_ms = (10_000, 0, 15_000);
    let mut me = Client::enter(&mut world, "me", &["orders", "clicks"]);
    let fewer = ConsumerHeartbeat { topics: Some(vec![Arc::from("clicks")]), ..staying("me", 2) };
    let reply = world.beat(fewer).unwrap();
    assert_eq!(reply.epoch, 2, "there is no new target yet");
    me.owned = reply.assignment.unwrap();
    assert_eq!(me.partitions(&world), ["clicks-0"]);
    me.beat(&mut world);
    assert_eq!((me.epoch, world.state()), (2, ("Assigning", 3, 2)));
    world.pass(10_000);
    me.beat(&mut world);
    assert_eq!((me.epoch, world.state()), (3, ("Stable", 3, 3)));
}

#[test]
fn assignments_are_made_once_in_an_interval() {
    let mut world = World::new();
    world.settings.consumer.assignment_interval_ms = (1000, 0, 15_000);
    world.topic("orders", 2);
    let mut one = Client::enter(&mut world, "one", &["orders"]);
    assert_eq!((one.epoch, one.partitions(&world).len()), (2, 2), "the first is made at once");
    let mut two = Client::enter(&mut world, "two", &["orders"]);
    assert_eq!((two.epoch, two.owned.len()), (2, 0));
    assert_eq!(world.state(), ("Assigning", 3, 2));
    world.pass(999);
    one.beat(&mut world);
    assert_eq!((one.epoch, one.partitions(&world).len()), (2, 2));
    world.pass(1);
    one.beat(&mut world);
    assert_eq!(one.partitions(&world).len(), 1);
    one.beat(&mut world);
    two.beat(&mut world);
    assert_eq!((one.epoch, two.epoch, two.partitions(&world).len()), (3, 3, 1));
}

#[test]
fn members_vote_for_an_assignor() {
    let mut world = World::new();
    world.topic("a", 3);
    world.topic("b", 3);
    let range = |id| ConsumerHeartbeat { assignor: Some("range".into()), ..joining(id, &["a", "b"]) };
    let mut one = Client::enter_as(&mut world, "one", range("one"));
    let mut two = Client::enter_as(&mut world, "two", range("two"));
    assert_eq!(&*world.describe().assignor, "range");
    one.beat(&mut world).beat(&mut world);
    two.beat(&mut world);
    assert_eq!(one.partitions(&world), ["a-0", "a-1", "b-0", "b-1"]);
    assert_eq!(two.partitions(&world), ["a-2", "b-2"]);
    let uniform = ConsumerHeartbeat {
        assignor: Some("uniform".into()),
        owned: Some(two.owned.clone()),
        topics: Some(vec![]),
        ..staying("two", two.epoch)
    };
    world.beat(uniform).unwrap();
    assert_eq!(&*world.describe().assignor, "uniform", "of equal votes Kafka takes this one");
}
