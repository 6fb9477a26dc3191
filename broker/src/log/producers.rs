//! What a partition remembers of idempotent and transactional producers: the rules of Kafka's `ProducerStateManager`
//! and `ProducerAppendInfo`.

use std::collections::{BTreeMap, HashMap, VecDeque};

use thalweg_proto::error::ErrorCode;
use thalweg_proto::record::BatchHeader;
use thalweg_proto::record::batch::NO_SEQUENCE;

use super::types::{Origin, ProducerState};

/// The epoch of a producer that has none, as Kafka has it: any sequence may follow it.
const NO_PRODUCER_EPOCH: i16 = -1;
/// Batches remembered per producer: as many as a producer may have in flight.
const REMEMBERED_BATCHES: usize = 5;

/// One appended batch of a producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SeenBatch {
    pub(super) first_sequence: i32,
    pub(super) last_sequence: i32,
    pub(super) last_offset: i64,
    pub(super) offset_delta: i32,
    pub(super) timestamp: i64,
}

impl SeenBatch {
    pub(super) fn base_offset(&self) -> i64 {
        self.last_offset.saturating_sub(i64::from(self.offset_delta))
    }
}

/// One producer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Producer {
    pub(super) epoch: i16,
    pub(super) batches: VecDeque<SeenBatch>,
    pub(super) last_timestamp: i64,
    pub(super) coordinator_epoch: i32,
    pub(super) transaction_start: Option<i64>,
}

impl Producer {
    pub(super) fn new(epoch: i16) -> Producer {
        Producer {
            epoch,
            batches: VecDeque::new(),
            last_timestamp: -1,
            coordinator_epoch: -1,
            transaction_start: None,
        }
    }

    pub(super) fn last_sequence(&self) -> i32 {
        self.batches.back().map_or(NO_SEQUENCE, |batch| batch.last_sequence)
    }

    fn duplicate(&self, header: &BatchHeader) -> Option<SeenBatch> {
        let same = |seen: &&SeenBatch| {
            seen.first_sequence == header.base_sequence && seen.last_sequence == header.last_sequence()
        };
        if header.producer_epoch != self.epoch { None } else { self.batches.iter().find(same).copied() }
    }

    fn check(&self, header: &BatchHeader) -> Result<(), ErrorCode> {
        if header.producer_epoch < self.epoch {
            return Err(ErrorCode::InvalidProducerEpoch);
        }
        if self.epoch == NO_PRODUCER_EPOCH {
            return Ok(());
        }
        let last = self.last_sequence();
        let expected = if header.producer_epoch > self.epoch || last == NO_SEQUENCE || last == i32::MAX {
            0
        } else {
            last.saturating_add(1)
        };
        if header.base_sequence == expected { Ok(()) } else { Err(ErrorCode::OutOfOrderSequenceNumber) }
    }
}

/// What is to be done with a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Store it.
    New,
    /// It is stored already.
    Duplicate(SeenBatch),
}

/// A transaction as its marker ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct EndedTransaction {
    pub(super) producer_id: i64,
    pub(super) first_offset: i64,
    pub(super) last_offset: i64,
}

/// The producers of a partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Producers {
    by_id: HashMap<i64, Producer>,
    /// First offset → producer, of the transactions that have no marker yet.
    open: BTreeMap<i64, i64>,
}

impl Producers {
    /// Judges a valid batch before it is stored.
    pub(super) fn judge(&self, header: &BatchHeader, origin: Origin) -> Result<Verdict, ErrorCode> {
        if !header.has_producer() || header.is_control() {
            return Ok(Verdict::New);
        }
        // Of a producer that nothing is known of (it expired, or its batches were deleted) any sequence is taken.
        let Some(producer) = self.by_id.get(&header.producer_id) else {
            let ancient = origin == Origin::Client && header.producer_epoch < NO_PRODUCER_EPOCH;
            return if ancient { Err(ErrorCode::InvalidProducerEpoch) } else { Ok(Verdict::New) };
        };
        if let Some(seen) = producer.duplicate(header) {
            return Ok(Verdict::Duplicate(seen));
        }
        if producer.transaction_start.is_some() && !header.is_transactional() {
            return Err(ErrorCode::InvalidTxnState);
        }
        if origin == Origin::Client {
            producer.check(header)?;
        }
        Ok(Verdict::New)
    }

    /// Takes note of a stored batch, live and at recovery. `header` carries its final offset.
    pub(super) fn note(&mut self, header: &BatchHeader) {
        if !header.has_producer() || header.is_control() {
            return;
        }
        let epoch = header.producer_epoch;
        let producer = self.by_id.entry(header.producer_id).or_insert_with(|| Producer::new(epoch));
        if producer.epoch != epoch {
            producer.epoch = epoch;
            producer.batches.clear();
        }
        if producer.batches.len() == REMEMBERED_BATCHES {
            producer.batches.pop_front();
        }
        producer.batches.push_back(SeenBatch {
            first_sequence: header.base_sequence,
            last_sequence: header.last_sequence(),
            last_offset: header.last_offset(),
            offset_delta: header.last_offset_delta,
            timestamp: header.max_timestamp,
        });
        producer.last_timestamp = header.max_timestamp;
        if header.is_transactional() && producer.transaction_start.is_none() {
            producer.transaction_start = Some(header.base_offset);
            self.open.insert(header.base_offset, header.producer_id);
        }
    }

    /// Takes note of a transaction marker. The transaction that it ended; `None` where none was open.
    pub(super) fn note_marker(
        &mut self,
        header: &BatchHeader,
        coordinator_epoch: i32,
    ) -> Option<EndedTransaction> {
        let epoch = header.producer_epoch;
        let producer = self.by_id.entry(header.producer_id).or_insert_with(|| Producer::new(epoch));
        if producer.epoch != epoch {
            producer.epoch = epoch;
            producer.batches.clear();
        }
        producer.coordinator_epoch = coordinator_epoch;
        producer.last_timestamp = header.max_timestamp;
        let first_offset = producer.transaction_start.take()?;
        self.open.remove(&first_offset);
        let last_offset = header.last_offset();
        Some(EndedTransaction { producer_id: header.producer_id, first_offset, last_offset })
    }

    /// The last offset of each producer's last batch, by producer id.
    pub(super) fn last_batches(&self) -> HashMap<i64, i64> {
        let last = |producer: &Producer| producer.batches.back().map(|batch| batch.last_offset);
        self.iter().filter_map(|(id, producer)| Some((id, last(producer)?))).collect()
    }

    /// The first offset of the earliest transaction without a marker.
    pub(super) fn first_open(&self) -> Option<i64> {
        self.open.keys().next().copied()
    }

    /// Forgets producers that wrote nothing since `before_ms`, but those with an open transaction.
    pub(super) fn expire(&mut self, before_ms: i64) {
        self.by_id.retain(|_, producer| {
            producer.transaction_start.is_some() || producer.last_timestamp >= before_ms
        });
    }

    /// Every producer, by id.
    pub(super) fn iter(&self) -> impl Iterator<Item = (i64, &Producer)> {
        self.by_id.iter().map(|(id, producer)| (*id, producer))
    }

    /// Puts a producer in place, from an entry of a snapshot. Further entries of the same have its later batches.
    pub(super) fn restore(&mut self, producer_id: i64, mut producer: Producer) {
        if let Some(first_offset) = producer.transaction_start {
            self.open.insert(first_offset, producer_id);
        }
        if let Some(before) = self.by_id.remove(&producer_id).filter(|before| before.epoch == producer.epoch)
        {
            let excess = before
                .batches
                .len()
                .saturating_add(producer.batches.len())
                .saturating_sub(REMEMBERED_BATCHES);
            let earlier = before.batches.into_iter().skip(excess);
            producer.batches = earlier.chain(producer.batches).collect();
        }
        self.by_id.insert(producer_id, producer);
    }

    /// What DescribeProducers shows, in the order of the ids.
    pub(super) fn describe(&self) -> Vec<ProducerState> {
        let mut states: Vec<ProducerState> = self
            .iter()
            .map(|(producer_id, producer)| ProducerState {
                producer_id,
                producer_epoch: producer.epoch,
                last_sequence: producer.last_sequence(),
                last_timestamp: producer.last_timestamp,
                coordinator_epoch: producer.coordinator_epoch,
                current_transaction_start: producer.transaction_start.unwrap_or(-1),
            })
            .collect();
        states.sort_by_key(|state| state.producer_id);
        states
    }
}
