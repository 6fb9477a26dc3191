//! SyncGroup (key 14), versions 0-5: members of a classic group get what the leader has assigned to them.
//!
//! 3 static members (KIP-345) · 5 type and name of the protocol, which must be there (KIP-559).

use bytes::Bytes;
use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::sync_group::Response;
use thalweg_proto::wire::Text;

pub(in crate::front::kafka) use thalweg_proto::messages::sync_group::Request;

use crate::engine::groups::{Sync, Synced};
use crate::front::kafka::context::Context;

/// The first version that must say which protocol the member thinks is in use.
const NAMES_PROTOCOL: i16 = 5;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, version: i16) -> Response {
    let named = request.protocol_type.is_some() && request.protocol_name.is_some();
    if version >= NAMES_PROTOCOL && !named {
        return answer(Synced::refused(ErrorCode::InconsistentGroupProtocol));
    }
    let sync = asked(request);
    answer(context.engine.sync_group(sync).await)
}

/// What is asked, with nothing of the frame in it: assignments are kept for long.
fn asked(request: Request) -> Sync {
    let assignments = request
        .assignments
        .iter()
        .map(|assigned| (assigned.member_id.as_str().into(), Bytes::copy_from_slice(&assigned.assignment)));
    Sync {
        group: request.group_id.as_str().into(),
        generation: request.generation_id,
        member: request.member_id.as_str().into(),
        instance: request.group_instance_id.as_deref().map(Into::into),
        protocol_type: request.protocol_type.as_deref().map(Into::into),
        protocol: request.protocol_name.as_deref().map(Into::into),
        assignments: assignments.collect(),
    }
}

fn answer(synced: Synced) -> Response {
    Response {
        error_code: synced.error.code(),
        protocol_type: synced.protocol_type.as_deref().map(Text::from),
        protocol_name: synced.protocol.as_deref().map(Text::from),
        assignment: synced.assignment,
        ..Response::default()
    }
}
