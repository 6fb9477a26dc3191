//! Static members: away for a while, back under another id, fenced.

use thalweg_proto::error::ErrorCode;

use super::world::{Client, World, joining, staying};
use crate::coordinator::group::consumer::ConsumerHeartbeat;
use crate::coordinator::group::consumer::member::MemberState;

fn as_instance(heartbeat: ConsumerHeartbeat) -> ConsumerHeartbeat {
    ConsumerHeartbeat { instance: Some("instance".into()), ..heartbeat }
}

#[test]
fn a_static_member_comes_back_to_what_it_had() {
    let mut world = World::new();
    let orders = world.topic("orders", 2);
    world.beat(as_instance(joining("one", &["orders"]))).unwrap();
    let mut other = Client::enter(&mut world, "other", &["orders"]);
    let reply =
        world.beat(as_instance(ConsumerHeartbeat { owned: Some(vec![]), ..staying("one", 2) })).unwrap();
    assert_eq!((reply.epoch, reply.assignment), (3, Some(vec![(orders, vec![0])])));
    other.beat(&mut world);
    assert_eq!(other.partitions(&world), ["orders-1"]);

    let refusal = world.beat(as_instance(joining("two", &["orders"]))).unwrap_err();
    assert_eq!(refusal.code, ErrorCode::UnreleasedInstanceId);
    let reply = world.beat(as_instance(staying("one", -2))).unwrap();
    assert_eq!((reply.epoch, reply.member.as_deref()), (-2, Some("one")));
    assert_eq!(world.state().1, 3, "nobody else gets its partitions");
    assert_eq!(world.group().member("one").unwrap().standing.epoch, -2);
    world.pass(40_000);
    other.beat(&mut world);
    let reply = world.beat(as_instance(joining("two", &["orders"]))).unwrap();
    assert_eq!((reply.epoch, reply.assignment), (3, Some(vec![(orders, vec![0])])));
    assert_eq!(world.state(), ("Stable", 3, 3));
    let code =
        |world: &mut World, heartbeat| world.beat(as_instance(heartbeat)).map_err(|it| it.code).unwrap_err();
    assert_eq!(code(&mut world, staying("one", 3)), ErrorCode::FencedInstanceId);
    assert_eq!(code(&mut world, staying("one", -1)), ErrorCode::FencedInstanceId);
    world.restart();
    world.pass(44_999);
    assert!(world.beat(as_instance(staying("two", 3))).is_ok());
    world.beat(as_instance(staying("two", -1))).unwrap();
    assert_eq!(code(&mut world, staying("two", 3)), ErrorCode::UnknownMemberId);
}

#[test]
fn a_static_member_that_stays_away_is_let_go_when_its_session_ends() {
    let mut world = World::new();
    world.topic("orders", 2);
    world.beat(as_instance(joining("one", &["orders"]))).unwrap();
    world.pass(20_000);
    world.beat(as_instance(staying("one", -2))).unwrap();
    world.pass(24_999);
    assert_eq!(world.group().members.len(), 1);
    world.pass(1);
    assert!(world.group().is_empty());
    let mut two = Client::enter_as(&mut world, "two", as_instance(joining("two", &["orders"])));
    assert_eq!(two.partitions(&world).len(), 2);
    assert_eq!(two.epoch, 4);
    two.owned.clear();
}

#[test]
fn who_leaves_for_a_while_has_nothing_left_to_give_up() {
    let mut world = World::new();
    world.topic("orders", 2);
    world.beat(as_instance(joining("one", &["orders"]))).unwrap();
    Client::enter(&mut world, "other", &["orders"]);
    world.beat(as_instance(staying("one", 2))).unwrap();
    assert_eq!(world.group().member("one").unwrap().standing.state, MemberState::Unrevoked);
    world.beat(as_instance(staying("one", -2))).unwrap();
    world.pass(44_999);
    assert!(world.group().member("one").is_some(), "its session is longer than its rebalance timeout");
    world.pass(1);
    assert!(world.group().member("one").is_none());
}

#[test]
fn who_was_to_be_replaced_and_could_not_be_is_let_go_when_its_session_ends() {
    let mut world = World::new();
    world.topic("orders", 2);
    world.beat(as_instance(joining("one", &["orders"]))).unwrap();
    world.beat(as_instance(staying("one", -2))).unwrap();
    world.full = true;
    let back = as_instance(joining("two", &["orders"]));
    assert_eq!(world.run(|shard, env| shard.consumer_heartbeat(env, back)), None);
    world.full = false;
    world.pass(44_999);
    assert!(world.group().member("one").is_some());
    world.pass(1);
    assert!(world.group().is_empty());
}

#[test]
fn a_static_member_that_comes_back_with_other_wishes_changes_the_group() {
    let mut world = World::new();
    world.topic("orders", 2);
    let clicks = world.topic("clicks", 1);
    world.beat(as_instance(joining("one", &["orders"]))).unwrap();
    world.beat(as_instance(staying("one", -2))).unwrap();
    let reply = world.beat(as_instance(joining("two", &["clicks"]))).unwrap();
    assert_eq!((reply.epoch, reply.assignment), (3, Some(vec![(clicks, vec![0])])));
    assert_eq!(world.state(), ("Stable", 3, 3));
}
