//! Gathers records into batches, a lane for each partition, and keeps account of what is not settled yet.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use futures_util::FutureExt;
use futures_util::future::Shared;
use thalweg_proto::record::{BatchBuilder, Compression, Header, RecordError};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::error::Error;
use crate::lane::{Batch, Identity, Lane, Outcome, Rules};
use crate::partitioner::{Partitioner, partition_for_key};
use crate::record::Record;

/// The outcome of a batch, for each of its records' tickets.
pub(crate) type Receipt = Shared<oneshot::Receiver<Outcome>>;

/// A record's place: its batch's outcome, and how far it is behind the batch's first.
pub(crate) struct Place {
    pub receipt: Receipt,
    pub topic: Arc<str>,
    pub partition: i32,
    pub index: i32,
    /// Whether the sender has something new to look at.
    pub wake: bool,
}

/// What a producer knows about a topic.
#[derive(Debug)]
struct Topic {
    lanes: Vec<usize>,
    /// The partition that takes records without a key.
    sticky: usize,
    sticky_used: bool,
    seen: Instant,
}

/// All lanes of a producer.
pub(crate) struct Batcher {
    pub rules: Rules,
    pub lanes: Vec<Lane>,
    max_batch_bytes: usize,
    compression: Compression,
    level: Option<i32>,
    partitioner: Partitioner,
    topics: HashMap<Arc<str>, Topic>,
    receipts: HashMap<u64, Receipt>,
    next_number: u64,
    outstanding: BTreeSet<u64>,
    flush_below: u64,
    first_failure: Option<Error>,
    pub closed: bool,
}

/// How long a topic's number of partitions is believed.
const TOPIC_AGE: std::time::Duration = std::time::Duration::from_secs(60);

impl Batcher {
    pub fn new(
        rules: Rules,
        max_batch_bytes: usize,
        compression: Compression,
        level: Option<i32>,
        partitioner: Partitioner,
    ) -> Self {
        Self {
            rules,
            lanes: Vec::new(),
            max_batch_bytes,
            compression,
            level,
            partitioner,
            topics: HashMap::new(),
            receipts: HashMap::new(),
            next_number: 0,
            outstanding: BTreeSet::new(),
            flush_below: 0,
            first_failure: None,
            closed: false,
        }
    }

    /// Whether the topic's partitions are known, and the knowledge is fresh.
    pub fn knows(&self, topic: &str, now: Instant) -> bool {
        self.topics.get(topic).is_some_and(|topic| now.duration_since(topic.seen) < TOPIC_AGE)
    }

    /// Learns the number of a topic's partitions.
    pub fn learn(&mut self, name: &Arc<str>, partitions: i32, now: Instant) {
        let partitions = usize::try_from(partitions).unwrap_or(0);
        let topic = self.topics.entry(name.clone()).or_insert_with(|| Topic {
            lanes: Vec::new(),
            // A start of its own for every producer, so that many producers do not fill the same partition first.
            sticky: (RandomState::new().hash_one(0) as usize).checked_rem(partitions).unwrap_or(0),
            sticky_used: false,
            seen: now,
        });
        topic.seen = now;
        for partition in topic.lanes.len()..partitions {
            topic.lanes.push(self.lanes.len());
            self.lanes.push(Lane::new(name.clone(), i32::try_from(partition).unwrap_or(i32::MAX)));
        }
    }

    /// Forgets a topic's partitions, so that the next record asks for them.
    pub fn doubt(&mut self, topic: &str, now: Instant) {
        if let Some(topic) = self.topics.get_mut(topic) {
            topic.seen = now.checked_sub(TOPIC_AGE).unwrap_or(topic.seen);
        }
    }

    /// Puts a record into the open batch of its partition. The topic must be known. `charge` is what the record has
    /// taken of the producer's budget.
    pub fn append(&mut self, record: &Record, charge: usize, now: Instant) -> Result<Place, Error> {
        if self.closed {
            return Err(Error::Closed);
        }
        let index = self.choose(record)?;
        let lane = self.lanes.get_mut(index).ok_or(Error::Protocol("a partition without a lane"))?;
        let full = lane.open.as_mut().and_then(Batch::builder).is_some_and(|builder| {
            builder.uncompressed_bytes() + record.size_bytes() > self.max_batch_bytes && !builder.is_empty()
        });
        if full {
            lane.seal();
        }
        let opened = lane.open.is_none();
        if opened {
            let (done, receipt) = oneshot::channel();
            let builder = BatchBuilder::new(self.compression).with_level(self.level);
            lane.open = Some(Batch::new(self.next_number, now, builder, done));
            self.receipts.insert(self.next_number, receipt.shared());
            self.outstanding.insert(self.next_number);
            self.next_number += 1;
        }
        let batch = lane.open.as_mut().ok_or(Error::Protocol("a lane without an open batch"))?;
        let written =
            batch.builder().ok_or(RecordError::BatchTooLarge).and_then(|builder| write(builder, record));
        if let Err(error) = written {
            self.drop_if_empty(index);
            return Err(error.into());
        }
        let place = batch.records;
        batch.records += 1;
        batch.charge += charge;
        let receipt =
            self.receipts.get(&batch.number).cloned().ok_or(Error::Protocol("a batch without receipt"))?;
        Ok(Place {
            receipt,
            topic: lane.topic.clone(),
            partition: lane.partition,
            index: place,
            wake: opened || full,
        })
    }

    /// A batch that was opened for a record that could not be written must not go out.
    fn drop_if_empty(&mut self, index: usize) {
        let empty = self.lanes.get_mut(index).and_then(|lane| lane.open.take_if(|batch| batch.records == 0));
        if let Some(batch) = empty {
            self.receipts.remove(&batch.number);
            self.outstanding.remove(&batch.number);
        }
    }

    fn choose(&mut self, record: &Record) -> Result<usize, Error> {
        let missing = |partition| Error::NoSuchPartition { topic: record.topic.to_string(), partition };
        let topic = self.topics.get_mut(&record.topic).ok_or_else(|| missing(0))?;
        let count = i32::try_from(topic.lanes.len()).unwrap_or(i32::MAX);
        let partition = match (record.partition, &self.partitioner, &record.key) {
            (Some(partition), ..) => partition,
            (None, Partitioner::Kafka, Some(key)) => partition_for_key(key, count),
            (None, Partitioner::Custom(choose), key) => {
                choose(key.as_deref(), count).checked_rem_euclid(count).unwrap_or(0)
            }
            (None, Partitioner::RoundRobin, _) => topic.advance(),
            (None, Partitioner::Kafka, None) => {
                let lane = topic.lanes.get(topic.sticky).and_then(|&lane| self.lanes.get(lane));
                let between_batches = lane.is_none_or(|lane| lane.open.is_none());
                if between_batches && std::mem::replace(&mut topic.sticky_used, true) {
                    topic.advance();
                }
                i32::try_from(topic.sticky).unwrap_or(i32::MAX)
            }
        };
        let lane = usize::try_from(partition).ok().and_then(|partition| topic.lanes.get(partition));
        lane.copied().ok_or_else(|| missing(partition))
    }

    /// Asks for everything so far to go out at once; returns the number of the first batch that this leaves out.
    pub fn flush(&mut self) -> u64 {
        self.flush_below = self.next_number;
        self.lanes.iter_mut().for_each(Lane::seal);
        self.next_number
    }

    /// Whether every batch below `number` is settled.
    pub fn settled_below(&self, number: u64) -> bool {
        self.outstanding.first().is_none_or(|&oldest| oldest >= number)
    }

    /// The first failure since the last call.
    pub fn take_failure(&mut self) -> Option<Error> {
        self.first_failure.take()
    }

    /// Whether the producer is closed and nothing is left to do.
    pub fn is_finished(&self) -> bool {
        self.closed && self.outstanding.is_empty()
    }

    /// When there is something to send.
    pub fn due(&self) -> Option<Instant> {
        self.lanes.iter().filter_map(|lane| lane.due(&self.rules, self.flush_below)).min()
    }

    /// When the oldest batch that is not settled must be given up.
    pub fn expiry(&self) -> Option<Instant> {
        let oldest = self.lanes.iter().filter_map(Lane::oldest).min()?;
        Some(oldest + self.rules.delivery_timeout)
    }

    /// Whether a lane cannot go on without a name, and whether it must be a new one.
    pub fn lacking_identity(&self) -> Option<(usize, bool)> {
        let lacks = |(index, lane): (usize, &Lane)| {
            lane.due(&self.rules, self.flush_below)?;
            lane.lacks_identity(&self.rules).map(|renew| (index, renew))
        };
        self.lanes.iter().enumerate().find_map(lacks)
    }

    /// Names a lane.
    pub fn rename(&mut self, lane: usize, identity: Identity) {
        if let Some(lane) = self.lanes.get_mut(lane) {
            lane.rename(identity);
        }
    }

    /// The batches whose time has come, each with its lane.
    pub fn take_due(&mut self, now: Instant) -> Vec<(usize, Batch)> {
        let (rules, flush_below) = (self.rules, self.flush_below);
        let mut due = Vec::new();
        for (index, lane) in self.lanes.iter_mut().enumerate() {
            due.extend(
                std::iter::from_fn(|| lane.next(now, &rules, flush_below)).map(|batch| (index, batch)),
            );
        }
        due
    }

    /// Ends a batch; returns the bytes of the budget that this sets free.
    pub fn settle(&mut self, batch: Batch, outcome: Outcome) -> usize {
        self.outstanding.remove(&batch.number);
        self.receipts.remove(&batch.number);
        if let (Err(error), None) = (&outcome, &self.first_failure) {
            self.first_failure = Some(error.clone());
        }
        let charge = batch.charge;
        batch.settle(outcome);
        charge
    }
}

impl Topic {
    fn advance(&mut self) -> i32 {
        self.sticky = (self.sticky + 1).checked_rem(self.lanes.len()).unwrap_or(0);
        i32::try_from(self.sticky).unwrap_or(i32::MAX)
    }
}

fn write(builder: &mut BatchBuilder, record: &Record) -> Result<(), RecordError> {
    let timestamp = record.timestamp.unwrap_or_else(now_ms);
    let headers = record
        .headers
        .iter()
        .map(|header| Header { key: header.key.as_bytes(), value: header.value.as_deref() });
    builder.append(timestamp, record.key.as_deref(), record.value.as_deref(), headers)
}

fn now_ms() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}
