//! The way from one generation to the next.

use bytes::Bytes;
use thalweg_proto::error::ErrorCode;

use super::desk::{Desk, EPOCH_MS, dynamic, sync_of};

#[test]
fn a_group_comes_together_and_its_assignment_is_written() {
    let mut desk = Desk::new();
    let members = desk.assemble(3);
    assert_eq!(members[0].members.len(), 3, "the leader is told of all");
    assert!(members[1].members.is_empty() && members[2].members.is_empty());
    let written = desk.written().unwrap();
    assert_eq!((written.generation, written.members.len()), (1, 3));
    assert_eq!(written.protocol.as_deref(), Some("range"));
    assert_eq!(written.leader.as_deref(), Some(&*members[0].member));
    for member in &written.members {
        assert_eq!(member.assignment, *member.member_id.as_bytes());
    }
    assert!(desk.group().unwrap().is_subscribed_to("orders"));
    assert!(!desk.group().unwrap().is_subscribed_to("payments"));
}

#[test]
fn a_member_that_does_not_join_again_in_time_is_left_behind() {
    let mut desk = Desk::new();
    let members = desk.assemble(2);
    let join = desk.introduce();
    let third = desk.join(join);
    let first = desk.join(dynamic(&members[0].member));
    for _ in 0..7 {
        desk.pass(8_000);
        assert_eq!(desk.heartbeat(&members[1]), ErrorCode::RebalanceInProgress, "the slow one lives");
    }
    assert!(desk.waiting.contains(&first) && desk.waiting.contains(&third));
    desk.pass(4_000);
    let (first, third) = (desk.joined(first), desk.joined(third));
    assert_eq!((first.generation, first.members.len()), (2, 2));
    assert_eq!(desk.heartbeat(&members[1]), ErrorCode::UnknownMemberId);
    desk.settle(&[first, third]);
}

#[test]
fn the_group_outlives_its_leader() {
    let mut desk = Desk::new();
    let members = desk.assemble(3);
    for _ in 0..2 {
        desk.pass(5_000);
        for member in &members[1..] {
            desk.heartbeat(member);
        }
    }
    assert_eq!(desk.state(), "PreparingRebalance", "the leader was silent for 10 s");
    let second = desk.join(dynamic(&members[1].member));
    let third = desk.join(dynamic(&members[2].member));
    let (second, third) = (desk.joined(second), desk.joined(third));
    assert_eq!(second.leader, third.leader);
    let (leader, follower) = if second.leader == second.member { (second, third) } else { (third, second) };
    assert_eq!(leader.members.len(), 2);
    desk.settle(&[leader, follower]);
}

#[test]
fn the_first_rebalance_waits_while_members_keep_coming_but_not_for_ever() {
    let mut desk = Desk::new();
    desk.settings.initial_rebalance_delay_ms = 3_000;
    let join = desk.introduce();
    let first = desk.join(join);
    desk.pass(2_999);
    let mut others = Vec::new();
    // Somebody comes in each delay; the slowest member would wait for 60 s.
    for _ in 0..19 {
        let join = desk.introduce();
        others.push(desk.join(join));
        desk.pass(3_000);
        assert!(desk.waiting.contains(&first));
    }
    desk.pass(1);
    assert_eq!(desk.joined(first).members.len(), 20);
    assert!(others.into_iter().all(|other| desk.joined(other).generation == 1));
}

#[test]
fn a_quiet_delay_ends_the_first_rebalance() {
    let mut desk = Desk::new();
    desk.settings.initial_rebalance_delay_ms = 3_000;
    let join = desk.introduce();
    let first = desk.join(join);
    desk.pass(2_999);
    assert!(desk.waiting.contains(&first));
    desk.pass(1);
    assert_eq!(desk.joined(first).generation, 1);
}

#[test]
fn members_that_do_not_sync_in_time_are_let_go() {
    let mut desk = Desk::new();
    let members = desk.assemble(2);
    let again = [0, 1].map(|index| desk.join(dynamic(&members[index].member)));
    let again = again.map(|ticket| desk.joined(ticket));
    let waiting = desk.sync(sync_of(&again[1], Vec::new()));
    for _ in 0..7 {
        desk.pass(8_000);
        assert_eq!(desk.heartbeat(&again[0]), ErrorCode::None, "the leader lives, but does not assign");
    }
    desk.pass(4_000);
    assert_eq!(desk.synced(waiting).error, ErrorCode::RebalanceInProgress);
    assert_eq!(desk.heartbeat(&again[0]), ErrorCode::UnknownMemberId);
    let follower = desk.join(dynamic(&again[1].member));
    let leader = desk.joined(follower);
    assert_eq!((leader.generation, &leader.leader), (3, &leader.member));
    desk.settle(&[leader]);
}

#[test]
fn without_a_rebalance_timeout_an_immediate_sync_is_too_late() {
    let mut desk = Desk::new();
    let mut join = desk.introduce();
    join.rebalance_timeout_ms = 0;
    let ticket = desk.join(join);
    desk.pass(0);
    let joined = desk.joined(ticket);
    assert_eq!(joined.error, ErrorCode::None);
    let sync = desk.sync(sync_of(&joined, Vec::new()));
    assert_eq!(desk.synced(sync).error, ErrorCode::UnknownMemberId);
}

#[test]
fn who_syncs_while_members_join_again_gets_no_empty_assignment() {
    let mut desk = Desk::new();
    let members = desk.assemble(2);
    let leader = desk.join(dynamic(&members[0].member));
    assert!(desk.waiting.contains(&leader));
    let follower = desk.sync(sync_of(&members[1], Vec::new()));
    assert_eq!(desk.synced(follower).error, ErrorCode::RebalanceInProgress);
}

#[test]
fn a_rebalance_takes_the_place_of_the_one_whose_assignment_is_waited_for() {
    let mut desk = Desk::new();
    let members = desk.assemble(2);
    let again = [0, 1].map(|index| desk.join(dynamic(&members[index].member)));
    let again = again.map(|ticket| desk.joined(ticket));
    let waiting = desk.sync(sync_of(&again[1], Vec::new()));
    assert_eq!(desk.leave(&[(&again[0].member, None)]), [ErrorCode::None]);
    assert_eq!(desk.synced(waiting).error, ErrorCode::RebalanceInProgress);
    let last = desk.join(dynamic(&again[1].member));
    let last = desk.joined(last);
    assert_eq!((last.generation, last.members.len()), (3, 1));
}

#[test]
fn an_unchanged_follower_of_a_stable_group_disturbs_nobody_and_the_leader_does() {
    let mut desk = Desk::new();
    let members = desk.assemble(2);
    let follower = desk.join(dynamic(&members[1].member));
    assert_eq!(desk.joined(follower).generation, 1);
    assert_eq!(desk.state(), "Stable");
    let mut changed = dynamic(&members[1].member);
    changed.protocols.push(("sticky".into(), Bytes::new()));
    let follower = desk.join(changed);
    assert!(desk.waiting.contains(&follower));
    let leader = desk.join(dynamic(&members[0].member));
    assert_eq!((desk.joined(leader).generation, desk.joined(follower).generation), (2, 2));
}

#[test]
fn the_last_to_leave_leaves_an_empty_generation() {
    let mut desk = Desk::new();
    let members = desk.assemble(2);
    desk.pass(1_000);
    let leaving: Vec<_> = members.iter().map(|member| (&*member.member, None)).collect();
    assert_eq!(desk.leave(&leaving), [ErrorCode::None; 2]);
    assert_eq!(desk.state(), "Empty");
    let written = desk.written().unwrap();
    assert_eq!((written.generation, written.members.len()), (2, 0));
    assert_eq!((&*written.protocol_type, &written.protocol, &written.leader), ("consumer", &None, &None));
    assert_eq!(written.current_state_timestamp, EPOCH_MS + 1_000);
    assert_eq!(desk.shard.next_deadline(), None);
}

#[test]
fn rebalances_count_when_they_are_over_and_members_when_they_are_let_go() {
    let mut desk = Desk::new();
    let members = desk.assemble(2);
    let count = |desk: &mut Desk| {
        let tally = desk.shard.take_tally().unwrap_or_default();
        (tally.rebalances.classic, tally.silent_members.classic, tally.late_members.classic)
    };
    assert_eq!(count(&mut desk), (1, 0, 0));
    assert_eq!(desk.heartbeat(&members[0]), ErrorCode::None);
    assert_eq!(desk.shard.take_tally(), None, "a heartbeat is nothing to count");
    let again = desk.join(dynamic(&members[0].member));
    for _ in 0..10 {
        desk.pass(6_001);
        desk.heartbeat(&members[1]);
    }
    assert_eq!(count(&mut desk), (0, 0, 1), "the second has not joined again");
    let alone = desk.joined(again);
    desk.settle(std::slice::from_ref(&alone));
    assert_eq!(count(&mut desk), (1, 0, 0));
    desk.pass(10_000);
    assert_eq!((count(&mut desk), desk.state()), ((0, 1, 0), "Empty"));
}

#[test]
fn metadata_that_cannot_be_read_holds_nobody_up() {
    let mut desk = Desk::new();
    let mut join = desk.introduce();
    // It says that a thousand million topics follow.
    join.protocols = vec![("range".into(), Bytes::from_static(b"\0\0\x40\0\0\0"))];
    let ticket = desk.join(join);
    desk.pass(0);
    let joined = desk.joined(ticket);
    desk.settle(&[joined]);
    assert!(desk.group().unwrap().is_subscribed_to("anything"), "whatever it wants, it is not known");
}
