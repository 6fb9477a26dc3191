//! What offsets and administrators need to know of a classic group.

use std::sync::Arc;

use thalweg_proto::error::ErrorCode;

use super::ClassicGroup;
use crate::coordinator::group::admin::GroupDescription;
use crate::coordinator::group::offsets::OffsetExpiry;
use crate::coordinator::group::{Env, Record, Shard};

impl ClassicGroup {
    /// The group of a consumer that commits offsets without being a member: empty, with no type of protocol.
    pub(in crate::coordinator::group) fn simple() -> Self {
        Self::default()
    }

    /// Its state, as Kafka names it: `Empty`, `PreparingRebalance`, `CompletingRebalance` or `Stable`.
    pub(in crate::coordinator::group) fn state_name(&self) -> &'static str {
        "Empty"
    }

    /// Whether it is in state `Empty`.
    pub(in crate::coordinator::group) fn is_empty(&self) -> bool {
        true
    }

    /// Type of its protocol, if it ever had a member.
    pub(in crate::coordinator::group) fn protocol_type(&self) -> Option<&Arc<str>> {
        None
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
        let _ = (member, instance);
        Err(ErrorCode::UnknownMemberId)
    }

    /// Whether a topic is subscribed to, as far as the members' metadata can be read (`ClassicGroup.isSubscribedToTopic`).
    pub(in crate::coordinator::group) fn is_subscribed_to(&self, topic: &str) -> bool {
        let _ = topic;
        false
    }

    /// From when on the retention of an offset counts (`ClassicGroup.offsetExpirationCondition`).
    pub(in crate::coordinator::group) fn offset_expiry(&self) -> OffsetExpiry {
        OffsetExpiry::SinceCommit
    }

    /// For DescribeGroups: metadata and protocol only where the group is stable.
    pub(in crate::coordinator::group) fn describe(&self) -> GroupDescription {
        GroupDescription {
            state: self.state_name(),
            protocol_type: self.protocol_type().cloned().unwrap_or_default(),
            protocol: Arc::default(),
            members: Vec::new(),
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
        let _ = (env, group, member);
    }
}
