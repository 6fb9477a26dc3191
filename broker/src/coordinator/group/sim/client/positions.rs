//! How far a member has read what it owns.

use std::collections::BTreeMap;
use std::sync::Arc;

use thalweg_proto::error::ErrorCode;
use uuid::Uuid;

use crate::coordinator::group::offsets::{
    CommitOffsets, CommitPartition, FetchOffsets, FetchTopic, FetchedOffset,
};
use crate::coordinator::group::sim::client::Seat;
use crate::coordinator::group::sim::world::World;

fn named((topic, partitions): (Arc<str>, Vec<i32>)) -> FetchTopic {
    FetchTopic { topic, topic_id: Uuid::nil(), partitions }
}

/// A partition with the id that its topic had when it was given.
pub type Partition = (Arc<str>, Uuid, i32);

/// The partitions that a member owns; no position while the committed offset was not fetched.
#[derive(Debug, Default)]
pub struct Positions(pub BTreeMap<Partition, Option<i64>>);

impl Positions {
    pub fn names(&self) -> Vec<(Arc<str>, i32)> {
        self.0.keys().map(|(topic, _, partition)| (topic.clone(), *partition)).collect()
    }

    /// Whether offsets are to be fetched.
    pub fn unknown(&self, world: &World) -> bool {
        self.0.iter().any(|((topic, ..), position)| position.is_none() && world.topics.contains_key(topic))
    }

    /// Lets go of topics that are gone, or have been made anew.
    pub fn forget_gone(&mut self, world: &World) {
        self.0.retain(|(topic, id, _), _| world.topics.get(topic).is_some_and(|facts| facts.id == *id));
    }

    pub fn fetch(&self, seat: &Seat, member: Option<(Arc<str>, i32)>) -> FetchOffsets {
        let mut topics: BTreeMap<Arc<str>, Vec<i32>> = BTreeMap::new();
        for (topic, _, partition) in self.0.iter().filter(|(_, at)| at.is_none()).map(|(of, _)| of) {
            topics.entry(topic.clone()).or_default().push(*partition);
        }
        let (member, member_epoch) = member.map_or((None, -1), |(member, epoch)| (Some(member), epoch));
        FetchOffsets {
            group: seat.group.clone(),
            member,
            member_epoch,
            topics: Some(topics.into_iter().map(named).collect()),
            require_stable: true,
        }
    }

    pub fn fetched(&mut self, topics: &[(Arc<str>, Vec<FetchedOffset>)]) -> Result<(), String> {
        for (topic, partitions) in topics {
            for fetched in partitions {
                if fetched.error != ErrorCode::None {
                    return Err(format!("{topic}: {fetched:?}"));
                }
                let mine = self.0.iter_mut().find(|((t, _, p), _)| t == topic && *p == fetched.partition);
                if let Some((_, position @ None)) = mine {
                    *position = Some(fetched.offset.max(0));
                }
            }
        }
        Ok(())
    }

    /// Reads on.
    pub fn advance(&mut self, world: &World) {
        for position in self.0.values_mut().flatten() {
            *position += i64::try_from(world.random.below(50)).unwrap();
        }
    }

    /// A commit of everything whose position is known and whose topic is still there; none if there is nothing.
    pub fn commit(&self, world: &World, seat: &Seat, member: &Arc<str>, epoch: i32) -> Option<CommitOffsets> {
        let partitions: Vec<_> = self
            .0
            .iter()
            .filter(|((topic, id, _), _)| world.topics.get(topic).is_some_and(|facts| facts.id == *id))
            .filter_map(|((topic, id, partition), offset)| {
                Some(CommitPartition {
                    topic: topic.clone(),
                    topic_id: *id,
                    partition: *partition,
                    offset: (*offset)?,
                    leader_epoch: 0,
                    metadata: String::new(),
                })
            })
            .collect();
        (!partitions.is_empty()).then(|| CommitOffsets {
            group: seat.group.clone(),
            generation_or_epoch: epoch,
            member: member.clone(),
            instance: seat.instance.clone(),
            retention_ms: None,
            partitions,
            version: 9,
        })
    }
}
