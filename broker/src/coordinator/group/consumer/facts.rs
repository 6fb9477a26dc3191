//! What offsets and administrators need to know of a consumer group.

use std::sync::Arc;

use thalweg_proto::error::ErrorCode;
use uuid::Uuid;

use super::ConsumerGroup;
use crate::coordinator::group::Record;

impl ConsumerGroup {
    /// Its state, as Kafka names it: `Empty`, `Assigning`, `Reconciling` or `Stable`.
    pub(in crate::coordinator::group) fn state_name(&self) -> &'static str {
        "Empty"
    }

    /// Whether it has no members.
    pub(in crate::coordinator::group) fn is_empty(&self) -> bool {
        true
    }

    /// Whether OffsetCommit of these partitions is allowed (`ConsumerGroup.validateOffsetCommit`, not transactional, and
    /// its check of each partition against the epoch in which the member got it, KIP-1251).
    pub(in crate::coordinator::group) fn validate_commit(
        &self,
        member: &str,
        epoch: i32,
        version: i16,
        partitions: &mut dyn Iterator<Item = (Uuid, i32)>,
    ) -> Result<(), ErrorCode> {
        if epoch < 0 && self.is_empty() {
            return Ok(());
        }
        let _ = (member, version, partitions);
        Err(ErrorCode::UnknownMemberId)
    }

    /// Whether OffsetFetch is allowed (`ConsumerGroup.validateOffsetFetch`).
    pub(in crate::coordinator::group) fn validate_fetch(
        &self,
        member: Option<&str>,
        epoch: i32,
    ) -> Result<(), ErrorCode> {
        if member.is_none() && epoch < 0 { Ok(()) } else { Err(ErrorCode::UnknownMemberId) }
    }

    /// Whether a member subscribes to a topic, by name or by expression.
    pub(in crate::coordinator::group) fn is_subscribed_to(&self, topic: &str) -> bool {
        let _ = topic;
        false
    }

    /// The records that take the group back (`ConsumerGroup.createGroupTombstoneRecords`).
    pub(in crate::coordinator::group) fn tombstones(&self, group: &Arc<str>) -> Vec<Record> {
        vec![
            Record::TargetAssignment { group: group.clone(), value: None },
            Record::ConsumerGroup { group: group.clone(), value: None },
        ]
    }
}
