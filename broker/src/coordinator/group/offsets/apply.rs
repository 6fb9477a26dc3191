//! What records of offsets do to the state.

use std::sync::Arc;

use thalweg_proto::records::group::OffsetCommitValue;

use crate::coordinator::group::{Env, Shard};

impl Shard {
    /// A committed offset, or its removal, was written.
    pub(in crate::coordinator::group) fn apply_offset_commit(
        &mut self,
        env: &Env<'_>,
        group: &Arc<str>,
        topic: &Arc<str>,
        partition: i32,
        value: Option<&OffsetCommitValue>,
    ) {
        let _ = (env, group, topic, partition, value);
    }

    /// A committed offset, or its removal, was read from the log.
    pub(in crate::coordinator::group) fn replay_offset_commit(
        &mut self,
        group: &Arc<str>,
        topic: &Arc<str>,
        partition: i32,
        value: Option<&OffsetCommitValue>,
    ) {
        let _ = (group, topic, partition, value);
    }
}
