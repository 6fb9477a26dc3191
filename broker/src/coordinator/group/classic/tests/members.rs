//! Who gets in, and who is asked to come again.

use bytes::Bytes;
use thalweg_proto::error::ErrorCode;

use super::super::Join;
use super::desk::{Desk, dynamic, sync_of};

#[test]
fn an_id_that_was_given_out_and_not_used_holds_up_nobody_for_long() {
    let mut desk = Desk::new();
    let members = desk.assemble(1);
    let unused = desk.introduce();
    let leader = desk.join(dynamic(&members[0].member));
    assert!(desk.waiting.contains(&leader), "the newcomer is expected");
    desk.pass(10_000);
    assert_eq!(desk.joined(leader).members.len(), 1);
    let late = desk.join(unused);
    assert_eq!(desk.joined(late).error, ErrorCode::UnknownMemberId);

    let another = desk.introduce();
    assert_eq!(desk.leave(&[(&another.member, None)]), [ErrorCode::None]);
    assert_eq!(desk.leave(&[(&another.member, None)]), [ErrorCode::UnknownMemberId]);
}

#[test]
fn requests_that_cannot_be_right_are_refused() {
    let mut desk = Desk::new();
    type Case = (&'static str, fn(&mut Join), ErrorCode);
    let cases: [Case; 6] = [
        ("no group", |join| join.group = "".into(), ErrorCode::InvalidGroupId),
        ("too short a session", |join| join.session_timeout_ms = 5_999, ErrorCode::InvalidSessionTimeout),
        ("too long a session", |join| join.session_timeout_ms = 1_800_001, ErrorCode::InvalidSessionTimeout),
        ("no protocol", |join| join.protocols.clear(), ErrorCode::InconsistentGroupProtocol),
        ("no type", |join| join.protocol_type = "".into(), ErrorCode::InconsistentGroupProtocol),
        ("no such member", |join| join.member = "nobody".into(), ErrorCode::UnknownMemberId),
    ];
    for (what, change, expected) in cases {
        let mut join = dynamic("");
        change(&mut join);
        let ticket = desk.join(join);
        assert_eq!(desk.joined(ticket).error, expected, "{what}");
    }
}

#[test]
fn who_shares_no_protocol_with_the_members_stays_outside() {
    let mut desk = Desk::new();
    let members = desk.assemble(1);
    let connect = desk.join(Join { protocol_type: "connect".into(), ..dynamic("") });
    assert_eq!(desk.joined(connect).error, ErrorCode::InconsistentGroupProtocol);
    let sticky = desk.join(Join { protocols: vec![("sticky".into(), Bytes::new())], ..dynamic("") });
    assert_eq!(desk.joined(sticky).error, ErrorCode::InconsistentGroupProtocol);

    let mut wrong = sync_of(&members[0], Vec::new());
    wrong.protocol = Some("sticky".into());
    let wrong = desk.sync(wrong);
    assert_eq!(desk.synced(wrong).error, ErrorCode::InconsistentGroupProtocol);
    let mut old = sync_of(&members[0], Vec::new());
    old.generation = 0;
    let old = desk.sync(old);
    assert_eq!(desk.synced(old).error, ErrorCode::IllegalGeneration);
}

#[test]
fn a_group_has_no_more_members_than_allowed() {
    let mut desk = Desk::new();
    desk.settings.max_size = 2;
    let members = desk.assemble(2);
    let third = desk.join(dynamic(""));
    assert_eq!(desk.joined(third).error, ErrorCode::GroupMaxSizeReached);

    desk.settings.max_size = 1;
    desk.restart();
    assert_eq!(desk.state(), "PreparingRebalance", "it has become too large");
    let first = desk.join(dynamic(&members[1].member));
    let last = desk.join(dynamic(&members[0].member));
    assert_eq!(desk.joined(last).error, ErrorCode::GroupMaxSizeReached);
    let first = desk.joined(first);
    assert_eq!((&first.leader, first.members.len()), (&first.member, 1));
}

#[test]
fn a_second_request_of_a_member_ends_the_first() {
    let mut desk = Desk::new();
    let members = desk.assemble(2);
    let abandoned = desk.join(dynamic(&members[0].member));
    let again = desk.join(dynamic(&members[0].member));
    assert_eq!(desk.joined(abandoned).error, ErrorCode::RebalanceInProgress);
    let other = desk.join(dynamic(&members[1].member));
    let (leader, follower) = (desk.joined(again), desk.joined(other));

    let abandoned = desk.sync(sync_of(&follower, Vec::new()));
    let again = desk.sync(sync_of(&follower, Vec::new()));
    assert_eq!(desk.synced(abandoned).error, ErrorCode::RebalanceInProgress);
    let given = vec![(follower.member.clone(), Bytes::from_static(b"half")), ("nobody".into(), Bytes::new())];
    let leader = desk.sync(sync_of(&leader, given));
    assert_eq!(desk.synced(again).assignment, b"half"[..]);
    let leader = desk.synced(leader);
    assert_eq!((leader.error, leader.assignment), (ErrorCode::None, Bytes::new()), "it has forgotten itself");
}

#[test]
fn a_new_member_that_waits_for_too_long_has_lost_its_connection() {
    let mut desk = Desk::new();
    let members = desk.assemble(1);
    let mut join = desk.introduce();
    join.rebalance_timeout_ms = 600_000;
    let newcomer = desk.join(join);
    for _ in 0..59 {
        desk.pass(5_000);
        assert_eq!(desk.heartbeat(&members[0]), ErrorCode::RebalanceInProgress);
    }
    assert!(desk.waiting.contains(&newcomer));
    desk.pass(5_000);
    assert_eq!(desk.joined(newcomer).error, ErrorCode::UnknownMemberId);
}

#[test]
fn clients_before_kip_394_get_in_at_once() {
    let mut desk = Desk::new();
    let ticket = desk.join(Join { requires_known_member: false, ..dynamic("") });
    desk.pass(0);
    let joined = desk.joined(ticket);
    assert!(joined.member.starts_with("client-"));
    desk.settle(&[joined]);
}
