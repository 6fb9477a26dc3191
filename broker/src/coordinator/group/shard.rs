//! One shard: its groups, their offsets, and the deadlines that they have.
//!
//! The operations stand with what they are about: those of the classic protocol in [`super::classic`], and so on. Here is what
//! they share: finding a group, applying records, deadlines.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use thalweg_proto::error::ErrorCode;

use super::classic::ClassicGroup;
use super::consumer::{ConsumerGroup, Resolution};
use super::offsets::Offsets;
use super::{Env, Record, Step, Tally, TimerKey, Timers};

/// A group of one of the protocols.
#[derive(Clone, Debug)]
pub enum Group {
    /// The clients assign.
    Classic(ClassicGroup),
    /// The broker assigns (KIP-848).
    Consumer(ConsumerGroup),
}

/// The groups and offsets of one partition of `__consumer_offsets`.
#[derive(Debug, Default)]
pub struct Shard {
    pub(super) groups: BTreeMap<Arc<str>, Group>,
    pub(super) offsets: Offsets,
    pub(super) timers: Timers,
    pub(super) tally: Tally,
    pub(super) resolutions: Vec<Resolution>,
    pub(super) resolutions_begun: u64,
}

/// The shard that a group belongs to: Java's hash of its id, without the sign, modulo the number of shards
/// (`GroupCoordinatorService.partitionFor`).
pub fn shard_of(group: &str, shards: i32) -> i32 {
    // Kafka's Utils.abs gives 0 for the number that has no opposite.
    java_hash(group).checked_abs().unwrap_or(0).checked_rem(shards).unwrap_or(0)
}

/// Java's hash of a text (`String.hashCode`).
pub(super) fn java_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

impl Shard {
    /// Applies a record that has just been appended on behalf of an operation of this shard.
    pub fn apply(&mut self, env: &Env<'_>, record: &Record) {
        self.tally.written(record);
        match record {
            Record::OffsetCommit { group, topic, partition, value } => {
                self.apply_offset_commit(group, topic, *partition, value.as_ref());
            }
            Record::ClassicGroup { group, value } => self.apply_classic_group(env, group, value.as_ref()),
            Record::Other { .. } => {}
            of_consumer_group => {
                self.apply_consumer_record(of_consumer_group);
                self.expect_member_of_record(env, of_consumer_group);
            }
        }
    }

    /// Applies a record read from the log at the start. Compaction may have taken any record before it under another key.
    pub fn replay(&mut self, record: &Record) {
        match record {
            Record::OffsetCommit { group, topic, partition, value } => {
                self.apply_offset_commit(group, topic, *partition, value.as_ref());
            }
            Record::ClassicGroup { group, value } => self.replay_classic_group(group, value.as_ref()),
            Record::Other { .. } => {}
            of_consumer_group => self.apply_consumer_record(of_consumer_group),
        }
    }

    /// The log is read: members that it has get a fresh session from now on.
    pub fn loaded(&mut self, env: &Env<'_>) -> Step {
        self.consumer_groups_loaded(env);
        self.classic_groups_loaded(env)
    }

    /// The records of a step could not be appended, for a reason; nothing of it is durable, and `step.reply` will not leave.
    /// Whoever was to be woken by it is woken with the error instead, and a rebalance that hung on it begins again.
    pub fn refused<R>(&mut self, env: &Env<'_>, step: Step<R>, error: ErrorCode) -> Step {
        self.tally.not_written(&step.records);
        let mut instead = Step::default();
        instead.woken.extend(step.woken.into_iter().map(|woken| woken.or_refused(error)));
        for record in &step.records {
            if let Record::ClassicGroup { group, value: Some(_) } = record {
                let undone = self.refused_classic_group(env, group, error);
                instead.absorb(undone);
            }
        }
        let group_of_members = |record| match record {
            Record::ConsumerGroup { group, .. } | Record::ConsumerGroupMember { group, .. } => Some(group),
            _ => None,
        };
        // Members that were to go are there still.
        let groups: BTreeSet<Arc<str>> = step.records.into_iter().filter_map(group_of_members).collect();
        groups.iter().for_each(|group| self.expect_consumer_members(env, group));
        instead
    }

    /// Whether a group is one of the consumer protocol.
    pub(super) fn is_consumer_group(&self, group: &str) -> bool {
        matches!(self.groups.get(group), Some(Group::Consumer(_)))
    }

    /// A moment before which [`Shard::expire`] has nothing to do.
    pub fn next_deadline(&self) -> Option<Duration> {
        self.timers.next()
    }

    /// Does what the one deadline that came first asks for; nothing if none has come. Called again until nothing is due: the
    /// records of one must be applied before the next is looked at.
    pub fn expire(&mut self, env: &Env<'_>) -> Option<Step> {
        let key = self.timers.pop_due(env.now)?;
        Some(match &key {
            TimerKey::Session { group, .. } if self.is_consumer_group(group) => {
                self.consumer_member_is_late(env, &key)
            }
            TimerKey::Session { group, member } => self.expire_classic_session(env, group, member),
            TimerKey::Join { group } => self.expire_join(env, group),
            TimerKey::Sync { group } => self.expire_sync(env, group),
            TimerKey::Revocation { .. } | TimerKey::ClassicMember { .. } => {
                self.consumer_member_is_late(env, &key)
            }
            TimerKey::Resolution { group } => {
                self.begin_resolution(env, group);
                Step::default()
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::shard_of;

    #[test]
    fn groups_fall_on_the_shards_that_kafka_gives_them() {
        // "polygenelubricants" hashes to the smallest 32-bit number.
        assert_eq!(shard_of("polygenelubricants", 50), 0);
        assert_eq!(shard_of("", 50), 0);
        assert_eq!(shard_of("a", 50), 47);
        assert_eq!(shard_of("hello", 50), 99_162_322 % 50);
    }
}
