//! Subscriptions by regular expression.

use thalweg_proto::error::ErrorCode;

use super::world::{Client, GROUP, World, joining, staying};
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

#[test]
fn a_group_goes_on_while_its_expressions_are_resolved() {
    let mut world = World::new();
    for topic in ["orders-eu", "clicks"] {
        world.topic(topic, 1);
    }
    world.unresolved = true;
    let mut me = Client::enter_as(&mut world, "me", by_regex("me", "orders-.*"));
    let mut resolutions = world.shard.take_resolutions();
    assert_eq!(resolutions.len(), 1);
    // Others come and topics are made, and none of it begins another.
    let mut you = Client::enter_as(&mut world, "you", by_regex("you", "cl.*"));
    world.topic("orders-us", 1);
    me.beat(&mut world);
    world.pass(2000);
    you.beat(&mut world);
    assert!(world.shard.take_resolutions().is_empty());
    let mut first = resolutions.remove(0);
    while !first.advance() {}
    world.run(|shard, env| shard.expressions_resolved(env, first));
    me.beat(&mut world);
    assert_eq!(me.partitions(&world), ["orders-eu-0"], "what there was when it began");
    world.unresolved = false;
    you.beat(&mut world).beat(&mut world);
    assert_eq!(you.partitions(&world), ["clicks-0"], "the second is resolved right after the first");
    world.pass(1000);
    me.beat(&mut world);
    world.pass(1000);
    me.beat(&mut world);
    assert_eq!(me.partitions(&world), ["orders-eu-0", "orders-us-0"]);
}

#[test]
fn what_was_resolved_for_a_group_that_is_gone_changes_nothing() {
    let mut world = World::new();
    world.topic("orders", 1);
    world.unresolved = true;
    Client::enter_as(&mut world, "me", by_regex("me", "ord.*"));
    let mut late = world.shard.take_resolutions().remove(0);
    while !late.advance() {}
    world.beat(staying("me", -1)).unwrap();
    assert_eq!(world.run(|shard, _| shard.delete_group(GROUP)), Some(ErrorCode::None));
    let mut again = Client::enter_as(&mut world, "me", by_regex("me", "ord.*"));
    let written = world.log.len();
    world.run(|shard, env| shard.expressions_resolved(env, late));
    assert_eq!(world.log.len(), written);
    world.unresolved = false;
    again.beat(&mut world).beat(&mut world);
    assert_eq!(again.partitions(&world), ["orders-0"]);
}
