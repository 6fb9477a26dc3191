//! What is kept.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use uuid::Uuid;

/// An offset as it was committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommittedOffset {
    /// The next offset to consume.
    pub offset: i64,
    /// Leader epoch of the last record consumed; -1 where not known.
    pub leader_epoch: i32,
    /// The client's text.
    pub metadata: Arc<str>,
    /// When it was committed, in ms since the epoch.
    pub commit_timestamp_ms: i64,
    /// When it expires, where an old client said so; -1 otherwise.
    pub expire_timestamp_ms: i64,
    /// The topic's id when it was committed; nil where not known.
    pub topic_id: Uuid,
}

/// All offsets of a shard: by group, topic and partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offsets {
    pub(super) by_group: HashMap<Arc<str>, BTreeMap<Arc<str>, BTreeMap<i32, CommittedOffset>>>,
}
