//! What is asked about offsets.

use std::sync::Arc;

use thalweg_proto::error::ErrorCode;
use uuid::Uuid;

/// OffsetCommit. Topics that do not exist have been answered already and are not in it.
#[derive(Clone, Debug)]
pub struct CommitOffsets {
    /// The group; may be empty.
    pub group: Arc<str>,
    /// Generation of a classic member, epoch of a member of a consumer group; negative outside of a group.
    pub generation_or_epoch: i32,
    /// The member; empty outside of a group.
    pub member: Arc<str>,
    /// Its identity as a static member.
    pub instance: Option<Arc<str>>,
    /// How long to keep the offsets, in ms, where an old client says so.
    pub retention_ms: Option<i64>,
    /// The offsets.
    pub partitions: Vec<CommitPartition>,
    /// Version of the request: some refusals depend on it.
    pub version: i16,
}

/// One offset to be committed.
#[derive(Clone, Debug)]
pub struct CommitPartition {
    /// The topic.
    pub topic: Arc<str>,
    /// Its id.
    pub topic_id: Uuid,
    /// The partition.
    pub partition: i32,
    /// The next offset to consume.
    pub offset: i64,
    /// Leader epoch of the last record consumed; -1 where not known.
    pub leader_epoch: i32,
    /// The client's text; empty where it says nothing.
    pub metadata: String,
}

/// OffsetFetch, of one group.
#[derive(Clone, Debug)]
pub struct FetchOffsets {
    /// The group; may be empty.
    pub group: Arc<str>,
    /// The member that asks, where it says so (KIP-848).
    pub member: Option<Arc<str>>,
    /// The member's epoch; -1 where it says nothing.
    pub member_epoch: i32,
    /// The partitions, topic by topic; `None` asks for all there are.
    pub topics: Option<Vec<FetchTopic>>,
    /// Whether offsets of open transactions are to be refused (KIP-447).
    pub require_stable: bool,
}

/// Partitions of one topic whose offsets are wanted.
#[derive(Clone, Debug)]
pub struct FetchTopic {
    /// The topic.
    pub topic: Arc<str>,
    /// Its id, where the client named it by id: what was committed for another topic of that name is not told. Else nil.
    pub topic_id: Uuid,
    /// The partitions.
    pub partitions: Vec<i32>,
}

/// What is known of one partition's offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedOffset {
    /// The partition.
    pub partition: i32,
    /// The offset; -1 if none was committed.
    pub offset: i64,
    /// Leader epoch; -1 where not known.
    pub leader_epoch: i32,
    /// The client's text.
    pub metadata: Arc<str>,
    /// What went wrong.
    pub error: ErrorCode,
}

/// Offsets by topic.
pub type FetchedTopics = Vec<(Arc<str>, Vec<FetchedOffset>)>;

/// OffsetDelete, of one group.
#[derive(Clone, Debug)]
pub struct DeleteOffsets {
    /// The group.
    pub group: Arc<str>,
    /// The partitions.
    pub topics: Vec<(Arc<str>, Vec<i32>)>,
}

/// From when on `offsets.retention.minutes` counts (KIP-211).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetExpiry {
    /// It does not: the group is busy, and what its members subscribe to is not known for sure.
    Never,
    /// From the commit of each offset.
    SinceCommit,
    /// From the moment the group became empty, in ms since the epoch.
    SinceEmpty(i64),
}
