//! Members that speak the classic protocol.

use std::sync::atomic::Ordering;

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
        place.groups().map(|group| join(&group, place, client)).collect()
    }
}

/// Joins until the whole group is in one generation: all its connections ask at the same time, again and again.
fn join(group: &str, place: Place<'_>, client: &mut Client) -> ClassicMember {
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
    loop {
        place.meeting.wait();
        let joined: join_group::Response = client.ask(ApiKey::JoinGroup, 3, &request).unwrap();
        assert_eq!(joined.error_code, 0, "{joined:?}");
        request.member_id = joined.member_id.clone();
        let leads = joined.leader == joined.member_id;
        let assignment =
            |member: &join_group::JoinGroupResponseMember| sync_group::SyncGroupRequestAssignment {
                member_id: member.member_id.clone(),
                assignment: Bytes::from_static(b"\0\0\0\0\0\x01\0\x04work\0\0\0\x01\0\0\0\0\0\0\0\0"),
            };
        let sync = sync_group::Request {
            group_id: group.into(),
            generation_id: joined.generation_id,
            member_id: joined.member_id.clone(),
            assignments: joined.members.iter().map(assignment).collect(),
            ..Default::default()
        };
        let whole = leads && joined.members.len() == MEMBERS;
        place.unsettled[place.row * MEMBERS + place.column].store(usize::from(whole), Ordering::SeqCst);
        place.meeting.wait();
        // The leader alone sees the members. A group that is not whole begins again, without a word to the broker.
        let row = &place.unsettled[place.row * MEMBERS..][..MEMBERS];
        let whole = row.iter().any(|seen| seen.load(Ordering::SeqCst) == 1);
        place.meeting.wait();
        if !whole {
            continue;
        }
        let synced: sync_group::Response = client.ask(ApiKey::SyncGroup, 3, &sync).unwrap();
        assert_eq!(synced.error_code, 0, "{synced:?}");
        let heartbeat = heartbeat::Request {
            group_id: group.into(),
            generation_id: joined.generation_id,
            member_id: joined.member_id,
            ..Default::default()
        };
        return ClassicMember { heartbeat };
    }
}
