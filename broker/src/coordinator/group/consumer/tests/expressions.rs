//! Subscriptions by regular expression.

use super::world::{Client, World, joining, staying};
use crate::coordinator::group::consumer::ConsumerHeartbeat;

fn by_regex(member: &str, regex: &str) -> ConsumerHeartbeat {
    ConsumerHeartbeat { topics: None, regex: Some(regex.into()), ..joining(member, &[]) }
}

#[test]
fn an_expression_is_resolved_after_the_heartbeat_that_brings_it() {
    let mut world = World::new();
    world.topic("orders-eu", 1);
    world.topic("clicks", 1);
    let mut me = Client::enter_as(&mut world, "me", by_regex("me", "orders-.*"));
    assert_eq!((me.epoch, me.owned.len()), (1, 0));
    me.beat(&mut world);
    assert_eq!((me.epoch, me.partitions(&world)), (2, vec!["orders-eu-0".to_owned()]));
    let described = world.describe();
    assert_eq!(described.members.first().unwrap().regex.as_deref(), Some("orders-.*"));

    world.topic("views", 1);
    me.beat(&mut world);
    world.pass(1000);
    assert_eq!(world.state(), ("Stable", 2, 2), "a topic that does not match changes nothing");
    world.topic("orders-us", 1);
    me.beat(&mut world);
    world.pass(1000);
    me.beat(&mut world);
    assert_eq!(me.partitions(&world), ["orders-eu-0", "orders-us-0"]);
    world.delete_topic("orders-eu");
    me.beat(&mut world);
    world.pass(1000);
    me.beat(&mut world);
    assert_eq!(me.partitions(&world), ["orders-us-0"]);
    world.restart();
    let epoch = me.beat(&mut world).beat(&mut world).epoch;
    assert_eq!(world.state(), ("Stable", epoch, epoch), "a restart resolves anew, to the same");
}

#[test]
fn names_and_expressions_add_up_and_go_one_by_one() {
    let mut world = World::new();
    for topic in ["a", "b1", "b2"] {
        world.topic(topic, 1);
    }
    let both = ConsumerHeartbeat { regex: Some("b.".into()), ..joining("me", &["a"]) };
    let mut me = Client::enter_as(&mut world, "me", both);
    me.beat(&mut world);
    assert_eq!(me.partitions(&world), ["a-0", "b1-0", "b2-0"]);
    let mut you = Client::enter_as(&mut world, "you", by_regex("you", "b."));
    you.beat(&mut world);
    me.beat(&mut world).beat(&mut world);
    you.beat(&mut world);
    assert_eq!(me.owned.len() + you.owned.len(), 3);

    let none = ConsumerHeartbeat { regex: Some("".into()), ..staying("me", me.epoch) };
    me.owned = world.beat(none).unwrap().assignment.unwrap_or(me.owned);
    me.beat(&mut world).beat(&mut world);
    you.beat(&mut world);
    assert_eq!(me.partitions(&world), ["a-0"]);
    assert_eq!(you.partitions(&world), ["b1-0", "b2-0"]);
    assert_eq!(world.group().regexes.len(), 1);
    world.beat(staying("you", -1)).unwrap();
    assert!(world.group().regexes.is_empty(), "nobody wants it any more");
    let (_, epoch, _) = world.state();
    me.beat(&mut world);
    assert_eq!((me.epoch, world.state()), (epoch, ("Stable", epoch, epoch)));
}
