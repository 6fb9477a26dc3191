//! What records of offsets do to the state.

use std::sync::Arc;

use thalweg_proto::records::group::OffsetCommitValue;

use crate::coordinator::group::classic::ClassicGroup;
use crate::coordinator::group::{Group, Shard};

impl Shard {
    /// A committed offset, or its removal, was written, or read from the log.
    pub(in crate::coordinator::group) fn apply_offset_commit(
        &mut self,
        group: &Arc<str>,
        topic: &Arc<str>,
        partition: i32,
        value: Option<&OffsetCommitValue>,
    ) {
        let Some(value) = value else { return self.offsets.remove(group, topic, partition) };
        // A consumer that is no member commits to a group that nothing else has been written about.
        if !self.groups.contains_key(group) {
            self.groups.insert(group.clone(), Group::Classic(ClassicGroup::simple()));
        }
        self.offsets.put(group, topic, partition, value.into());
    }
}
