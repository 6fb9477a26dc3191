//! Heartbeat (key 12), versions 0-4: a member of a classic group lives, and learns whether it must join again.
//!
//! 3 static members (KIP-345).

use thalweg_proto::messages::heartbeat::Response;

pub(in crate::front::kafka) use thalweg_proto::messages::heartbeat::Request;

use crate::engine::groups::Heartbeat;
use crate::front::kafka::context::Context;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, _: i16) -> Response {
    let heartbeat = Heartbeat {
        group: request.group_id.as_str().into(),
        generation: request.generation_id,
        member: request.member_id.as_str().into(),
        instance: request.group_instance_id.as_deref().map(Into::into),
    };
    Response { error_code: context.engine.group_heartbeat(heartbeat).await.code(), ..Response::default() }
}
