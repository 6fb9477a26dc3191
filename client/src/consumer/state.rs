//! What a consumer's parts share: its partitions, and how far each has been read, handled and committed.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, mpsc};

use super::events::GroupEvent;
use crate::error::Error;
use crate::groups::Offset;
use crate::positions::Position;
use crate::record::{Message, TopicPartition};

/// Where a partition is in its life with this consumer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Assigned; where to begin is being asked for.
    Resolving,
    /// Being read.
    Active,
    /// To be given up: nothing more is handed out.
    Revoking,
}

/// A partition of the consumer.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Another number whenever what was read before is void: after an assignment and after a seek.
    pub incarnation: u64,
    pub phase: Phase,
    pub paused: bool,
    /// The offset after the last message handed out; -1 while resolving.
    pub handed: i64,
    /// The offset after the last message that the user has done with.
    pub finished: i64,
    pub committed: Option<i64>,
}

/// Which of a partition's offsets is to be committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Upto {
    /// What has been handed out.
    Handed,
    /// What the user has done with.
    Finished,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub entries: BTreeMap<TopicPartition, Entry>,
    /// The message that the user has: its partition, incarnation, and the offset after it.
    in_hand: Option<(TopicPartition, u64, i64)>,
    /// Rises with every change that who reads must see.
    pub version: u64,
    incarnations: u64,
    pub member_id: String,
    pub member_epoch: i32,
    pub failure: Option<Error>,
}

/// The state, and who waits for it to change.
#[derive(Debug, Default)]
pub(super) struct Shared {
    state: Mutex<State>,
    /// For who reads: the version has risen.
    pub changed: Notify,
    /// For who gives up partitions: the user has done with a message.
    pub finished: Notify,
    events: Mutex<Option<mpsc::UnboundedSender<GroupEvent>>>,
}

/// What became of an attempt to hand out a message.
pub(super) enum HandedOut {
    /// It is the user's.
    Yes(Message),
    /// The partitions have changed since it was read: look again.
    NotYet(Message),
}

impl Shared {
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and lets who reads know.
    pub fn change<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        let mut state = self.lock();
        let result = change(&mut state);
        state.version += 1;
        drop(state);
        self.changed.notify_one();
        result
    }

    /// Whoever asks for the next message has done with the one before.
    pub fn finish(&self) {
        let mut state = self.lock();
        let Some((partition, incarnation, next)) = state.in_hand.take() else { return };
        if let Some(entry) = state.entries.get_mut(&partition)
            && entry.incarnation == incarnation
        {
            entry.finished = next;
        }
        drop(state);
        self.finished.notify_one();
    }

    /// Gives a message to the user, if the partitions are those of `version` still.
    pub fn hand_out(&self, message: Message, version: u64) -> HandedOut {
        let mut state = self.lock();
        if state.version != version {
            return HandedOut::NotYet(message);
        }
        let partition = message.topic_partition();
        let next = message.offset.saturating_add(1);
        if let Some(entry) = state.entries.get_mut(&partition) {
            entry.handed = next;
            state.in_hand = Some((partition, entry.incarnation, next));
        }
        HandedOut::Yes(message)
    }

    /// There is nothing left to hand out of what was read up to these positions.
    pub fn drained(&self, positions: &[Position], version: u64) {
        let mut state = self.lock();
        if state.version != version {
            return;
        }
        for position in positions {
            if let Some(entry) = state.entries.get_mut(&position.topic_partition()) {
                entry.handed = entry.handed.max(position.next);
                entry.finished = entry.handed;
            }
        }
    }

    /// Whether the user has a message of one of these partitions.
    pub fn has_in_hand(&self, partitions: &[TopicPartition]) -> bool {
        self.lock().in_hand.as_ref().is_some_and(|(partition, ..)| partitions.contains(partition))
    }

    /// The offsets of these partitions that are not committed yet.
    pub fn uncommitted(&self, upto: Upto, wanted: impl Fn(&TopicPartition) -> bool) -> Vec<Offset> {
        let state = self.lock();
        let offset = |(partition, entry): (&TopicPartition, &Entry)| {
            let offset = match upto {
                Upto::Handed => entry.handed,
                Upto::Finished => entry.finished,
            };
            let is_news = offset >= 0 && entry.committed != Some(offset) && wanted(partition);
            is_news.then(|| Offset { partition: partition.clone(), offset, metadata: String::new() })
        };
        state.entries.iter().filter_map(offset).collect()
    }

    /// Notes what has been committed.
    pub fn committed(&self, offsets: &[Offset]) {
        let mut state = self.lock();
        for offset in offsets {
            if let Some(entry) = state.entries.get_mut(&offset.partition) {
                entry.committed = Some(offset.offset);
            }
        }
    }

    /// From now on events go there, in place of where they went before.
    pub fn listen(&self, listener: mpsc::UnboundedSender<GroupEvent>) {
        *self.events.lock().unwrap_or_else(PoisonError::into_inner) = Some(listener);
    }

    /// Tells who listens; false if nobody does.
    pub fn tell(&self, event: GroupEvent) -> bool {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let heard = events.as_ref().is_some_and(|events| events.send(event).is_ok());
        if !heard {
            *events = None;
        }
        heard
    }

    /// The session has ended for good.
    pub fn fail(&self, error: Error) {
        self.change(|state| state.failure = Some(error));
    }
}

impl State {
    /// A number for an entry whose reading begins anew.
    fn incarnate(&mut self) -> u64 {
        self.incarnations += 1;
        self.incarnations
    }

    /// Adds partitions, whose start is not known yet.
    pub fn assign(&mut self, partitions: impl IntoIterator<Item = TopicPartition>) {
        for partition in partitions {
            let incarnation = self.incarnate();
            let entry = Entry {
                incarnation,
                phase: Phase::Resolving,
                paused: false,
                handed: -1,
                finished: -1,
                committed: None,
            };
            self.entries.insert(partition, entry);
        }
    }

    /// The partitions in a phase, with their incarnations.
    pub fn in_phase(&self, phase: Phase) -> Vec<(TopicPartition, u64)> {
        let matching = self.entries.iter().filter(|(_, entry)| entry.phase == phase);
        matching.map(|(partition, entry)| (partition.clone(), entry.incarnation)).collect()
    }

    /// Reads a partition from an offset on, if it is the consumer's still, in the same incarnation where one is given.
    pub fn seek(&mut self, partition: &TopicPartition, of: Option<u64>, offset: i64) -> bool {
        let incarnation = self.incarnate();
        let Some(entry) = self.entries.get_mut(partition) else { return false };
        if of.is_some_and(|of| of != entry.incarnation) || entry.phase == Phase::Revoking {
            return false;
        }
        entry.incarnation = incarnation;
        entry.phase = Phase::Active;
        entry.handed = offset;
        entry.finished = offset;
        true
    }

    /// Removes partitions that have been given up.
    pub fn remove(&mut self, partitions: &[(TopicPartition, u64)]) {
        for (partition, incarnation) in partitions {
            if self.entries.get(partition).is_some_and(|entry| entry.incarnation == *incarnation) {
                self.entries.remove(partition);
            }
        }
    }

    /// Removes all partitions, and tells which they were.
    pub fn clear(&mut self) -> Vec<TopicPartition> {
        std::mem::take(&mut self.entries).into_keys().collect()
    }
}
