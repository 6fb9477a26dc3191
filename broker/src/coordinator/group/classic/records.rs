//! Classic groups as records (`GroupMetadataValue`), and back.

use std::sync::Arc;

use bytes::Bytes;
use thalweg_proto::records::group::{ClassicGroupMember, ClassicGroupValue};

use super::ClassicGroup;
use super::member::{Member, Protocols, Waiting};
use super::state::State;
use crate::coordinator::group::Record;

impl ClassicGroup {
    /// The record of the group as it is.
    pub(super) fn record(&self, id: &Arc<str>) -> Record {
        self.record_with(id, &|member| member.assignment.clone())
    }

    /// The record of the group with other assignments.
    pub(super) fn record_with(&self, id: &Arc<str>, assignment: &dyn Fn(&Member) -> Bytes) -> Record {
        let protocol = self.protocol.as_deref().unwrap_or_default();
        let members = self.members.iter().map(|member| ClassicGroupMember {
            member_id: member.id.to_string(),
            group_instance_id: member.instance.as_deref().map(str::to_owned),
            client_id: member.client_id.to_string(),
            client_host: member.client_host.to_string(),
            rebalance_timeout: member.rebalance_timeout_ms,
            session_timeout: member.session_timeout_ms,
            subscription: member.protocols.metadata(protocol),
            assignment: assignment(member),
        });
        let value = ClassicGroupValue {
            protocol_type: self.protocol_type.as_deref().unwrap_or_default().to_owned(),
            generation: self.generation,
            protocol: self.protocol.as_deref().map(str::to_owned),
            leader: self.leader.as_deref().map(str::to_owned),
            current_state_timestamp: self.since_ms.unwrap_or(-1),
            members: members.collect(),
        };
        Record::ClassicGroup { group: id.clone(), value: Some(value) }
    }

    /// The group that a record tells of. It is stable, or empty: what went on in it besides is forgotten. Of its protocols each
    /// member has the one in use, until it joins again.
    pub(super) fn from_value(value: &ClassicGroupValue) -> Self {
        let text = |text: &Option<String>| text.as_deref().map(Arc::from);
        let mut group = Self {
            state: if value.members.is_empty() { State::Empty } else { State::Stable },
            since_ms: Some(value.current_state_timestamp).filter(|since| *since != -1),
            generation: value.generation,
            protocol_type: Some(&*value.protocol_type).filter(|text| !text.is_empty()).map(Arc::from),
            protocol: text(&value.protocol),
            leader: text(&value.leader),
            ..Self::default()
        };
        let protocol = group.protocol.clone().unwrap_or_default();
        for member in &value.members {
            // A record with the same member twice has not been written by a broker; the last holds.
            group.members.remove(&member.member_id);
            group.members.insert(Member {
                id: (&*member.member_id).into(),
                instance: text(&member.group_instance_id),
                client_id: (&*member.client_id).into(),
                client_host: (&*member.client_host).into(),
                // Version 0 has no rebalance timeout.
                rebalance_timeout_ms: match member.rebalance_timeout {
                    -1 => member.session_timeout,
                    timeout => timeout,
                },
                session_timeout_ms: member.session_timeout,
                protocols: Protocols::one(protocol.clone(), member.subscription.clone()),
                assignment: member.assignment.clone(),
                waiting: Waiting::No,
                new: false,
            });
        }
        group.subscribed = group.read_subscriptions();
        group
    }
}
