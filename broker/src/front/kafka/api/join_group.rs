//! JoinGroup (key 11), versions 0-9: members of a classic group come together.
//!
//! 1 rebalance timeout, before it is the session timeout · 4 a new dynamic member must come again with the id it is given
//! (KIP-394) · 5 static members (KIP-345) · 7 type of the protocol, and null where there is no protocol (KIP-559) · 8 reason
//! (KIP-800) · 9 the leader may keep the assignment (KIP-814).

use bytes::Bytes;
use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::join_group::{JoinGroupResponseMember, Response};
use thalweg_proto::wire::Text;

pub(in crate::front::kafka) use thalweg_proto::messages::join_group::Request;

use crate::engine::groups::{Join, Joined, JoinedMember};
use crate::front::kafka::context::Context;

/// The first version with a rebalance timeout.
const REBALANCE_TIMEOUT: i16 = 1;
/// The first version whose new members must be known.
const KNOWN_MEMBER: i16 = 4;
/// The first version that can say that there is no protocol.
const NO_PROTOCOL: i16 = 7;
/// The first version whose leaders can keep an assignment.
const SKIP_ASSIGNMENT: i16 = 9;
/// The longest name that a member id can be made of, in bytes: a dash and a random id come behind it, and no string of the wire is
/// longer than 32767.
const LONGEST_NAME: usize = 32_767 - 37;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, version: i16) -> Response {
    let join = asked(context, request, version);
    let name = join.instance.as_deref().unwrap_or(&join.client_id);
    if join.member.is_empty() && name.len() > LONGEST_NAME {
        return answer(Joined::refused(ErrorCode::UnknownServerError, join.member), version);
    }
    answer(context.engine.join_group(join).await, version)
}

/// What is asked, with nothing of the frame in it: a member is kept for long.
fn asked(context: &Context, request: Request, version: i16) -> Join {
    let protocols = request
        .protocols
        .iter()
        .map(|protocol| (protocol.name.as_str().into(), Bytes::copy_from_slice(&protocol.metadata)));
    Join {
        group: request.group_id.as_str().into(),
        member: request.member_id.as_str().into(),
        instance: request.group_instance_id.as_deref().map(Into::into),
        client_id: context.client_name(),
        client_host: context.client.host(),
        protocol_type: request.protocol_type.as_str().into(),
        protocols: protocols.collect(),
        session_timeout_ms: request.session_timeout_ms,
        rebalance_timeout_ms: if version >= REBALANCE_TIMEOUT {
            request.rebalance_timeout_ms
        } else {
            request.session_timeout_ms
        },
        requires_known_member: version >= KNOWN_MEMBER,
        can_skip_assignment: version >= SKIP_ASSIGNMENT,
        reason: request.reason.as_deref().map(Into::into),
    }
}

fn answer(joined: Joined, version: i16) -> Response {
    let text = |text: &str| Text::from(text);
    let protocol = joined.protocol.as_deref().filter(|name| !name.is_empty()).map(text);
    Response {
        error_code: joined.error.code(),
        generation_id: joined.generation,
        protocol_type: joined.protocol_type.as_deref().map(text),
        protocol_name: if version >= NO_PROTOCOL { protocol } else { Some(protocol.unwrap_or_default()) },
        leader: text(&joined.leader),
        skip_assignment: joined.skip_assignment,
        member_id: text(&joined.member),
        members: joined.members.into_iter().map(member).collect(),
        ..Response::default()
    }
}

fn member(member: JoinedMember) -> JoinGroupResponseMember {
    JoinGroupResponseMember {
        member_id: Text::from(&*member.member),
        group_instance_id: member.instance.as_deref().map(Text::from),
        metadata: member.metadata,
    }
}
