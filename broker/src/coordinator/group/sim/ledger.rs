//! What the records say, read by somebody who knows nothing of the machine: ownership and offsets as they are told to the log.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use thalweg_proto::records::group::{CurrentPartitions, Record};
use uuid::Uuid;

type Held = BTreeSet<(Uuid, i32)>;

#[derive(Debug, Default)]
pub struct Ledger {
    /// What each member of a consumer group has or has not yet given up.
    held: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Held>>,
    offsets: BTreeMap<(Arc<str>, Arc<str>, i32), i64>,
    /// The epoch or generation of each group, and which of both.
    epochs: BTreeMap<(Arc<str>, bool), i32>,
}

impl Ledger {
    /// Takes a record in. An error says what must never be written.
    pub fn read(&mut self, record: &Record) -> Result<(), String> {
        match record {
            Record::OffsetCommit { group, topic, partition, value } => {
                let key = (group.clone(), topic.clone(), *partition);
                let Some(value) = value else {
                    self.offsets.remove(&key);
                    return Ok(());
                };
                match self.offsets.insert(key, value.offset) {
                    Some(before) if before > value.offset => Err(format!(
                        "the offset of {group}, {topic}-{partition} goes back from {before} to {}",
                        value.offset
                    )),
                    _ => Ok(()),
                }
            }
            Record::CurrentAssignment { group, member, value } => {
                let members = self.held.entry(group.clone()).or_default();
                match value {
                    None => members.remove(member),
                    Some(value) => {
                        let all =
                            value.assigned_partitions.iter().chain(&value.partitions_pending_revocation);
                        members.insert(member.clone(), all.flat_map(partitions).collect())
                    }
                };
                Ok(())
            }
            Record::ConsumerGroup { group, value } => {
                self.epoch(group, true, value.as_ref().map(|value| value.epoch))
            }
            Record::ClassicGroup { group, value } => {
                self.epoch(group, false, value.as_ref().map(|value| value.generation))
            }
            _ => Ok(()),
        }
    }

    fn epoch(&mut self, group: &Arc<str>, consumer: bool, epoch: Option<i32>) -> Result<(), String> {
        let key = (group.clone(), consumer);
        let Some(epoch) = epoch else {
            self.epochs.remove(&key);
            return Ok(());
        };
        match self.epochs.insert(key, epoch) {
            Some(before) if before > epoch => {
                Err(format!("the epoch of {group} goes back from {before} to {epoch}"))
            }
            _ => Ok(()),
        }
    }

    /// No partition is held by two members: asked after each step.
    pub fn check(&self) -> Result<(), String> {
        for (group, members) in &self.held {
            let mut owners = BTreeMap::new();
            for (member, held) in members {
                for partition in held {
                    if let Some(other) = owners.insert(partition, member) {
                        return Err(format!("{group}: {partition:?} is held by {other} and by {member}"));
                    }
                }
            }
        }
        Ok(())
    }

    /// The offset that stands in the log.
    pub fn offset(&self, group: &str, topic: &str, partition: i32) -> Option<i64> {
        self.offsets.get(&(group.into(), topic.into(), partition)).copied()
    }
}

fn partitions(of: &CurrentPartitions) -> impl Iterator<Item = (Uuid, i32)> + '_ {
    of.partitions.iter().map(|partition| (of.topic_id, *partition))
}
