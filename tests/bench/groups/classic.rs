//! Members that speak the classic protocol.

use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use thalweg_proto::api::ApiKey;
use thalweg_proto::messages::{heartbeat, join_group, sync_group};

use super::{MEMBERS, Member, Place, Protocol};
use crate::client::Client;

pub struct Classic;

pub struct ClassicMember {
    heartbeat: heartbeat::Request,
}

impl Member for ClassicMember {
    fn beat(&mut self, client: &mut Client) -> bool {
        let answer: heartbeat::Response = client.ask(ApiKey::Heartbeat, 3, &self.heartbeat).unwrap();
        answer.error_code == 0
    }
}

impl Protocol for Classic {
    const NAME: &'static str = "classic";
    type Member = ClassicMember;

    fn gather(place: Place<'_>, client: &mut Client) -> Vec<ClassicMember> {
        place.groups().enumerate().map(|(number, group)| join(&group, number, place, client)).collect()
    }
}

/// Joins until the whole group is in one generation. All its connections ask at about the same time; who comes too late for
/// the others' generation begins another, which they hear of by their heartbeats.
fn join(group: &str, number: usize, place: Place<'_>, client: &mut Client) -> ClassicMember {
    let mut request = join_group::Request {
        group_id: group.into(),
        session_timeout_ms: 120_000,
        rebalance_timeout_ms: 60_000,
        protocol_type: "consumer".into(),
        protocols: vec![join_group::JoinGroupRequestProtocol {
            name: "range".into(),
            metadata: Bytes::from_static(b"\0\0\0\0\0\x01\0\x04work\xff\xff\xff\xff"),
        }],
        ..Default::default()
    };
    place.meeting.wait();
    loop {
        let joined: join_group::Response = client.ask(ApiKey::JoinGroup, 3, &request).unwrap();
        assert_eq!(joined.error_code, 0, "{joined:?}");
        request.member_id = joined.member_id.clone();
        let mut member = ClassicMember {
            heartbeat: heartbeat::Request {
                group_id: group.into(),
                generation_id: joined.generation_id,
                member_id: joined.member_id.clone(),
                ..Default::default()
            },
        };
        // The leader alone sees who is in, and tells the others.
        let whole = &place.unsettled[place.row * MEMBERS];
        let generation = usize::try_from(joined.generation_id).unwrap();
        let this = (number + 1) * 1_000_000 + generation;
        if joined.members.len() == MEMBERS {
            whole.store(this, Ordering::SeqCst);
        }
        loop {
            if whole.load(Ordering::SeqCst) == this {
                sync(&joined, group, client);
                return member;
            }
            if !member.beat(client) {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn sync(joined: &join_group::Response, group: &str, client: &mut Client) {
    let assignment = |member: &join_group::JoinGroupResponseMember| sync_group::SyncGroupRequestAssignment {
        member_id: member.member_id.clone(),
        assignment: Bytes::from_static(b"\0\0\0\0\0\x01\0\x04work\0\0\0\x01\0\0\0\0\0\0\0\0"),
    };
    let request = sync_group::Request {
        group_id: group.into(),
        generation_id: joined.generation_id,
        member_id: joined.member_id.clone(),
        assignments: joined.members.iter().map(assignment).collect(),
        ..Default::default()
    };
    let synced: sync_group::Response = client.ask(ApiKey::SyncGroup, 3, &request).unwrap();
    assert_eq!(synced.error_code, 0, "{synced:?}");
}
