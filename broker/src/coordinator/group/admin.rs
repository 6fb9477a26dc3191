//! Listing, describing and deleting groups.

use std::sync::Arc;

use bytes::Bytes;
use thalweg_proto::error::ErrorCode;
use thalweg_proto::records::consumer::PROTOCOL_TYPE;

use crate::coordinator::Refusal;
use crate::coordinator::group::{Group, Shard, Step};

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
    /// How many members it has.
    pub members: usize,
}

impl GroupListing {
    /// Whether it is in one of these states and of one of these types, in upper or lower case; none at all let every group pass,
    /// and one that does not exist is that of no group.
    pub fn passes<Name: AsRef<str>>(&self, states: &[Name], types: &[Name]) -> bool {
        let is_among = |names: &[Name], own: &str| {
            names.is_empty() || names.iter().any(|name| name.as_ref().eq_ignore_ascii_case(own))
        };
        is_among(states, self.state) && is_among(types, self.group_type)
    }
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
    pub fn list_groups(&self) -> Vec<GroupListing> {
        let listing = |(id, group): (&Arc<str>, &Group)| {
            let (protocol_type, state, members, group_type) = match group {
                Group::Classic(group) => {
                    let protocol_type = group.protocol_type().cloned().unwrap_or_default();
                    (protocol_type, group.state_name(), group.members().len(), "classic")
                }
                Group::Consumer(group) => {
                    (PROTOCOL_TYPE.into(), group.state_name(), group.member_count(), "consumer")
                }
            };
            GroupListing { group: id.clone(), protocol_type, state, group_type, members }
        };
        self.groups.iter().map(listing).collect()
    }

    /// DescribeGroups, of one group. Groups that are not classic have a request of their own.
    pub fn describe_group(&self, group: &str) -> Result<GroupDescription, Refusal> {
        let refuse = |message: String| Err(Refusal::new(ErrorCode::GroupIdNotFound, message));
        match self.groups.get(group) {
            Some(Group::Classic(group)) => Ok(group.describe()),
            Some(Group::Consumer(_)) => refuse(format!("Group {group} is not a classic group.")),
            None => refuse(format!("Group {group} not found.")),
        }
    }

    /// DeleteGroups, of one group: with its offsets.
    pub fn delete_group(&self, group: &str) -> Step<ErrorCode> {
        let Some((id, group)) = self.groups.get_key_value(group) else {
            return Step::reply(ErrorCode::GroupIdNotFound);
        };
        if let Err(error) = group.validate_delete() {
            return Step::reply(error);
        }
        let mut records = self.offsets.tombstones(id);
        records.extend(group.tombstones(id));
        Step::with_records(ErrorCode::None, records)
    }
}
