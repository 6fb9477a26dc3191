//! Offsets that go by themselves: their time is over, or their topic is gone.

use std::sync::Arc;

use uuid::Uuid;

use super::{CommittedOffset, OffsetExpiry, tombstone};
use crate::coordinator::group::{Env, Group, Record, Shard, Step};

impl Shard {
    /// Lets go of offsets whose time is over, and of groups that have nothing left (every
    /// `offsets.retention.check.interval.ms`).
    pub fn expire_offsets(&mut self, env: &Env<'_>) -> Step {
        let mut records = Vec::new();
        for (id, group) in &self.groups {
            if self.expire_group(env, id, group, &mut records) && group.is_empty() {
                records.extend(group.tombstones(id));
            }
        }
        let offsets = records.iter().filter(|record| matches!(record, Record::OffsetCommit { .. }));
        self.tally.offsets_expired += offsets.count() as u64;
        Step::with_records((), records)
    }

    /// Takes back the offsets of a group whose time is over; true if it keeps none (`OffsetMetadataManager.cleanupExpiredOffsets`).
    fn expire_group(&self, env: &Env<'_>, id: &Arc<str>, group: &Group, records: &mut Vec<Record>) -> bool {
        let mut all = true;
        let since = group.offset_expiry();
        for (topic, offsets) in self.offsets.of_group(id) {
            let subscribed = group.is_subscribed_to(topic);
            for (partition, offset) in offsets {
                if (!subscribed && is_over(env, since, offset)) || is_orphan(env, offset) {
                    records.push(tombstone(id, topic, *partition));
                } else {
                    all = false;
                }
            }
        }
        all
    }

    /// A topic is gone: so are the offsets committed for it. Those of another topic of that name stay.
    pub fn topic_deleted(&self, topic: &str, id: Uuid) -> Step {
        let mut records = Vec::new();
        for (group, topic, offsets) in self.offsets.of_topic(topic) {
            let its = offsets.iter().filter(|(_, offset)| offset.topic_id.is_nil() || offset.topic_id == id);
            records.extend(its.map(|(partition, _)| tombstone(group, topic, *partition)));
        }
        Step::with_records((), records)
    }
}

fn is_over(env: &Env<'_>, since: OffsetExpiry, offset: &CommittedOffset) -> bool {
    let since = match since {
        OffsetExpiry::Never => return false,
        // An old client has said how long.
        _ if offset.expire_timestamp_ms != -1 => return env.wall_ms >= offset.expire_timestamp_ms,
        OffsetExpiry::SinceCommit => offset.commit_timestamp_ms,
        OffsetExpiry::SinceEmpty(since) => since,
    };
    env.wall_ms.saturating_sub(since) >= env.settings.offsets.retention_ms
}

/// Whether the topic is gone, and the broker stopped before it could say so here.
fn is_orphan(env: &Env<'_>, offset: &CommittedOffset) -> bool {
    !offset.topic_id.is_nil() && env.around.topic_by_id(offset.topic_id).is_none()
}
