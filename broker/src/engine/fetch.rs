//! Fetch: read from many partitions; where that is too little, sleep until enough has arrived.

use std::sync::Arc;
use std::time::Duration;

use thalweg_proto::error::ErrorCode;

use super::Engine;
use super::error::EngineError;
use super::routes::{Served, TopicRef};
use super::wait::{LongPoll, Place, Registered, readable_end};
use crate::log::{Fetched, Isolation, Offsets};

/// What a reader wants of one partition.
#[derive(Debug, Clone)]
pub struct Read {
    /// The topic.
    pub topic: TopicRef,
    /// The partition.
    pub partition: i32,
    /// The first offset wanted.
    pub offset: i64,
    /// The partition's leader epoch as the reader knows it, or -1.
    pub current_leader_epoch: i32,
    /// Epoch of the record before `offset` as the reader has it, or -1 (KIP-595).
    pub last_fetched_epoch: i32,
    /// At most this many bytes, but for one whole batch.
    pub max_bytes: i32,
}

/// The bounds of a fetch over all its partitions.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Wait until this many bytes can be had …
    pub min_bytes: i32,
    /// … but no longer than this.
    pub max_wait: Duration,
    /// At most this many bytes, but for one whole batch.
    pub max_bytes: i32,
    /// Which records are visible.
    pub isolation: Isolation,
    /// Whether only whole batches are wanted. Otherwise the last one may be cut off, as Kafka's clients expect.
    pub whole_batches: bool,
}

/// The end of a reader's epoch in this log, where the reader has gone beyond it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Diverging {
    /// The newest epoch here that is not newer than the reader's.
    pub epoch: i32,
    /// Where it ends.
    pub end_offset: i64,
}

/// What was read of one partition.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// Records, or none yet.
    Records(Fetched),
    /// The reader's log has another history; it must cut its log back to there.
    Diverging(Diverging, Offsets),
    /// Nothing, for this reason.
    Failed(EngineError),
}

impl Outcome {
    fn bytes(&self) -> usize {
        match self {
            Self::Records(fetched) => fetched.bytes,
            Self::Diverging(..) | Self::Failed(_) => 0,
        }
    }

    /// Whether the reader must hear of it at once.
    fn is_urgent(&self) -> bool {
        !matches!(self, Self::Records(_)) && !self.is_unknown()
    }

    /// Whether there is no such partition. It is told of, but as in Kafka it does not hurry the others' answer.
    fn is_unknown(&self) -> bool {
        use EngineError::{UnknownPartition, UnknownTopic, UnknownTopicId};
        matches!(self, Self::Failed(UnknownPartition { .. } | UnknownTopic(_) | UnknownTopicId(_)))
    }
}

impl Engine {
    /// Reads from each partition, in order. Waits for `min_bytes` over all of them, up to `max_wait`, unless something
    /// else is to be told; returns one outcome for each read.
    pub async fn fetch(&self, reads: &[Read], bounds: Bounds) -> Vec<Outcome> {
        let wanted = usize::try_from(bounds.min_bytes).unwrap_or(0);
        let (outcomes, places) = self.read_all(reads, bounds);
        let bytes: usize = outcomes.iter().map(Outcome::bytes).sum();
        let enough = bytes >= wanted || outcomes.iter().any(Outcome::is_urgent);
        if enough || outcomes.iter().all(Outcome::is_unknown) || bounds.max_wait.is_zero() {
            self.metrics.read(bytes);
            return outcomes;
        }
        self.metrics.waited();
        self.wait_for_bytes(reads, bounds, &outcomes, places, wanted - bytes).await;
        let (mut later, _) = self.read_all(reads, bounds);
        self.metrics.read(later.iter().map(Outcome::bytes).sum());
        for (before, now) in outcomes.iter().zip(&mut later) {
            if now.is_unknown() && !before.is_unknown() {
                *now = Outcome::Failed(EngineError::Deleted);
            }
        }
        later
    }

    async fn wait_for_bytes(
        &self,
        reads: &[Read],
        bounds: Bounds,
        outcomes: &[Outcome],
        places: Vec<Option<Arc<Served>>>,
        missing: usize,
    ) {
        let mut registered = Registered::new(LongPoll::new(missing));
        for ((read, outcome), place) in reads.iter().zip(outcomes).zip(places) {
            let (Some(served), Outcome::Records(fetched)) = (place, outcome) else { continue };
            registered.register(
                &served,
                Place {
                    from: read.offset,
                    at_most: usize::try_from(read.max_bytes).unwrap_or(0),
                    seen: fetched.bytes,
                    log_start: fetched.offsets.log_start,
                    isolation: bounds.isolation,
                },
            );
        }
        tokio::select! {
            biased;
            () = &mut registered => {}
            () = self.sleep(bounds.max_wait) => {}
            () = self.stopping.cancelled() => {}
        }
    }

    fn read_all(&self, reads: &[Read], bounds: Bounds) -> (Vec<Outcome>, Vec<Option<Arc<Served>>>) {
        let mut left = bounds.max_bytes;
        let mut anything = false;
        let mut places = Vec::with_capacity(reads.len());
        let mut outcomes = Vec::with_capacity(reads.len());
        for read in reads {
            let served = self.readable(read);
            places.push(served.as_ref().ok().cloned());
            let outcome = match served {
                Ok(served) => read_one(&served, read, left, !anything, bounds),
                Err(error) => Outcome::Failed(error),
            };
            let taken = i32::try_from(outcome.bytes()).unwrap_or(i32::MAX);
            left = left.saturating_sub(taken).max(0);
            anything |= outcome.bytes() > 0;
            outcomes.push(outcome);
        }
        (outcomes, places)
    }

    fn readable(&self, read: &Read) -> Result<Arc<Served>, EngineError> {
        let handle = self.topics.find(&read.topic)?;
        let served = handle.partition(read.partition)?;
        check_leader_epoch(served, read.current_leader_epoch)?;
        Ok(served.clone())
    }
}

/// Refuses a client whose idea of the partition's leader epoch is older or newer than the truth; -1 is no idea.
pub(super) fn check_leader_epoch(served: &Served, given: i32) -> Result<(), EngineError> {
    let current = served.leader_epoch();
    if given == -1 || given == current {
        Ok(())
    } else if given < current {
        Err(EngineError::FencedLeaderEpoch { given, current })
    } else {
        Err(EngineError::UnknownLeaderEpoch { given, current })
    }
}

fn read_one(served: &Served, read: &Read, left: i32, first: bool, bounds: Bounds) -> Outcome {
    if read.last_fetched_epoch >= 0 {
        let (epoch, end_offset) = served.epoch_end(read.last_fetched_epoch);
        if epoch < 0 || end_offset < 0 {
            return Outcome::Failed(EngineError::UndefinedEpoch(read.last_fetched_epoch));
        }
        if epoch < read.last_fetched_epoch || end_offset < read.offset {
            return Outcome::Diverging(Diverging { epoch, end_offset }, served.offsets());
        }
    }
    let Ok(most) = usize::try_from(read.max_bytes.min(left)) else {
        return read_nothing(served, read, bounds.isolation);
    };
    let fetched = if bounds.whole_batches {
        served.read(read.offset, most, first, bounds.isolation)
    } else {
        served.read_bytes(read.offset, most, first, bounds.isolation)
    };
    match fetched {
        Ok(fetched) => Outcome::Records(fetched),
        Err(error) => Outcome::Failed(error.into()),
    }
}

/// A read of fewer bytes than none, which Kafka's log refuses, but where there is nothing to read.
fn read_nothing(served: &Served, read: &Read, isolation: Isolation) -> Outcome {
    match served.read(read.offset, 0, false, isolation) {
        Ok(fetched) if read.offset < readable_end(&fetched.offsets, isolation) => {
            Outcome::Failed(EngineError::refused(ErrorCode::UnknownServerError, "a negative number of bytes"))
        }
        Ok(fetched) => Outcome::Records(fetched),
        Err(error) => Outcome::Failed(error.into()),
    }
}
