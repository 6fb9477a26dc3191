//! A member of a classic group.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;

use super::Join;
use crate::coordinator::group::Ticket;

/// A member of a classic group.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its id.
    pub id: Arc<str>,
    /// Its identity across restarts, if it is a static member (KIP-345).
    pub instance: Option<Arc<str>>,
    /// The client's name.
    pub client_id: Arc<str>,
    /// The client's address.
    pub client_host: Arc<str>,
    /// How long a rebalance waits for it, in ms.
    pub rebalance_timeout_ms: i32,
    /// How long it may be silent, in ms.
    pub session_timeout_ms: i32,
    /// The protocols that it knows.
    pub protocols: Protocols,
    /// What the leader assigned to it; empty while nothing is.
    pub assignment: Bytes,
    /// The request of it that has not been answered.
    pub(super) waiting: Waiting,
    /// Whether its first JoinGroup has not been answered: until then it cannot send heartbeats.
    pub(super) new: bool,
}

/// A request that waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Waiting {
    /// None does.
    #[default]
    No,
    /// JoinGroup, for the rebalance to end.
    Join(Ticket),
    /// SyncGroup, for the leader's assignment.
    Sync(Ticket),
}

/// The protocols that a member knows, the best first, with what it tells the group about each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protocols(Vec<(Arc<str>, Bytes)>);

impl Member {
    /// Who joins under an id.
    pub(super) fn joining(id: Arc<str>, join: &Join) -> Self {
        Self {
            id,
            instance: join.instance.clone(),
            client_id: join.client_id.clone(),
            client_host: join.client_host.clone(),
            rebalance_timeout_ms: join.rebalance_timeout_ms,
            session_timeout_ms: join.session_timeout_ms,
            protocols: Protocols::new(&join.protocols),
            assignment: Bytes::new(),
            waiting: Waiting::No,
            new: true,
        }
    }

    /// Whether it has joined the rebalance that is going on.
    pub(super) fn has_joined(&self) -> bool {
        matches!(self.waiting, Waiting::Join(_))
    }

    /// Whether its silence is no sign of death: it waits for an answer. A new member that waits for too long has lost its
    /// connection, and comes again with another id.
    pub(super) fn may_be_silent(&self) -> bool {
        !self.new && self.waiting != Waiting::No
    }
}

impl Protocols {
    /// The protocols of a request. One that is named twice counts once, where it stands first.
    pub fn new(named: &[(Arc<str>, Bytes)]) -> Self {
        let mut seen = BTreeSet::new();
        Self(named.iter().filter(|(name, _)| seen.insert(name)).cloned().collect())
    }

    /// One protocol.
    pub fn one(name: Arc<str>, metadata: Bytes) -> Self {
        Self(vec![(name, metadata)])
    }

    /// Their names, the best first.
    pub fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.0.iter().map(|(name, _)| name)
    }

    /// What the member tells the group about a protocol; nothing where it does not know it.
    pub fn metadata(&self, name: &str) -> Bytes {
        let known = self.0.iter().find(|(known, _)| &**known == name);
        known.map(|(_, metadata)| metadata.clone()).unwrap_or_default()
    }

    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
