//! What offsets and administrators need to know of a classic group.

use std::sync::Arc;

use bytes::Bytes;
use thalweg_proto::error::ErrorCode;

use super::ClassicGroup;
use super::member::Member;
use super::state::State;
use crate::coordinator::group::admin::{ClassicMemberDescription, GroupDescription};
use crate::coordinator::group::offsets::OffsetExpiry;
use crate::coordinator::group::{Env, Record, Shard, Step};

impl ClassicGroup {
    /// The group of a consumer that commits offsets without being a member: empty, with no type of protocol.
    pub(in crate::coordinator::group) fn simple() -> Self {
        Self::default()
    }

    /// Its state, as Kafka names it: `Empty`, `PreparingRebalance`, `CompletingRebalance` or `Stable`.
    pub(in crate::coordinator::group) fn state_name(&self) -> &'static str {
        self.state.name()
    }

    /// Whether it is in state `Empty`.
    pub(in crate::coordinator::group) fn is_empty(&self) -> bool {
        self.state == State::Empty
    }

    /// Type of its protocol, if it ever had a member.
    pub(in crate::coordinator::group) fn protocol_type(&self) -> Option<&Arc<str>> {
        self.protocol_type.as_ref()
    }

    /// Whether OffsetCommit is allowed (`ClassicGroup.validateOffsetCommit`, not transactional).
    pub(in crate::coordinator::group) fn validate_commit(
        &self,
        member: &str,
        instance: Option<&str>,
        generation: i32,
    ) -> Result<(), ErrorCode> {
        if generation < 0 && self.is_empty() {
            return Ok(());
        }
        self.members.validate(member, instance)?;
        match self.state {
            _ if generation != self.generation => Err(ErrorCode::IllegalGeneration),
            State::CompletingRebalance => Err(ErrorCode::RebalanceInProgress),
            State::Empty | State::PreparingRebalance(_) | State::Stable => Ok(()),
        }
    }

    /// Whether a topic is subscribed to, as far as the members' metadata can be read: where it cannot, any may be
    /// (`ClassicGroup.isSubscribedToTopic`).
    pub(in crate::coordinator::group) fn is_subscribed_to(&self, topic: &str) -> bool {
        match &self.subscribed {
            Some(topics) => topics.contains(topic),
            None => self.is_of_consumers(),
        }
    }

    /// From when on the retention of an offset counts (`ClassicGroup.offsetExpirationCondition`).
    pub(in crate::coordinator::group) fn offset_expiry(&self) -> OffsetExpiry {
        match self.state {
            _ if self.protocol_type.is_none() => OffsetExpiry::SinceCommit,
            State::Empty => self.since_ms.map_or(OffsetExpiry::SinceCommit, OffsetExpiry::SinceEmpty),
            State::Stable if self.subscribed.is_some() => OffsetExpiry::SinceCommit,
            State::PreparingRebalance(_) | State::CompletingRebalance | State::Stable => OffsetExpiry::Never,
        }
    }

    /// For DescribeGroups: metadata and protocol only where the group is stable.
    pub(in crate::coordinator::group) fn describe(&self) -> GroupDescription {
        let protocol = self.protocol.clone().filter(|_| self.state == State::Stable);
        let describe = |member: &Member| ClassicMemberDescription {
            member: member.id.clone(),
            instance: member.instance.clone(),
            client_id: member.client_id.clone(),
            client_host: member.client_host.clone(),
            metadata: protocol.as_deref().map_or_else(Bytes::new, |name| member.protocols.metadata(name)),
            assignment: member.assignment.clone(),
        };
        GroupDescription {
            state: self.state_name(),
            protocol_type: self.protocol_type.clone().unwrap_or_default(),
            members: self.members.iter().map(describe).collect(),
            protocol: protocol.unwrap_or_default(),
        }
    }

    /// The records that take the group back.
    pub(in crate::coordinator::group) fn tombstones(&self, group: &Arc<str>) -> Vec<Record> {
        vec![Record::ClassicGroup { group: group.clone(), value: None }]
    }
}

impl Shard {
    /// A member of a classic group has committed: that counts as a heartbeat while the group is stable or prepares a rebalance.
    pub(in crate::coordinator::group) fn refresh_classic_session(
        &mut self,
        env: &Env<'_>,
        group: &str,
        member: &str,
    ) {
        let _: Option<Step> = self.turn(env, group, |turn| {
            let known = turn.group.members.get(member).map(|member| member.id.clone());
            if let Some(member) = known.filter(|_| turn.group.state != State::CompletingRebalance) {
                turn.renew_session(&member);
            }
        });
    }
}
