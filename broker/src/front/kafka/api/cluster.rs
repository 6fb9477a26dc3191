//! What several APIs tell of the cluster: its one node, and what a client may do where nothing is forbidden.

use thalweg_proto::error::ErrorCode;
use thalweg_proto::wire::Text;

use crate::engine::Refusal;
use crate::front::kafka::context::Context;

/// Authorized operations that were not asked for.
pub(super) const NOT_ASKED: i32 = i32::MIN;

/// All operations on a topic, one bit each (`AclOperation`): read, write, create, delete, alter, describe, describe and alter
/// configurations.
const TOPIC_OPERATIONS: i32 = 3576;

/// All operations on the cluster: create, alter, describe, act as a broker, describe and alter configurations, write idempotently.
const CLUSTER_OPERATIONS: i32 = 8096;

/// All operations on a group: read, delete, describe, describe and alter configurations.
const GROUP_OPERATIONS: i32 = 3400;

/// The operations that the client may do on a topic, if it asks.
pub(super) fn topic_operations(asked: bool) -> i32 {
    if asked { TOPIC_OPERATIONS } else { NOT_ASKED }
}

/// The operations that the client may do on the cluster, if it asks.
pub(super) fn cluster_operations(asked: bool) -> i32 {
    if asked { CLUSTER_OPERATIONS } else { NOT_ASKED }
}

/// The operations that the client may do on a group, if it asks.
pub(super) fn group_operations(asked: bool) -> i32 {
    if asked { GROUP_OPERATIONS } else { NOT_ASKED }
}

/// This broker as a client is to know it.
pub(super) struct Node {
    pub(super) id: i32,
    pub(super) host: Text,
    pub(super) port: i32,
    pub(super) rack: Option<Text>,
}

impl Node {
    pub(super) fn of(context: &Context) -> Self {
        let settings = &context.engine.settings;
        let endpoint = &context.client.advertised;
        Self {
            id: settings.node_id,
            host: endpoint.host.clone(),
            port: endpoint.port,
            rack: settings.rack.as_deref().map(Text::from),
        }
    }
}

/// What a client gets that gives the broker no time at all.
pub(super) fn timed_out() -> Refusal {
    Refusal::bare(ErrorCode::RequestTimedOut)
}

/// Code and message of an answer's item.
pub(super) fn error_of<T>(outcome: &Result<T, Refusal>) -> (i16, Option<Text>) {
    match outcome {
        Ok(_) => (ErrorCode::None.code(), None),
        Err(refusal) => (refusal.code.code(), refusal.message.as_deref().map(Text::from)),
    }
}
