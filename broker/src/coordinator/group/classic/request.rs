//! What members of classic groups ask, and what they are answered.

use std::sync::Arc;

use bytes::Bytes;
use thalweg_proto::error::ErrorCode;

/// JoinGroup.
#[derive(Clone, Debug)]
pub struct Join {
    /// The group.
    pub group: Arc<str>,
    /// The member; empty if it has no id yet.
    pub member: Arc<str>,
    /// Its identity across restarts, if it is a static member (KIP-345).
    pub instance: Option<Arc<str>>,
    /// The client's name, from the request's header.
    pub client_id: Arc<str>,
    /// The client's address, as Kafka shows it (`/127.0.0.1`).
    pub client_host: Arc<str>,
    /// `consumer`, `connect`, or another of the clients.
    pub protocol_type: Arc<str>,
    /// The protocols that the member knows, the best first, with what it tells the group about each.
    pub protocols: Vec<(Arc<str>, Bytes)>,
    /// How long the member may be silent, in ms.
    pub session_timeout_ms: i32,
    /// How long a rebalance waits for it, in ms.
    pub rebalance_timeout_ms: i32,
    /// Whether a new dynamic member must come again with the id it is given (KIP-394; from version 4 on).
    pub requires_known_member: bool,
    /// Whether the leader may be told to keep the assignment (KIP-814; from version 9 on).
    pub can_skip_assignment: bool,
    /// Why it joins (KIP-800).
    pub reason: Option<Arc<str>>,
}

/// The answer to JoinGroup. Fields have the values that Kafka sends beside an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// What went wrong.
    pub error: ErrorCode,
    /// The generation; -1 beside an error.
    pub generation: i32,
    /// Type of the protocol.
    pub protocol_type: Option<Arc<str>>,
    /// The protocol in use.
    pub protocol: Option<Arc<str>>,
    /// The leader's member id.
    pub leader: Arc<str>,
    /// Whether the leader shall keep the assignment as it is (KIP-814).
    pub skip_assignment: bool,
    /// The member's own id.
    pub member: Arc<str>,
    /// All members, for the leader alone.
    pub members: Vec<JoinedMember>,
}

/// A member as the leader is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinedMember {
    /// Its id.
    pub member: Arc<str>,
    /// Its identity as a static member.
    pub instance: Option<Arc<str>>,
    /// What it told the group about the protocol in use.
    pub metadata: Bytes,
}

/// SyncGroup.
#[derive(Clone, Debug)]
pub struct Sync {
    /// The group.
    pub group: Arc<str>,
    /// The generation that the member knows.
    pub generation: i32,
    /// The member.
    pub member: Arc<str>,
    /// Its identity as a static member.
    pub instance: Option<Arc<str>>,
    /// Type of the protocol, where the version has it (KIP-559).
    pub protocol_type: Option<Arc<str>>,
    /// Its name, where the version has it.
    pub protocol: Option<Arc<str>>,
    /// From the leader: each member's assignment, passed through byte for byte.
    pub assignments: Vec<(Arc<str>, Bytes)>,
}

/// The answer to SyncGroup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Synced {
    /// What went wrong.
    pub error: ErrorCode,
    /// Type of the protocol.
    pub protocol_type: Option<Arc<str>>,
    /// The protocol in use.
    pub protocol: Option<Arc<str>>,
    /// What the leader assigned to the member.
    pub assignment: Bytes,
}

/// Heartbeat.
#[derive(Clone, Debug)]
pub struct Heartbeat {
    /// The group.
    pub group: Arc<str>,
    /// The generation that the member knows.
    pub generation: i32,
    /// The member.
    pub member: Arc<str>,
    /// Its identity as a static member.
    pub instance: Option<Arc<str>>,
}

/// LeaveGroup, of one member or of many (KIP-345).
#[derive(Clone, Debug)]
pub struct Leave {
    /// The group.
    pub group: Arc<str>,
    /// Who leaves.
    pub members: Vec<LeavingMember>,
}

/// A member that leaves, or is removed by an administrator.
#[derive(Clone, Debug)]
pub struct LeavingMember {
    /// Its id; may be empty for a static member.
    pub member: Arc<str>,
    /// Its identity as a static member.
    pub instance: Option<Arc<str>>,
    /// Why (KIP-800).
    pub reason: Option<Arc<str>>,
}

/// The answer to LeaveGroup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// What went wrong for all of them.
    pub error: ErrorCode,
    /// What became of each, in the order of the request.
    pub members: Vec<ErrorCode>,
}
