//! Static members (KIP-345).

use bytes::Bytes;
use thalweg_proto::error::ErrorCode;
use thalweg_proto::records::consumer::{Assignment, Subscription, TopicPartitions, write};

use super::super::{Heartbeat, Join, Joined};
use super::desk::{Desk, GROUP, fixed, sync_of};

/// Two static members of a stable group, the leader first.
fn pair(desk: &mut Desk) -> Vec<Joined> {
    let tickets = ["one", "two"].map(|instance| desk.join(fixed(instance, "")));
    desk.pass(0);
    let mut members = tickets.map(|ticket| desk.joined(ticket)).to_vec();
    members.sort_by_key(|member| member.leader != member.member);
    desk.settle(&members);
    members
}

/// The instance of a member.
fn instance_of(desk: &Desk, member: &str) -> String {
    let group = desk.group().unwrap();
    let found = group.members().find(|known| &*known.id == member);
    found.and_then(|known| known.instance.as_ref()).unwrap().to_string()
}

fn heartbeat(desk: &mut Desk, instance: &str, member: &str) -> ErrorCode {
    let (generation, group) = (desk.group().unwrap().generation(), GROUP.into());
    let heartbeat = Heartbeat { group, generation, member: member.into(), instance: Some(instance.into()) };
    desk.run(|shard, env| shard.heartbeat(env, &heartbeat)).unwrap()
}

#[test]
fn a_static_member_starts_again_and_the_group_does_not_notice() {
    let mut desk = Desk::new();
    let members = pair(&mut desk);
    let (former, records) = (&members[1].member, desk.log.len());
    let instance = instance_of(&desk, former);
    let back = desk.join(fixed(&instance, ""));
    let back = desk.joined(back);
    assert_eq!((back.error, back.generation), (ErrorCode::None, 1));
    assert_ne!(back.member, *former);
    assert!(!back.skip_assignment && back.members.is_empty());
    assert_eq!(desk.state(), "Stable");
    assert_eq!(desk.log.len(), records + 1);
    let written = desk.written().unwrap().members.iter().find(|member| *member.member_id == *back.member);
    assert_eq!(written.unwrap().assignment, *former.as_bytes(), "it keeps what its former self had");
    let sync = desk.sync(sync_of(&back, Vec::new()));
    assert_eq!(desk.synced(sync).assignment, *former.as_bytes());

    assert_eq!(heartbeat(&mut desk, &instance, former), ErrorCode::FencedInstanceId);
    assert_eq!(heartbeat(&mut desk, &instance, &back.member), ErrorCode::None);
    assert_eq!(heartbeat(&mut desk, "three", &back.member), ErrorCode::UnknownMemberId);
    let rejoin = desk.join(fixed(&instance, former));
    assert_eq!(desk.joined(rejoin).error, ErrorCode::FencedInstanceId);
}

#[test]
fn a_static_member_that_was_to_give_partitions_up_is_not_replaced_in_silence() {
    let partitions = |partitions: &[i32]| {
        vec![TopicPartitions { topic: "orders".into(), partitions: partitions.to_vec() }]
    };
    for (kept, state) in [(&[0, 1][..], "Stable"), (&[1], "PreparingRebalance")] {
        let mut desk = Desk::new();
        let subscription = Subscription { owned_partitions: partitions(&[0, 1]), ..Subscription::default() };
        let had =
            Join { protocols: vec![("range".into(), write(&subscription, 3).unwrap())], ..fixed("one", "") };
        let tickets = [had, fixed("two", "")].map(|join| desk.join(join));
        desk.pass(0);
        let [one, two] = tickets.map(|ticket| desk.joined(ticket));
        let leader = if one.leader == one.member { &one } else { &two };
        let assignment = Assignment { assigned_partitions: partitions(kept), ..Assignment::default() };
        let sync = desk.sync(sync_of(leader, vec![(one.member.clone(), write(&assignment, 3).unwrap())]));
        assert_eq!(desk.synced(sync).error, ErrorCode::None);
        desk.join(fixed("one", ""));
        assert_eq!(desk.state(), state);
    }
}

#[test]
fn a_leader_that_starts_again_keeps_the_assignment_or_takes_itself_for_a_follower() {
    let mut desk = Desk::new();
    let members = pair(&mut desk);
    let instance = instance_of(&desk, &members[0].member);
    let told = desk.join(fixed(&instance, ""));
    let told = desk.joined(told);
    assert!(told.skip_assignment);
    assert_eq!((&told.leader, told.members.len()), (&told.member, 2));

    let old_client = Join { can_skip_assignment: false, ..fixed(&instance, "") };
    let untold = desk.join(old_client);
    let untold = desk.joined(untold);
    assert_eq!(untold.leader, told.member, "its former self");
    assert!(!untold.skip_assignment && untold.members.is_empty());
    assert_eq!(desk.group().unwrap().leader.as_ref(), Some(&untold.member));
}

#[test]
fn a_static_member_that_returns_during_a_rebalance_fences_its_former_self() {
    let mut desk = Desk::new();
    let members = pair(&mut desk);
    let instance = instance_of(&desk, &members[0].member);
    let waiting = desk.join(fixed(&instance, &members[0].member));
    let back = desk.join(fixed(&instance, ""));
    let fenced = desk.joined(waiting);
    assert_eq!((fenced.error, &fenced.member), (ErrorCode::FencedInstanceId, &members[0].member));
    let other = instance_of(&desk, &members[1].member);
    let other = desk.join(fixed(&other, &members[1].member));
    let (back, other) = (desk.joined(back), desk.joined(other));
    assert_eq!((back.generation, &back.leader), (2, &back.member));
    desk.settle(&[back, other]);
}

#[test]
fn a_static_member_that_returns_while_the_leader_assigns_starts_a_rebalance() {
    let mut desk = Desk::new();
    let members = pair(&mut desk);
    let instances = [0, 1].map(|index| instance_of(&desk, &members[index].member));
    let again = [0, 1].map(|index| desk.join(fixed(&instances[index], &members[index].member)));
    let again = again.map(|ticket| desk.joined(ticket));
    let waiting = desk.sync(sync_of(&again[1], Vec::new()));
    let back = desk.join(fixed(&instances[1], ""));
    assert_eq!(desk.synced(waiting).error, ErrorCode::FencedInstanceId);
    let leader = desk.join(fixed(&instances[0], &again[0].member));
    let (leader, back) = (desk.joined(leader), desk.joined(back));
    assert_eq!((leader.generation, back.generation), (3, 3));
    desk.settle(&[leader, back]);
}

#[test]
fn a_static_member_that_returns_with_another_protocol_starts_a_rebalance() {
    let mut desk = Desk::new();
    let both = |instance: &str, member: &str, names: [&'static str; 2]| Join {
        protocols: names.map(|name| (name.into(), Bytes::new())).to_vec(),
        protocol_type: "connect".into(),
        ..fixed(instance, member)
    };
    let ticket = desk.join(both("one", "", ["a", "b"]));
    desk.pass(0);
    let joined = desk.joined(ticket);
    assert_eq!(joined.protocol.as_deref(), Some("a"));
    desk.settle(&[joined]);
    let back = desk.join(both("one", "", ["b", "a"]));
    let back = desk.joined(back);
    assert_eq!((back.generation, back.protocol.as_deref()), (2, Some("b")));
}

#[test]
fn a_static_member_keeps_its_place_through_a_rebalance_until_its_session_ends() {
    let mut desk = Desk::new();
    let members = pair(&mut desk);
    let instance = instance_of(&desk, &members[1].member);
    let mut patient = fixed(&instance, &members[1].member);
    patient.session_timeout_ms = 300_000;
    patient.protocols.push(("sticky".into(), Bytes::new()));
    let second = desk.join(patient);
    let first = instance_of(&desk, &members[0].member);
    let first_again = desk.join(fixed(&first, &members[0].member));
    let members = vec![desk.joined(first_again), desk.joined(second)];
    desk.settle(&members);
    // The leader rebalances alone.
    let leader = desk.join(fixed(&first, &members[0].member));
    desk.pass(60_000);
    let leader = desk.joined(leader);
    assert_eq!((leader.generation, leader.members.len()), (3, 2));
    assert_eq!(
        desk.leave(&[("", Some(&instance)), ("", Some("unknown")), ("", None)]),
        [ErrorCode::None, ErrorCode::UnknownMemberId, ErrorCode::UnknownMemberId]
    );
    assert_eq!(desk.group().unwrap().members().len(), 1);
}

#[test]
fn only_the_member_itself_or_an_administrator_ends_a_static_membership() {
    let mut desk = Desk::new();
    let members = pair(&mut desk);
    let instance = instance_of(&desk, &members[0].member);
    assert_eq!(desk.leave(&[("nobody", Some(&instance))]), [ErrorCode::FencedInstanceId]);
    assert_eq!(desk.leave(&[(&members[0].member, Some("three"))]), [ErrorCode::UnknownMemberId]);
    assert_eq!(desk.leave(&[(&members[0].member, Some(&instance))]), [ErrorCode::None]);
    assert_eq!(desk.leave(&[("", Some(&instance))]), [ErrorCode::UnknownMemberId]);
}
