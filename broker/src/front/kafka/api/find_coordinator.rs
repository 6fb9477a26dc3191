//! FindCoordinator (key 10), versions 0-6: this broker coordinates everything that there is to coordinate.
//!
//! 1 kinds of coordinators, error messages · 4 several keys (KIP-699) · 6 share partitions (KIP-932).
//!
//! The groups' log is made when somebody looks for the first coordinator; the answer leaves when it is served.

use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::find_coordinator::{Coordinator, Response};
use thalweg_proto::wire::Text;

pub(in crate::front::kafka) use thalweg_proto::messages::find_coordinator::Request;

use super::cluster::Node;
use crate::front::kafka::context::Context;

const GROUP: i8 = 0;
const TRANSACTION: i8 = 1;
const SHARE: i8 = 2;

/// The first version that finds coordinators of share partitions.
const WITH_SHARES: i16 = 6;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, version: i16) -> Response {
    if version >= 4 {
        let mut coordinators = Vec::with_capacity(request.coordinator_keys.len());
        for key in request.coordinator_keys {
            let found = find(context, &key, request.key_type, version).await;
            coordinators.push(answer(context, key, found));
        }
        return Response { coordinators, ..Response::default() };
    }
    let found = find(context, &request.key, request.key_type, version).await;
    // The older versions name the error that is none.
    let message = match &found {
        Ok(()) => ErrorCode::None.name(),
        Err((code, _)) => code.message(),
    };
    let Coordinator { node_id, host, port, error_code, .. } = answer(context, request.key, found);
    Response {
        error_code,
        error_message: Some(Text::from(message)),
        node_id,
        host,
        port,
        ..Response::default()
    }
}

fn answer(context: &Context, key: Text, found: Result<(), (ErrorCode, &str)>) -> Coordinator {
    match found {
        Ok(()) => {
            let node = Node::of(context);
            let error_message = Some(Text::default());
            Coordinator {
                key,
                node_id: node.id,
                host: node.host,
                port: node.port,
                error_message,
                ..Coordinator::default()
            }
        }
        Err((code, message)) => Coordinator {
            key,
            node_id: -1,
            port: -1,
            error_code: code.code(),
            error_message: Some(Text::from(message)),
            ..Coordinator::default()
        },
    }
}

/// Groups have their coordinator here; coordinators of transactions and share partitions are not available yet, which clients
/// may ask again for.
async fn find(
    context: &Context,
    key: &str,
    key_type: i8,
    version: i16,
) -> Result<(), (ErrorCode, &'static str)> {
    const NOT_YET: (ErrorCode, &str) =
        (ErrorCode::CoordinatorNotAvailable, "The coordinator is not available.");
    match key_type {
        GROUP => context.engine.find_group_coordinator(key).await.map_err(|code| (code, code.message())),
        TRANSACTION => Err(NOT_YET),
        SHARE if version >= WITH_SHARES && is_share_partition(key) => Err(NOT_YET),
        SHARE => Err((ErrorCode::InvalidRequest, "")),
        _ => Err((ErrorCode::InvalidRequest, ErrorCode::InvalidRequest.message())),
    }
}

/// Whether a key names a share partition: `group:topic id:partition` (Kafka: `SharePartitionKey.validate`).
fn is_share_partition(key: &str) -> bool {
    let mut parts = key.rsplitn(3, ':');
    let (partition, topic, group) = (parts.next(), parts.next(), parts.next());
    // An id in Kafka's text form is 16 bytes in 22 characters of base 64.
    let is_id = |text: &str| text.len() == 22;
    partition.is_some_and(|number| number.parse::<i32>().is_ok())
        && topic.is_some_and(is_id)
        && group.is_some_and(|group| !group.is_empty())
}
