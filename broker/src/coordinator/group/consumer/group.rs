//! A consumer group: its members, what they are to have, and what follows from that.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::counts::Counts;
use super::member::Member;
use crate::coordinator::group::assignor::TopicPartitions;

/// Epoch of a group that was never written.
const FIRST_EPOCH: i32 = 1;

/// A group whose partitions the broker assigns.
#[derive(Clone, Debug)]
pub struct ConsumerGroup {
    pub(super) epoch: i32,
    pub(super) metadata_hash: i64,
    pub(super) assignment_epoch: i32,
    /// When the target was computed, in ms since 1970; 0 if never.
    pub(super) assigned_at_ms: i64,
    pub(super) members: BTreeMap<Arc<str>, Arc<Member>>,
    pub(super) target: BTreeMap<Arc<str>, Arc<TopicPartitions>>,
    pub(super) regexes: BTreeMap<Arc<str>, Resolved>,
    /// Whether a record lies in the log that brokers before 4.1 wrote, and that is to be taken back.
    pub(super) has_old_partitions_record: bool,
    /// What follows from the members.
    pub(super) counts: Counts,
    /// The version of the topics that the metadata hash has been compared with; a restart forgets it.
    pub(super) topics_seen: Option<u64>,
    /// The version of the topics that the regular expressions were resolved for; a restart forgets it.
    pub(super) resolved_for: Option<u64>,
    /// When that was.
    pub(super) resolved_at: Option<Duration>,
    /// The number of the resolution that is under way; a restart forgets it.
    pub(super) resolving: Option<u64>,
    /// The last epoch whose target all members were seen to have; a restart forgets it.
    pub(super) settled_epoch: i32,
}

/// What a regular expression resolved to.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Resolved {
    /// Names of the topics.
    pub topics: BTreeSet<Arc<str>>,
    /// The version of the topics that it was resolved against. Versions of an earlier run mean nothing.
    pub version: i64,
    /// When, in ms since 1970.
    pub at_ms: i64,
}

impl Default for ConsumerGroup {
    fn default() -> Self {
        Self {
            epoch: FIRST_EPOCH,
            metadata_hash: 0,
            assignment_epoch: FIRST_EPOCH,
            assigned_at_ms: 0,
            members: BTreeMap::new(),
            target: BTreeMap::new(),
            regexes: BTreeMap::new(),
            has_old_partitions_record: false,
            counts: Counts::default(),
            topics_seen: None,
            resolved_for: None,
            resolved_at: None,
            resolving: None,
            settled_epoch: FIRST_EPOCH,
        }
    }
}

impl ConsumerGroup {
    /// A member.
    pub fn member(&self, id: &str) -> Option<&Arc<Member>> {
        self.members.get(id)
    }

    /// The static member of an instance id.
    pub fn static_member(&self, instance: &str) -> Option<&Arc<Member>> {
        self.members.get(self.counts.member_of(instance)?)
    }

    /// What a member is to have.
    pub(super) fn target_of(&self, member: &str) -> Arc<TopicPartitions> {
        self.target.get(member).cloned().unwrap_or_default()
    }

    /// Who holds a partition.
    pub(super) fn owner(&self, topic: Uuid, partition: i32) -> Option<&Arc<str>> {
        self.counts.owners.get(&topic)?.get(&partition)
    }

    /// Puts a member in, in place of an earlier state of it.
    pub(super) fn put(&mut self, member: Arc<Member>) {
        let before = self.members.insert(member.id.clone(), member.clone());
        if let Some(before) = before {
            self.counts.leave(&before);
        }
        self.counts.enter(&member);
    }

    /// Whether all members have what they are to have for the first time in this epoch of the assignment.
    pub(in crate::coordinator::group) fn has_newly_settled(&mut self) -> bool {
        let is_news = self.settled_epoch != self.assignment_epoch && self.is_stable();
        if is_news {
            self.settled_epoch = self.assignment_epoch;
        }
        is_news
    }

    /// Takes a member out.
    pub(super) fn take(&mut self, id: &str) {
        if let Some(member) = self.members.remove(id) {
            self.counts.leave(&member);
        }
    }
}
