//! FindCoordinator (key 10), versions 0-6: this broker coordinates everything that there is to coordinate.
//!
//! 4 several keys (KIP-699) · 6 share partitions (KIP-932).

use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::find_coordinator::{Coordinator, Response};
use thalweg_proto::wire::Text;

pub(in crate::front::kafka) use thalweg_proto::messages::find_coordinator::Request;

use super::cluster::Node;
use crate::front::kafka::context::Context;

const GROUP: i8 = 0;
const TRANSACTION: i8 = 1;
const SHARE: i8 = 2;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, version: i16) -> Response {
    if version >= 4 {
        let mut coordinators = Vec::with_capacity(request.coordinator_keys.len());
        for key in request.coordinator_keys {
            coordinators.push(find(context, key, request.key_type).await);
        }
        return Response { coordinators, ..Response::default() };
    }
    let found = find(context, request.key, request.key_type).await;
    Response {
        error_code: found.error_code,
        error_message: found.error_message,
        node_id: found.node_id,
        host: found.host,
        port: found.port,
        ..Response::default()
    }
}

/// Groups have their coordinator here; coordinators of transactions and share partitions are not available yet, which clients
/// may ask again for.
async fn find(context: &Context, key: Text, key_type: i8) -> Coordinator {
    let refused = |code: ErrorCode, message: &str| Coordinator {
        key: key.clone(),
        node_id: -1,
        port: -1,
        error_code: code.code(),
        error_message: Some(Text::from(message)),
        ..Coordinator::default()
    };
    match key_type {
        GROUP => match context.engine.find_group_coordinator(&key).await {
            Ok(()) => {
                let node = Node::of(context);
                Coordinator {
                    key,
                    node_id: node.id,
                    host: node.host,
                    port: node.port,
                    ..Coordinator::default()
                }
            }
            Err(code) => refused(code, code.message()),
        },
        TRANSACTION | SHARE => {
            refused(ErrorCode::CoordinatorNotAvailable, "The coordinator is not available.")
        }
        _ => refused(ErrorCode::InvalidRequest, "Unknown coordinator type"),
    }
}
