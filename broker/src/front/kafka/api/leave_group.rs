//! LeaveGroup (key 13), versions 0-5: members leave a classic group, or are removed from it.
//!
//! 3 several members, by member or instance id, each with its own error (KIP-345): before it is one, and its error is that of
//! the answer · 5 reason (KIP-800).

use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::leave_group::{MemberIdentity, MemberResponse, Response};

pub(in crate::front::kafka) use thalweg_proto::messages::leave_group::Request;

use crate::engine::groups::{Leave, LeavingMember};
use crate::front::kafka::context::Context;

/// The first version with several members.
const SEVERAL: i16 = 3;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, version: i16) -> Response {
    let members = if version >= SEVERAL {
        request.members
    } else {
        vec![MemberIdentity { member_id: request.member_id, ..MemberIdentity::default() }]
    };
    let leaving = |member: &MemberIdentity| LeavingMember {
        member: member.member_id.as_str().into(),
        instance: member.group_instance_id.as_deref().map(Into::into),
        reason: member.reason.as_deref().map(Into::into),
    };
    let leave =
        Leave { group: request.group_id.as_str().into(), members: members.iter().map(leaving).collect() };
    let left = context.engine.leave_group(leave).await;
    if version < SEVERAL {
        let of_member = left.members.first().copied().unwrap_or(ErrorCode::None);
        let error = if left.error == ErrorCode::None { of_member } else { left.error };
        return Response { error_code: error.code(), ..Response::default() };
    }
    let fared = |(member, error): (MemberIdentity, ErrorCode)| MemberResponse {
        member_id: member.member_id,
        group_instance_id: member.group_instance_id,
        error_code: error.code(),
    };
    Response {
        error_code: left.error.code(),
        members: members.into_iter().zip(left.members).map(fared).collect(),
        ..Response::default()
    }
}
