//! Members of both protocols in one group, and groups that change their kind.

use std::sync::Arc;

use bytes::Bytes;
use thalweg_proto::error::ErrorCode;
use thalweg_proto::records::consumer::{Assignment, Subscription, TopicPartitions, read, version, write};

use super::world::{Client, GROUP, World, joining, staying};
use crate::coordinator::group::classic::{Join, Sync};
use crate::coordinator::group::consumer::ConsumerHeartbeat;
use crate::coordinator::group::{Group, Ticket, Woken, testing};

/// A classic member as a client runs it.
#[derive(Clone, Debug)]
struct Classic {
    id: Arc<str>,
    instance: Option<&'static str>,
    generation: i32,
    owned: Vec<i32>,
}

fn topic(owned: &[i32]) -> Vec<TopicPartitions> {
    match owned.is_empty() {
        true => Vec::new(),
        false => vec![TopicPartitions { topic: "orders".into(), partitions: owned.to_vec() }],
    }
}

fn subscription(owned: &[i32]) -> Bytes {
    let owned_partitions = topic(owned);
    let subscription =
        Subscription { topics: vec!["orders".into()], owned_partitions, ..Subscription::default() };
    write(&subscription, 3).unwrap()
}

fn assigned(partitions: &[i32]) -> Bytes {
    write(&Assignment { assigned_partitions: topic(partitions), user_data: None }, 3).unwrap()
}

fn join(member: &str, instance: Option<&str>, owned: &[i32]) -> Join {
    Join {
        instance: instance.map(Arc::from),
        session_timeout_ms: 30_000,
        rebalance_timeout_ms: 20_000,
        requires_known_member: true,
        ..testing::join(GROUP, member, subscription(owned))
    }
}

impl Classic {
    /// Comes into a consumer group, or into an empty classic one as its leader.
    fn enter(world: &mut World, instance: Option<&'static str>) -> Self {
        let mut joined = world.join(join("", instance, &[])).unwrap();
        if joined.error == ErrorCode::MemberIdRequired {
            joined = world.join(join(&joined.member, instance, &[])).unwrap();
        }
        assert_eq!(joined.error, ErrorCode::None);
        let mut me = Self { id: joined.member, instance, generation: joined.generation, owned: Vec::new() };
        me.owned = me.sync(world, vec![]).unwrap();
        me
    }

    fn sync(&self, world: &mut World, assignments: Vec<(Arc<str>, Bytes)>) -> Result<Vec<i32>, ErrorCode> {
        let sync = Sync {
            group: GROUP.into(),
            generation: self.generation,
            member: self.id.clone(),
            instance: self.instance.map(Arc::from),
            protocol_type: Some("consumer".into()),
            protocol: Some("range".into()),
            assignments,
        };
        let synced = world.sync(sync).unwrap();
        if synced.error != ErrorCode::None {
            return Err(synced.error);
        }
        if synced.assignment.is_empty() {
            return Ok(Vec::new());
        }
        let assignment: Assignment = read(&synced.assignment).unwrap();
        Ok(assignment.assigned_partitions.into_iter().flat_map(|topic| topic.partitions).collect())
    }

    fn heartbeat(&self, world: &mut World) -> ErrorCode {
        world.classic_heartbeat(&self.id, self.instance, self.generation)
    }

    /// Joins again as often as it is told to.
    fn settle(&mut self, world: &mut World) -> &mut Self {
        for _ in 0..10 {
            match self.heartbeat(world) {
                ErrorCode::RebalanceInProgress => {}
                error => {
                    assert_eq!(error, ErrorCode::None);
                    return self;
                }
            }
            let joined = world.join(join(&self.id, self.instance, &self.owned)).unwrap();
            assert_eq!(joined.error, ErrorCode::None);
            self.generation = joined.generation;
            self.owned = self.sync(world, vec![]).unwrap();
        }
        panic!("it is told to join again and again");
    }
}

/// A classic group of one member that has all partitions.
fn classic_group(world: &mut World) -> Classic {
    world.topic("orders", 4);
    let id = world.join(join("", None, &[])).unwrap().member;
    let joined = world.join(join(&id, None, &[])).unwrap();
    assert_eq!((joined.error, joined.generation), (ErrorCode::None, 1));
    let mut me = Classic { id, instance: None, generation: 1, owned: Vec::new() };
    me.owned = me.sync(world, vec![(me.id.clone(), assigned(&[0, 1, 2, 3]))]).unwrap();
    assert_eq!(me.owned, [0, 1, 2, 3]);
    me
}

#[test]
fn a_group_goes_over_to_the_consumer_protocol_and_back() {
    let mut world = World::new();
    let mut old = classic_group(&mut world);
    let mut new = Client::enter(&mut world, "new", &["orders"]);
    assert_eq!((new.epoch, new.owned.len()), (2, 0));
    assert!(!world.is_classic());
    let types: Vec<i8> = world.describe().members.iter().map(|member| member.member_type).collect();
    assert_eq!(types.iter().sum::<i8>(), 1);

    assert_eq!(old.heartbeat(&mut world), ErrorCode::RebalanceInProgress);
    old.settle(&mut world);
    new.beat(&mut world);
    assert_eq!((old.generation, old.owned.len(), new.partitions(&world).len()), (2, 2, 2));
    assert_eq!(world.state(), ("Stable", 2, 2));
    world.restart();
    assert_eq!(old.heartbeat(&mut world), ErrorCode::None);

    let mut second = Classic::enter(&mut world, None);
    old.settle(&mut world);
    new.beat(&mut world).beat(&mut world);
    second.settle(&mut world);
    assert_eq!(old.owned.len() + second.owned.len() + new.partitions(&world).len(), 4);

    world.beat(staying("new", -1)).unwrap();
    assert!(world.is_classic());
    assert_eq!(old.heartbeat(&mut world), ErrorCode::RebalanceInProgress);
    world.restart();
    assert_eq!(old.heartbeat(&mut world), ErrorCode::RebalanceInProgress, "they join again all the same");
    let rejoined = world.join(join(&old.id, None, &old.owned));
    assert!(rejoined.is_none(), "the others are waited for");
    let last = world.join(join(&second.id, None, &second.owned)).unwrap();
    assert_eq!(last.error, ErrorCode::None);
    assert!(
        matches!(world.woken.as_slice(), [Woken::Joined(_, joined)] if joined.generation == last.generation)
    );
}

#[test]
fn a_group_that_goes_back_speaks_the_version_of_its_protocol() {
    let mut world = World::new();
    world.topic("orders", 4);
    let mut new = Client::enter(&mut world, "new", &["orders"]);
    let version_of = |number: i16| {
        write(&Subscription { topics: vec!["orders".into()], ..Subscription::default() }, number).unwrap()
    };
    let mut enter = |world: &mut World, instance: &str, protocols: [(&str, i16); 2]| {
        let protocols = protocols.map(|(name, number)| (name.into(), version_of(number))).to_vec();
        let joined = world.join(Join { protocols, ..join("", Some(instance), &[]) }).unwrap();
        assert_eq!(joined.error, ErrorCode::None);
        new.beat(world).beat(world);
    };
    enter(&mut world, "a", [("range", 1), ("rr", 3)]);
    enter(&mut world, "b", [("rr", 3), ("range", 0)]);
    world.beat(staying("new", -1)).unwrap();
    let Some(Group::Classic(group)) = world.shard.groups.get(GROUP) else { panic!("it has not gone back") };
    assert_eq!(group.protocol().unwrap().as_ref(), "rr");
    let versions: Vec<i16> = group.members().map(|member| version(&member.assignment).unwrap()).collect();
    assert_eq!(versions, [3, 3]);
}

#[test]
fn a_group_that_goes_back_is_led_by_one_who_was_there() {
    let mut world = World::new();
    world.topic("orders", 4);
    Client::enter(&mut world, "new", &["orders"]);
    let old = Classic::enter(&mut world, None);
    world.beat(staying("new", -1)).unwrap();
    assert!(world.join(join("", Some("0"), &[])).is_none(), "it waits for the other");
    let rejoined = world.join(join(&old.id, None, &old.owned)).unwrap();
    assert_eq!((rejoined.error, &rejoined.leader), (ErrorCode::None, &old.id));
    assert!(rejoined.members.iter().any(|member| member.member < old.id), "and not by the first by id");
}

#[test]
fn those_who_wait_for_a_classic_group_are_told_to_join_again() {
    let mut world = World::new();
    let old = classic_group(&mut world);
    let id = world.join(join("", None, &[])).unwrap().member;
    assert!(world.join(join(&id, None, &[])).is_none());
    Client::enter(&mut world, "new", &["orders"]);
    let told: Vec<ErrorCode> = world
        .woken
        .drain(..)
        .map(|woken| match woken {
            Woken::Joined(_, joined) => joined.error,
            Woken::Synced(_, synced) => synced.error,
        })
        .collect();
    assert_eq!(told, [ErrorCode::RebalanceInProgress]);
    assert_eq!(world.group().members.len(), 3);
    assert_eq!(old.heartbeat(&mut world), ErrorCode::RebalanceInProgress);
    // Whoever does not come back is let go: after its rebalance timeout if it was told, else after its session.
    world.pass(20_000);
    assert!(world.group().member(&old.id).is_none());
    world.pass(10_000);
    assert!(world.group().member(&id).is_none());
}

#[test]
fn a_classic_member_must_sync_in_time() {
    let mut world = World::new();
    world.topic("orders", 2);
    let mut new = Client::enter(&mut world, "new", &["orders"]);
    let id = world.join(join("", None, &[])).unwrap().member;
    let joined = world.join(join(&id, None, &[])).unwrap();
    assert_eq!((joined.error, joined.generation, &*joined.leader), (ErrorCode::None, 3, ""));
    world.pass(19_999);
    new.beat(&mut world);
    assert!(world.group().member(&id).is_some());
    world.pass(1);
    assert!(world.group().member(&id).is_none());
}

#[test]
fn a_classic_member_that_could_not_be_replaced_is_let_go_when_its_session_ends() {
    let mut world = World::new();
    world.topic("orders", 4);
    Client::enter(&mut world, "new", &["orders"]);
    Classic::enter(&mut world, Some("instance"));
    world.full = true;
    let back = join("", Some("instance"), &[]);
    assert!(world.run(|shard, env| shard.join(env, Ticket(1_000), back)).is_none());
    world.full = false;
    world.pass(29_999);
    assert_eq!(world.group().members.len(), 2);
    world.pass(1);
    assert_eq!(world.group().members.len(), 1);
}

#[test]
fn who_does_not_fit_is_refused() {
    let mut world = World::new();
    world.topic("orders", 2);
    let new = Client::enter(&mut world, "new", &["orders"]);
    let error = |world: &mut World, join: Join| {
        let refused = world.join(join).unwrap();
        assert_eq!(&*refused.member, "", "Kafka names nobody");
        refused.error
    };
    let first = || join("m", None, &[]);
    let inconsistent = ErrorCode::InconsistentGroupProtocol;
    assert_eq!(error(&mut world, Join { protocol_type: "connect".into(), ..first() }), inconsistent);
    assert_eq!(error(&mut world, Join { protocols: vec![], ..first() }), inconsistent);
    assert_eq!(
        error(&mut world, Join { protocols: vec![("range".into(), Bytes::new())], ..first() }),
        inconsistent
    );
    assert_eq!(world.classic_heartbeat("new", None, new.epoch), ErrorCode::UnknownMemberId);
    assert_eq!(world.leave("nobody", None).members, [ErrorCode::UnknownMemberId]);
    let me = Classic::enter(&mut world, None);
    let other = Join { protocols: vec![("sticky".into(), subscription(&[]))], ..first() };
    assert_eq!(error(&mut world, other), inconsistent);
    assert_eq!(world.classic_heartbeat(&me.id, None, me.generation + 1), ErrorCode::IllegalGeneration);
    world.settings.consumer_migration_policy = "disabled".into();
    assert_eq!(error(&mut world, join("", None, &[])), inconsistent);
    let mut world = World::new();
    world.settings.consumer_migration_policy = "downgrade".into();
    classic_group(&mut world);
    assert_eq!(world.beat(joining("new", &["orders"])).unwrap_err().code, ErrorCode::GroupIdNotFound);
}

#[test]
fn an_empty_group_is_of_whatever_kind_comes() {
    let mut world = World::new();
    let old = classic_group(&mut world);
    assert_eq!(world.leave(&old.id, None).members, [ErrorCode::None]);
    let new = Client::enter(&mut world, "new", &["orders"]);
    assert_eq!((new.epoch, new.partitions(&world).len()), (2, 4));
    world.beat(staying("new", -1)).unwrap();
    assert!(!world.is_classic());
    let id = world.join(join("", None, &[])).unwrap().member;
    assert_eq!(world.join(join(&id, None, &[])).unwrap().generation, 1);
    assert!(world.is_classic());
}

#[test]
fn static_members_keep_their_partitions_on_both_ways() {
    let mut world = World::new();
    world.topic("orders", 4);
    let as_instance = |heartbeat: ConsumerHeartbeat, name: &str| ConsumerHeartbeat {
        instance: Some(name.into()),
        ..heartbeat
    };
    let mut a = Classic { id: "".into(), instance: Some("a"), generation: 1, owned: vec![] };
    a.id = world.join(join("", Some("a"), &[])).unwrap().member;
    a.owned = a.sync(&mut world, vec![(a.id.clone(), assigned(&[0, 1, 2, 3]))]).unwrap();
    // It comes back with the consumer protocol, without having left.
    let reply = world.beat(as_instance(joining("new-a", &["orders"]), "a")).unwrap();
    assert_eq!(reply.assignment.unwrap().first().unwrap().1, [0, 1, 2, 3]);
    assert_eq!(world.group().members.len(), 1);
    assert_eq!(a.heartbeat(&mut world), ErrorCode::FencedInstanceId);
    let (_, epoch, _) = world.state();
    // And goes back: the group with it, and nobody has to join again.
    world.beat(as_instance(staying("new-a", -2), "a")).unwrap();
    let joined = world.join(join("", Some("a"), &[])).unwrap();
    assert_eq!((joined.error, joined.generation), (ErrorCode::None, epoch));
    assert!(world.is_classic());
    let back = Classic { id: joined.member, instance: Some("a"), generation: epoch, owned: vec![] };
    assert_eq!(back.sync(&mut world, vec![]), Ok(vec![0, 1, 2, 3]));
    assert_eq!(back.heartbeat(&mut world), ErrorCode::None);
    world.restart();
    assert_eq!(back.heartbeat(&mut world), ErrorCode::None);
}

#[test]
fn who_still_waits_for_partitions_when_the_group_goes_back_joins_again() {
    let mut world = World::new();
    let old = classic_group(&mut world);
    let as_instance =
        |heartbeat: ConsumerHeartbeat| ConsumerHeartbeat { instance: Some("a".into()), ..heartbeat };
    world.beat(as_instance(joining("new-a", &["orders"]))).unwrap();
    // The second gets nothing before the first has given something up.
    let second = Classic::enter(&mut world, None);
    assert_eq!((second.owned.len(), second.heartbeat(&mut world)), (0, ErrorCode::None));
    let back = world.join(join("", Some("a"), &[])).unwrap();
    assert_eq!(back.error, ErrorCode::None);
    assert!(world.is_classic());
    assert_eq!(second.heartbeat(&mut world), ErrorCode::RebalanceInProgress);
    assert_eq!(old.heartbeat(&mut world), ErrorCode::IllegalGeneration);
}

#[test]
fn who_was_let_go_while_it_was_away_does_not_keep_its_partitions() {
    let mut world = World::new();
    let mut old = classic_group(&mut world);
    let mut new = Client::enter(&mut world, "new", &["orders"]);
    old.settle(&mut world);
    new.beat(&mut world);
    assert_eq!(old.owned.len(), 2);
    for _ in 0..4 {
        world.pass(10_000);
        new.beat(&mut world);
    }
    assert_eq!(new.partitions(&world).len(), 4, "the old one is gone after its session");
    let error = |world: &mut World, owned: &[i32]| world.join(join(&old.id, None, owned)).unwrap().error;
    assert_eq!(error(&mut world, &old.owned), ErrorCode::UnknownMemberId);
    assert_eq!(error(&mut world, &[]), ErrorCode::None);
}
