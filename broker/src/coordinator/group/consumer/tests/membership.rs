//! Joining, epochs, sessions, leaving, and what is refused.

use thalweg_proto::error::ErrorCode;

use super::world::{Client, World, joining, staying};
use crate::coordinator::group::consumer::ConsumerHeartbeat;

#[test]
fn a_member_joins_stays_and_leaves() {
    let mut world = World::new();
    world.topic("orders", 3);
    let mut me = Client::enter(&mut world, "me", &["orders"]);
    assert_eq!((me.epoch, me.partitions(&world).len()), (2, 3));
    assert_eq!(world.state(), ("Stable", 2, 2));
    let written = world.log.len();
    me.beat(&mut world);
    let reply = world.beat(staying("me", 2)).unwrap();
    assert_eq!((reply.epoch, reply.assignment, reply.heartbeat_interval_ms), (2, None, 5000));
    assert_eq!(world.log.len(), written, "a heartbeat that changes nothing writes nothing");
    let reply = world.beat(staying("me", -1)).unwrap();
    assert_eq!((reply.epoch, reply.heartbeat_interval_ms, reply.member.as_deref()), (-1, 0, Some("me")));
    assert_eq!(world.state(), ("Empty", 3, 2));
}

#[test]
fn version_0_gets_an_id_from_the_broker() {
    let mut world = World::new();
    world.topic("orders", 1);
    let reply = world.beat(ConsumerHeartbeat { version: 0, ..joining("", &["orders"]) }).unwrap();
    let id = reply.member.unwrap();
    assert_eq!(id.len(), 22);
    assert_eq!(world.beat(staying(&id, 2)).unwrap().epoch, 2);
    let refusal = world.beat(joining("", &["orders"])).unwrap_err();
    assert_eq!(refusal.code, ErrorCode::InvalidRequest);
}

#[test]
fn a_member_with_a_wrong_epoch_is_fenced_unless_it_missed_an_answer() {
    let mut world = World::new();
    let orders = world.topic("orders", 2);
    let mut one = Client::enter(&mut world, "one", &["orders"]);
    let mut two = Client::enter(&mut world, "two", &["orders"]);
    one.beat(&mut world).beat(&mut world);
    assert_eq!((one.epoch, one.owned.clone()), (3, vec![(orders, vec![0])]));
    let code =
        |world: &mut World, heartbeat| world.beat(heartbeat).map(|reply| reply.epoch).map_err(|it| it.code);
    let fenced = Err(ErrorCode::FencedMemberEpoch);
    assert_eq!(code(&mut world, staying("one", 4)), fenced);
    assert_eq!(code(&mut world, staying("one", 2)), fenced, "it must say what it owns");
    let with = |owned| ConsumerHeartbeat { owned: Some(owned), ..staying("one", 2) };
    assert_eq!(code(&mut world, with(vec![(orders, vec![0, 1])])), fenced);
    assert_eq!(code(&mut world, with(vec![(orders, vec![0])])), Ok(3));
    assert_eq!(code(&mut world, staying("one", 1)), fenced);
    assert_eq!(code(&mut world, staying("nobody", 3)), Err(ErrorCode::UnknownMemberId));
    two.beat(&mut world);
    assert_eq!(two.partitions(&world), ["orders-1"]);
    // Joining again under the same id is no new membership.
    assert_eq!(code(&mut world, joining("one", &["orders"])), Ok(3));
    assert_eq!(world.state(), ("Stable", 3, 3));
}

#[test]
fn heartbeats_that_make_no_sense_are_refused() {
    let mut world = World::new();
    world.topic("orders", 1);
    let join = || joining("me", &["orders"]);
    let invalid = ErrorCode::InvalidRequest;
    let some = |text: &str| Some(text.into());
    let cases = [
        (ConsumerHeartbeat { group: "".into(), ..join() }, invalid),
        (ConsumerHeartbeat { member: "".into(), ..join() }, invalid),
        (ConsumerHeartbeat { instance: some(""), ..join() }, invalid),
        (ConsumerHeartbeat { rack: some(" "), ..join() }, invalid),
        (ConsumerHeartbeat { rebalance_timeout_ms: -1, ..join() }, invalid),
        (ConsumerHeartbeat { topics: None, ..join() }, invalid),
        (ConsumerHeartbeat { owned: None, ..join() }, invalid),
        (ConsumerHeartbeat { owned: Some(vec![(uuid::Uuid::nil(), vec![0])]), ..join() }, invalid),
        (ConsumerHeartbeat { assignor: some("sticky"), ..join() }, ErrorCode::UnsupportedAssignor),
        (
            ConsumerHeartbeat { topics: None, regex: Some("(".into()), ..join() },
            ErrorCode::InvalidRegularExpression,
        ),
        (staying("me", -2), invalid),
        (staying("me", -3), invalid),
        (staying("me", -1), ErrorCode::GroupIdNotFound),
        (staying("me", 5), ErrorCode::GroupIdNotFound),
    ];
    for (heartbeat, code) in cases {
        let text = format!("{heartbeat:?}");
        assert_eq!(world.beat(heartbeat).unwrap_err().code, code, "{text}");
    }
    assert!(world.log.is_empty() && world.shard.groups.is_empty());
    assert_eq!(world.shard.next_deadline(), None);
}

#[test]
fn a_silent_member_loses_its_partitions() {
    let mut world = World::new();
    world.topic("orders", 2);
    let mut one = Client::enter(&mut world, "one", &["orders"]);
    Client::enter(&mut world, "two", &["orders"]);
    one.beat(&mut world).beat(&mut world);
    world.pass(30_000);
    one.beat(&mut world);
    world.pass(14_999);
    assert_eq!(world.group().members.len(), 2);
    world.pass(1);
    assert_eq!(world.group().members.len(), 1);
    one.beat(&mut world);
    assert_eq!(one.partitions(&world), ["orders-0", "orders-1"]);
}

#[test]
fn configurations_of_the_group_hold_within_the_brokers_limits() {
    let mut world = World::new();
    world.topic("orders", 1);
    let mut set = |name: &str, value: &str| drop(world.around.configs.insert(name.into(), value.into()));
    set("consumer.session.timeout.ms", "50000");
    set("consumer.heartbeat.interval.ms", "99999");
    assert_eq!(world.beat(joining("me", &["orders"])).unwrap().heartbeat_interval_ms, 15_000);
    world.pass(49_999);
    assert_eq!(world.group().members.len(), 1);
    world.pass(1);
    assert!(world.group().is_empty());
}

#[test]
fn a_full_group_takes_nobody_else() {
    let mut world = World::new();
    world.topic("orders", 1);
    world.settings.consumer.max_size = 1;
    world.beat(joining("one", &["orders"])).unwrap();
    assert_eq!(world.beat(joining("two", &["orders"])).unwrap_err().code, ErrorCode::GroupMaxSizeReached);
    assert!(world.beat(joining("one", &["orders"])).is_ok());
}

#[test]
fn after_a_restart_members_have_a_fresh_session_and_go_on() {
    let mut world = World::new();
    world.topic("orders", 2);
    let mut one = Client::enter(&mut world, "one", &["orders"]);
    world.pass(44_000);
    world.restart();
    let written = world.log.len();
    world.pass(44_000);
    one.beat(&mut world);
    assert_eq!((one.epoch, world.log.len()), (2, written), "no rebalance because of the restart");
    world.pass(45_000);
    assert!(world.group().is_empty());
}

#[test]
fn what_cannot_be_written_has_not_happened() {
    let mut world = World::new();
    world.topic("orders", 2);
    let mut one = Client::enter(&mut world, "one", &["orders"]);
    world.full = true;
    assert!(world.run(|shard, env| shard.consumer_heartbeat(env, joining("two", &["orders"]))).is_none());
    assert!(world.run(|shard, env| shard.consumer_heartbeat(env, staying("one", -1))).is_none());
    assert_eq!(world.group().members.len(), 1);
    one.beat(&mut world);
    world.pass(45_000);
    assert_eq!(world.group().members.len(), 1, "it could not be taken out");
    world.full = false;
    world.pass(45_000);
    assert!(world.group().is_empty());
}
