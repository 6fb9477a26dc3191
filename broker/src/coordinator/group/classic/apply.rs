//! What records of classic groups do to the state.

use std::sync::Arc;

use thalweg_proto::records::group::ClassicGroupValue;

use crate::coordinator::group::{Env, Shard};

impl Shard {
    /// A classic group, or its removal, was written.
    pub(in crate::coordinator::group) fn apply_classic_group(
        &mut self,
        env: &Env<'_>,
        group: &Arc<str>,
        value: Option<&ClassicGroupValue>,
    ) {
        let _ = (env, group, value);
    }

    /// A classic group, or its removal, was read from the log.
    pub(in crate::coordinator::group) fn replay_classic_group(
        &mut self,
        group: &Arc<str>,
        value: Option<&ClassicGroupValue>,
    ) {
        let _ = (group, value);
    }
}
