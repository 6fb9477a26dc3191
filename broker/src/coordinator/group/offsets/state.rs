//! What is kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use thalweg_proto::records::group::OffsetCommitValue;
use uuid::Uuid;

use super::tombstone;
use crate::coordinator::group::Record;

/// An offset as it was committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommittedOffset {
    /// The next offset to consume.
    pub offset: i64,
    /// Leader epoch of the last record consumed; -1 where not known.
    pub leader_epoch: i32,
    /// The client's text.
    pub metadata: Arc<str>,
    /// When it was committed, in ms since the epoch.
    pub commit_timestamp_ms: i64,
    /// When it expires, where an old client said so; -1 otherwise.
    pub expire_timestamp_ms: i64,
    /// The topic's id when it was committed; nil where not known.
    pub topic_id: Uuid,
}

impl From<&OffsetCommitValue> for CommittedOffset {
    fn from(value: &OffsetCommitValue) -> Self {
        Self {
            offset: value.offset,
            leader_epoch: value.leader_epoch,
            // Most clients say nothing; the empty text that stands by itself takes no memory.
            metadata: if value.metadata.is_empty() { Arc::default() } else { value.metadata.as_str().into() },
            commit_timestamp_ms: value.commit_timestamp,
            expire_timestamp_ms: value.expire_timestamp,
            topic_id: value.topic_id,
        }
    }
}

/// The offsets of one topic, in the order of their partitions. Most groups have a handful of partitions of a topic, for which
/// a map would take several times the memory.
pub(super) type PartitionOffsets = Vec<(i32, CommittedOffset)>;

/// All offsets of a shard: by group, topic and partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offsets {
    by_group: BTreeMap<Arc<str>, BTreeMap<Arc<str>, PartitionOffsets>>,
    /// The names of topics, once for all groups, and how many groups use each.
    names: BTreeMap<Arc<str>, usize>,
}

impl Offsets {
    /// The offset of a partition.
    pub fn get(&self, group: &str, topic: &str, partition: i32) -> Option<&CommittedOffset> {
        let partitions = self.by_group.get(group)?.get(topic)?;
        let at = partitions.binary_search_by_key(&partition, |(partition, _)| *partition).ok()?;
        partitions.get(at).map(|(_, offset)| offset)
    }

    /// All of a group, topic by topic.
    pub fn of_group(&self, group: &str) -> impl Iterator<Item = (&Arc<str>, &[(i32, CommittedOffset)])> {
        let topics = self.by_group.get(group).into_iter().flatten();
        topics.map(|(topic, partitions)| (topic, partitions.as_slice()))
    }

    /// The records that take back all of a group.
    pub(in crate::coordinator::group) fn tombstones(&self, group: &Arc<str>) -> Vec<Record> {
        let topics = self.of_group(group);
        topics
            .flat_map(|(topic, offsets)| {
                offsets.iter().map(move |(partition, _)| tombstone(group, topic, *partition))
            })
            .collect()
    }

    /// All of a topic, group by group.
    pub(super) fn of_topic(
        &self,
        topic: &str,
    ) -> impl Iterator<Item = (&Arc<str>, &Arc<str>, &[(i32, CommittedOffset)])> {
        self.by_group.iter().filter_map(move |(group, topics)| {
            topics.get_key_value(topic).map(|(topic, partitions)| (group, topic, partitions.as_slice()))
        })
    }

    /// Keeps an offset, in place of an earlier one.
    pub(super) fn put(
        &mut self,
        group: &Arc<str>,
        topic: &Arc<str>,
        partition: i32,
        offset: CommittedOffset,
    ) {
        if let Some(partitions) = self.by_group.get_mut(group).and_then(|topics| topics.get_mut(topic)) {
            match partitions.binary_search_by_key(&partition, |(partition, _)| *partition) {
                Ok(at) => {
                    if let Some((_, before)) = partitions.get_mut(at) {
                        *before = offset;
                    }
                }
                Err(at) => partitions.insert(at, (partition, offset)),
            }
            return;
        }
        let name = self.names.get_key_value(topic).map_or(topic, |(name, _)| name).clone();
        *self.names.entry(name.clone()).or_default() += 1;
        self.by_group.entry(group.clone()).or_default().insert(name, vec![(partition, offset)]);
    }

    /// Forgets an offset.
    pub(super) fn remove(&mut self, group: &str, topic: &str, partition: i32) {
        let Some(topics) = self.by_group.get_mut(group) else { return };
        let Some(partitions) = topics.get_mut(topic) else { return };
        if let Ok(at) = partitions.binary_search_by_key(&partition, |(partition, _)| *partition) {
            partitions.remove(at);
        }
        if !partitions.is_empty() {
            return;
        }
        topics.remove(topic);
        if topics.is_empty() {
            self.by_group.remove(group);
        }
        if let Some(users) = self.names.get_mut(topic) {
            *users = users.saturating_sub(1);
            if *users == 0 {
                self.names.remove(topic);
            }
        }
    }
}
