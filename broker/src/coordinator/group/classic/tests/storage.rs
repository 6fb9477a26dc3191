//! What remains over a restart, and what happens where the log takes nothing.

use bytes::Bytes;
use thalweg_proto::error::ErrorCode;

use super::desk::{Desk, dynamic, fixed, sync_of};

#[test]
fn members_go_on_after_a_restart_and_those_that_do_not_come_back_are_let_go() {
    let mut desk = Desk::new();
    let members = desk.assemble(2);
    desk.pass(9_000);
    desk.restart();
    assert_eq!(desk.state(), "Stable");
    desk.pass(9_000);
    assert_eq!(desk.heartbeat(&members[1]), ErrorCode::None, "the sessions have begun again");
    let sync = desk.sync(sync_of(&members[1], Vec::new()));
    assert_eq!(desk.synced(sync).assignment, *members[1].member.as_bytes());
    desk.pass(1_000);
    assert_eq!(desk.heartbeat(&members[1]), ErrorCode::RebalanceInProgress);
    let last = desk.join(dynamic(&members[1].member));
    let last = desk.joined(last);
    assert_eq!((last.generation, last.members.len()), (2, 1));
    desk.pass(600_000);
    assert_eq!(desk.state(), "Empty");
    desk.restart();
    assert_eq!((desk.state(), desk.group().unwrap().generation()), ("Empty", 3));
    assert_eq!(desk.shard.next_deadline(), None);
}

#[test]
fn a_rebalance_that_a_restart_interrupts_begins_again() {
    let mut desk = Desk::new();
    let members = desk.assemble(2);
    let _lost = desk.join(dynamic(&members[0].member));
    desk.restart();
    assert_eq!(desk.state(), "Stable");
    let leader = desk.join(dynamic(&members[0].member));
    let follower = desk.join(dynamic(&members[1].member));
    let members = [desk.joined(leader), desk.joined(follower)];
    assert_eq!(members[0].generation, 2);
    desk.settle(&members);
}

#[test]
fn an_assignment_that_cannot_be_written_is_given_to_nobody() {
    let mut desk = Desk::new();
    let members = desk.assemble(2);
    let again = [0, 1].map(|index| desk.join(dynamic(&members[index].member)));
    let again = again.map(|ticket| desk.joined(ticket));
    let follower = desk.sync(sync_of(&again[1], Vec::new()));
    desk.full = true;
    let given = vec![(again[1].member.clone(), Bytes::from_static(b"all"))];
    let leader = desk.sync(sync_of(&again[0], given));
    for ticket in [leader, follower] {
        let answer = desk.synced(ticket);
        assert_eq!((answer.error, answer.assignment.len()), (ErrorCode::UnknownServerError, 0));
    }
    assert_eq!(desk.state(), "PreparingRebalance");
    desk.full = false;
    let again = [0, 1].map(|index| desk.join(dynamic(&members[index].member)));
    let again = again.map(|ticket| desk.joined(ticket));
    assert_eq!(again[0].generation, 3);
    desk.settle(&again);
}

#[test]
fn a_group_that_cannot_be_written_is_not_made() {
    let mut desk = Desk::new();
    desk.full = true;
    let dynamic = desk.join(dynamic(""));
    assert_eq!(desk.joined(dynamic).error, ErrorCode::UnknownServerError);
    let fixed = desk.join(fixed("one", ""));
    assert_eq!(desk.joined(fixed).error, ErrorCode::UnknownServerError);
    assert_eq!(desk.state(), "Dead");
    assert_eq!(desk.shard.next_deadline(), None);
}

#[test]
fn a_static_member_whose_return_cannot_be_written_is_its_former_self() {
    let mut desk = Desk::new();
    let ticket = desk.join(fixed("one", ""));
    desk.pass(0);
    let former = desk.joined(ticket);
    desk.settle(std::slice::from_ref(&former));
    desk.full = true;
    let back = desk.join(fixed("one", ""));
    assert_eq!(desk.joined(back).error, ErrorCode::UnknownServerError);
    assert_eq!(desk.state(), "Stable");
    assert_eq!(desk.heartbeat(&former), ErrorCode::None);
    assert_eq!(desk.group().unwrap().leader.as_ref(), Some(&former.member));
    desk.full = false;
    let back = desk.join(fixed("one", ""));
    assert_eq!(desk.joined(back).error, ErrorCode::None);
    assert_eq!(desk.heartbeat(&former), ErrorCode::UnknownMemberId);
}
