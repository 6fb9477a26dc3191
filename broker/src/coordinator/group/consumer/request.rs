//! What members of consumer groups ask, and what they are answered.

use std::sync::Arc;

use uuid::Uuid;

use super::Expression;

/// Partitions of topics, by the topic's id.
pub type AssignedPartitions = Vec<(Uuid, Vec<i32>)>;

/// ConsumerGroupHeartbeat. What is `None` has not changed since the member said it last.
#[derive(Clone, Debug, Default)]
pub struct ConsumerHeartbeat {
    /// The group.
    pub group: Arc<str>,
    /// The member; empty where version 0 lets the broker choose.
    pub member: Arc<str>,
    /// The epoch that the member is in; 0 joins, -1 leaves, -2 leaves for a while as a static member.
    pub epoch: i32,
    /// Its identity across restarts, if it is a static member.
    pub instance: Option<Arc<str>>,
    /// Where it stands.
    pub rack: Option<Arc<str>>,
    /// How long it may take to give up partitions, in ms; -1 where not said.
    pub rebalance_timeout_ms: i32,
    /// The client's name, from the request's header.
    pub client_id: Arc<str>,
    /// The client's address, as Kafka shows it (`/127.0.0.1`).
    pub client_host: Arc<str>,
    /// Topics that it wants, by name.
    pub topics: Option<Vec<Arc<str>>>,
    /// Topics that it wants, by regular expression (RE2 syntax).
    pub regex: Option<Expression>,
    /// The assignor that it would like.
    pub assignor: Option<Arc<str>>,
    /// The partitions that it has.
    pub owned: Option<AssignedPartitions>,
    /// Version of the request: 1 wants a member id made by the client, and knows regular expressions.
    pub version: i16,
}

/// The answer to a heartbeat that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerHeartbeatReply {
    /// The member's id.
    pub member: Option<Arc<str>>,
    /// Its epoch.
    pub epoch: i32,
    /// When it shall send the next heartbeat, in ms.
    pub heartbeat_interval_ms: i32,
    /// What it shall have, where that has changed or the member cannot know it.
    pub assignment: Option<AssignedPartitions>,
}

/// A group for ConsumerGroupDescribe.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerGroupDescription {
    /// `Empty`, `Assigning`, `Reconciling`, `Stable` or `Dead`.
    pub state: &'static str,
    /// The group's epoch.
    pub epoch: i32,
    /// The epoch of the assignment that it is going to.
    pub assignment_epoch: i32,
    /// The assignor in use.
    pub assignor: Arc<str>,
    /// The members.
    pub members: Vec<ConsumerMemberDescription>,
}

/// A member for ConsumerGroupDescribe.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerMemberDescription {
    /// Its id.
    pub member: Arc<str>,
    /// Its identity as a static member.
    pub instance: Option<Arc<str>>,
    /// Where it stands.
    pub rack: Option<Arc<str>>,
    /// Its epoch.
    pub epoch: i32,
    /// The client's name.
    pub client_id: Arc<str>,
    /// The client's address.
    pub client_host: Arc<str>,
    /// Topics that it wants, by name.
    pub topics: Vec<Arc<str>>,
    /// Topics that it wants, by regular expression.
    pub regex: Option<Arc<str>>,
    /// What it has.
    pub assignment: Vec<(Uuid, Arc<str>, Vec<i32>)>,
    /// What it is going to have.
    pub target: Vec<(Uuid, Arc<str>, Vec<i32>)>,
    /// 0 if it speaks the classic protocol, 1 if it speaks this one, -1 if not known.
    pub member_type: i8,
}
