//! Whole scenarios over the shard's operations, on virtual time.

mod desk;
mod members;
mod random;
mod rebalances;
mod statics;
mod storage;

use bytes::Bytes;

use super::member::{Member, Protocols, Waiting};

/// A member that knows nothing.
pub(super) fn member(id: &str) -> Member {
    Member {
        id: id.into(),
        instance: None,
        client_id: "client".into(),
        client_host: "/127.0.0.1".into(),
        rebalance_timeout_ms: 60_000,
        session_timeout_ms: 10_000,
        protocols: Protocols::default(),
        assignment: Bytes::new(),
        waiting: Waiting::No,
        new: false,
    }
}
