//! DescribeGroups (key 15), versions 0-6: classic groups in detail.
//!
//! 3 what the client may do (KIP-430) · 6 GROUP_ID_NOT_FOUND for a group that there is not, or that is not classic: before, such
//! a group is Dead.

use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::describe_groups::{DescribedGroup, DescribedGroupMember, Response};
use thalweg_proto::wire::Text;

pub(in crate::front::kafka) use thalweg_proto::messages::describe_groups::Request;

use super::cluster::group_operations;
use crate::engine::Refusal;
use crate::engine::groups::{ClassicMemberDescription, GroupDescription};
use crate::front::kafka::context::Context;

/// The first version that says of a group that it is not found.
const NOT_FOUND: i16 = 6;
const DEAD: Text = Text::from_static("Dead");

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, version: i16) -> Response {
    let mut groups = Vec::with_capacity(request.groups.len());
    for group_id in request.groups {
        let mut group = match context.engine.describe_group(&group_id).await {
            Ok(group) => found(group),
            Err(refusal) => refused(refusal, version),
        };
        if group.error_code == ErrorCode::None.code() {
            group.authorized_operations = group_operations(request.include_authorized_operations);
        }
        groups.push(DescribedGroup { group_id, ..group });
    }
    Response { groups, ..Response::default() }
}

fn found(group: GroupDescription) -> DescribedGroup {
    DescribedGroup {
        group_state: Text::from_static(group.state),
        protocol_type: Text::from(&*group.protocol_type),
        protocol_data: Text::from(&*group.protocol),
        members: group.members.into_iter().map(member).collect(),
        ..DescribedGroup::default()
    }
}

fn member(member: ClassicMemberDescription) -> DescribedGroupMember {
    DescribedGroupMember {
        member_id: Text::from(&*member.member),
        group_instance_id: member.instance.as_deref().map(Text::from),
        client_id: Text::from(&*member.client_id),
        client_host: Text::from(&*member.client_host),
        member_metadata: member.metadata,
        member_assignment: member.assignment,
    }
}

fn refused(refusal: Refusal, version: i16) -> DescribedGroup {
    match refusal.code {
        ErrorCode::GroupIdNotFound if version < NOT_FOUND => {
            DescribedGroup { group_state: DEAD, ..DescribedGroup::default() }
        }
        ErrorCode::GroupIdNotFound => DescribedGroup {
            error_code: refusal.code.code(),
            error_message: refusal.message.map(Text::from),
            group_state: DEAD,
            ..DescribedGroup::default()
        },
        code => DescribedGroup { error_code: code.code(), ..DescribedGroup::default() },
    }
}
