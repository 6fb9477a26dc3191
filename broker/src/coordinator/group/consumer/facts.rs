//! What offsets and administrators need to know of a consumer group.

use std::sync::Arc;

use thalweg_proto::error::ErrorCode;
use uuid::Uuid;

use super::member::{Held, Member};
use super::{ConsumerGroup, records};
use crate::coordinator::group::Record;

/// The first version of OffsetCommit whose epoch is that of a member (KIP-848).
const KNOWS_EPOCHS: i16 = 9;

impl ConsumerGroup {
    /// Its state, as Kafka names it: `Empty`, `Assigning`, `Reconciling` or `Stable`.
    pub(in crate::coordinator::group) fn state_name(&self) -> &'static str {
        let settled = |member: &Arc<Member>| member.is_reconciled_to(self.assignment_epoch);
        match () {
            () if self.members.is_empty() => "Empty",
            () if self.epoch > self.assignment_epoch => "Assigning",
            () if !self.members.values().all(settled) => "Reconciling",
            () => "Stable",
        }
    }

    /// How many members it has.
    pub(in crate::coordinator::group) fn member_count(&self) -> usize {
        self.members.len()
    }

    /// Whether everybody has what the newest epoch gives them.
    pub(super) fn is_stable(&self) -> bool {
        self.state_name() == "Stable"
    }

    /// Whether it has no members.
    pub(in crate::coordinator::group) fn is_empty(&self) -> bool {
        self.members.is_empty()
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
        let member = self.member(member).ok_or(ErrorCode::UnknownMemberId)?;
        if !member.is_classic() && version < KNOWS_EPOCHS {
            return Err(ErrorCode::UnsupportedVersion);
        }
        let known = member.standing.epoch;
        let mut has_all = || {
            let mut lost = partitions.filter(|(topic, index)| !has_held_since(member, *topic, *index, epoch));
            lost.next().is_none()
        };
        match epoch == known || epoch < known && has_all() {
            true => Ok(()),
            false => Err(stale(member)),
        }
    }

    /// Whether OffsetFetch is allowed (`ConsumerGroup.validateOffsetFetch`).
    pub(in crate::coordinator::group) fn validate_fetch(
        &self,
        member: Option<&str>,
        epoch: i32,
    ) -> Result<(), ErrorCode> {
        let Some(id) = member else {
            return if epoch < 0 { Ok(()) } else { Err(ErrorCode::UnknownMemberId) };
        };
        let member = self.member(id).ok_or(ErrorCode::UnknownMemberId)?;
        if member.standing.epoch == epoch { Ok(()) } else { Err(stale(member)) }
    }

    /// Whether a member subscribes to a topic, by name or by an expression that has been resolved.
    pub(in crate::coordinator::group) fn is_subscribed_to(&self, topic: &str) -> bool {
        self.counts.topics.contains_key(topic)
            || self.regexes.values().any(|resolved| resolved.topics.contains(topic))
    }

    /// The records that take the group back (`ConsumerGroup.createGroupTombstoneRecords`).
    pub(in crate::coordinator::group) fn tombstones(&self, group: &Arc<str>) -> Vec<Record> {
        records::no_group(group, self)
    }
}

/// Whether a member has had a partition all the time since an epoch: an answer that it missed may have made it go on to the
/// next one without knowing.
fn has_held_since(member: &Member, topic: Uuid, partition: i32, epoch: i32) -> bool {
    let standing = &member.standing;
    let since = |held: &Held| held.get(&topic)?.get(&partition).copied();
    since(&standing.assigned).or_else(|| since(&standing.revoking)).is_some_and(|since| epoch >= since)
}

/// The epoch is not the member's, in the words of its protocol.
fn stale(member: &Member) -> ErrorCode {
    if member.is_classic() { ErrorCode::IllegalGeneration } else { ErrorCode::StaleMemberEpoch }
}
