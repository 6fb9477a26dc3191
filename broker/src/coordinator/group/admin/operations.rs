//! The operations of administrators.

use std::sync::Arc;

use bytes::Bytes;
use thalweg_proto::error::ErrorCode;

use crate::coordinator::Refusal;
use crate::coordinator::group::{Env, Shard, Step};

/// A group in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupListing {
    /// Its id.
    pub group: Arc<str>,
    /// Type of its protocol: `consumer`, `connect`, or another of the clients.
    pub protocol_type: Arc<str>,
    /// Its state, as Kafka names it.
    pub state: &'static str,
    /// `classic` or `consumer`.
    pub group_type: &'static str,
}

/// A group for DescribeGroups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupDescription {
    /// Its state, as Kafka names it.
    pub state: &'static str,
    /// Type of its protocol.
    pub protocol_type: Arc<str>,
    /// The protocol in use; empty while there is none.
    pub protocol: Arc<str>,
    /// The members.
    pub members: Vec<ClassicMemberDescription>,
}

/// A member for DescribeGroups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassicMemberDescription {
    /// Its id.
    pub member: Arc<str>,
    /// Its identity as a static member.
    pub instance: Option<Arc<str>>,
    /// The client's name.
    pub client_id: Arc<str>,
    /// The client's address.
    pub client_host: Arc<str>,
    /// What it told the group about the protocol in use.
    pub metadata: Bytes,
    /// What it was assigned.
    pub assignment: Bytes,
}

impl Shard {
    /// ListGroups: the groups of this shard.
    pub fn list_groups(&self, env: &Env<'_>) -> Vec<GroupListing> {
        let _ = env;
        Vec::new()
    }

    /// DescribeGroups, of one group.
    pub fn describe_group(&self, env: &Env<'_>, group: &str) -> Result<GroupDescription, Refusal> {
        let _ = (env, group);
        Err(Refusal::bare(ErrorCode::GroupIdNotFound))
    }

    /// DeleteGroups, of one group: with its offsets.
    pub fn delete_group(&mut self, env: &Env<'_>, group: &str) -> Step<ErrorCode> {
        let _ = (env, group);
        Step::reply(ErrorCode::GroupIdNotFound)
    }
}
