//! What a record on its way to the log is about: what becomes of the group when it is there, or when it cannot be written.

use std::sync::Arc;

use super::member::Member;
use crate::coordinator::group::consumer::ConsumerGroup;

/// The change that a record stands for.
#[derive(Clone, Debug)]
pub(super) enum Unwritten {
    /// The group has been made, perhaps in the place of an empty consumer group.
    Made {
        /// What it replaced.
        before: Option<Box<ConsumerGroup>>,
    },
    /// The members have an assignment, which is in the record.
    Assigned,
    /// The last member is gone.
    Emptied,
    /// A static member has come back under another id.
    Replaced {
        /// The member as it was.
        before: Box<Member>,
        /// Its id now.
        now: Arc<str>,
    },
}
