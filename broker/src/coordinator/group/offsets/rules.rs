//! What the kinds of groups allow, and how long they keep offsets.

use std::sync::Arc;

use thalweg_proto::error::ErrorCode;

use super::OffsetExpiry;
use crate::coordinator::group::{Group, Record};

impl Group {
    /// Whether OffsetFetch is allowed to who asks.
    pub(super) fn validate_fetch(&self, member: Option<&str>, epoch: i32) -> Result<(), ErrorCode> {
        match self {
            Self::Classic(_) => Ok(()),
            Self::Consumer(group) => group.validate_fetch(member, epoch),
        }
    }

    /// Whether it may go with all of its offsets.
    pub(in crate::coordinator::group) fn validate_delete(&self) -> Result<(), ErrorCode> {
        if self.is_empty() { Ok(()) } else { Err(ErrorCode::NonEmptyGroup) }
    }

    /// Whether OffsetDelete is allowed. What members do with topics is known of consumers alone; of others any offset may be
    /// in use.
    pub(super) fn validate_delete_offsets(&self) -> Result<(), ErrorCode> {
        match self {
            Self::Classic(group) if !group.is_empty() && !group.is_of_consumers() => {
                Err(ErrorCode::NonEmptyGroup)
            }
            Self::Classic(_) | Self::Consumer(_) => Ok(()),
        }
    }

    /// Whether members subscribe to a topic.
    pub(super) fn is_subscribed_to(&self, topic: &str) -> bool {
        match self {
            Self::Classic(group) => group.is_subscribed_to(topic),
            Self::Consumer(group) => group.is_subscribed_to(topic),
        }
    }

    /// From when on the retention of its offsets counts.
    pub(super) fn offset_expiry(&self) -> OffsetExpiry {
        match self {
            Self::Classic(group) => group.offset_expiry(),
            Self::Consumer(_) => OffsetExpiry::SinceCommit,
        }
    }

    /// Whether it has no members.
    pub(in crate::coordinator::group) fn is_empty(&self) -> bool {
        match self {
            Self::Classic(group) => group.is_empty(),
            Self::Consumer(group) => group.is_empty(),
        }
    }

    /// The records that take the group back.
    pub(in crate::coordinator::group) fn tombstones(&self, id: &Arc<str>) -> Vec<Record> {
        match self {
            Self::Classic(group) => group.tombstones(id),
            Self::Consumer(group) => group.tombstones(id),
        }
    }
}
