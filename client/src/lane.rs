//! The batches of one partition on their way out: in order, each stored once.
//!
//! The broker accepts a producer's batches only in the order of their sequence numbers and knows the last five of each
//! producer again, so a batch may be sent once more without harm. After a failure a lane therefore waits until all that
//! is under way has been answered, then sends again from the failed batch on. A batch that is given up leaves a hole in
//! the sequence; the lane then goes on under a new producer id.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use thalweg_proto::error::ErrorCode;
use thalweg_proto::record::{BatchBuilder, NO_SEQUENCE, RecordError, patch};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::error::Error;
use crate::retry::RetryPolicy;

#[cfg(test)]
mod tests;

/// Where a batch was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stored {
    pub base_offset: i64,
    pub log_append_time: Option<i64>,
}

/// What becomes of a batch.
pub(crate) type Outcome = Result<Stored, Error>;

/// An idempotent producer's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    pub id: i64,
    pub epoch: i16,
}

#[derive(Debug)]
enum Content {
    Records(Box<BatchBuilder>),
    Encoded(Bytes),
}

/// Records of one partition that are sent together.
#[derive(Debug)]
pub(crate) struct Batch {
    /// Grows with every batch of the producer.
    pub number: u64,
    pub created: Instant,
    /// Bytes of the producer's budget that it holds.
    pub charge: usize,
    pub records: i32,
    content: Content,
    name: Option<(Identity, i32)>,
    encoded_as: Option<(Identity, i32)>,
    /// Whether it may be stored although no answer said so.
    uncertain: bool,
    /// Why it was refused the last time; what is told when there is no time left to try again.
    refusal: Option<Error>,
    done: oneshot::Sender<Outcome>,
}

impl Batch {
    pub fn new(number: u64, created: Instant, builder: BatchBuilder, done: oneshot::Sender<Outcome>) -> Self {
        let content = Content::Records(Box::new(builder));
        Self {
            number,
            created,
            charge: 0,
            records: 0,
            content,
            name: None,
            encoded_as: None,
            uncertain: false,
            refusal: None,
            done,
        }
    }

    pub fn builder(&mut self) -> Option<&mut BatchBuilder> {
        match &mut self.content {
            Content::Records(builder) => Some(builder),
            Content::Encoded(_) => None,
        }
    }

    /// The batch's bytes under its present name.
    pub fn encode(&mut self) -> Result<Bytes, RecordError> {
        let (identity, sequence) = self.name.unwrap_or((Identity { id: -1, epoch: -1 }, NO_SEQUENCE));
        let bytes = match std::mem::replace(&mut self.content, Content::Encoded(Bytes::new())) {
            Content::Records(mut builder) => {
                builder.set_producer(identity.id, identity.epoch, sequence);
                builder.build()?
            }
            Content::Encoded(bytes) if self.encoded_as == self.name => bytes,
            Content::Encoded(bytes) => {
                let mut bytes = Vec::from(bytes);
                patch::set_producer(&mut bytes, identity.id, identity.epoch, sequence)?;
                bytes.into()
            }
        };
        self.encoded_as = self.name;
        self.content = Content::Encoded(bytes.clone());
        Ok(bytes)
    }

    pub fn settle(self, outcome: Outcome) {
        // Nobody may be waiting any more; that is no failure.
        let _ = self.done.send(outcome);
    }
}

/// What a lane is to know of the producer's options.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    pub max_in_flight: usize,
    pub linger: Duration,
    pub delivery_timeout: Duration,
    pub idempotent: bool,
    pub retry: RetryPolicy,
}

/// The batches of one partition.
#[derive(Debug)]
pub(crate) struct Lane {
    pub topic: Arc<str>,
    pub partition: i32,
    /// The batch that takes records.
    pub open: Option<Batch>,
    sealed: VecDeque<Batch>,
    retry: VecDeque<Batch>,
    /// How many of `retry` are to go in this round.
    resending: usize,
    /// Whether a batch that was sent again, or is to be, has no answer yet. Newer ones wait for it: they would push it out
    /// of the five that the broker remembers.
    recovering: bool,
    in_flight: usize,
    identity: Option<Identity>,
    next_sequence: i32,
    /// Whether the broker has stored a batch under this identity. Until then batches go one by one: a broker that does not
    /// know a producer takes whichever of its batches comes first.
    established: bool,
    /// Whether the sequence has a hole, so that the identity is of no more use.
    broken: bool,
    failures: u32,
    not_before: Option<Instant>,
}

impl Lane {
    pub fn new(topic: Arc<str>, partition: i32) -> Self {
        Self {
            topic,
            partition,
            open: None,
            sealed: VecDeque::new(),
            retry: VecDeque::new(),
            resending: 0,
            recovering: false,
            in_flight: 0,
            identity: None,
            next_sequence: 0,
            established: false,
            broken: false,
            failures: 0,
            not_before: None,
        }
    }

    /// When the oldest batch that waits here was begun.
    pub fn oldest(&self) -> Option<Instant> {
        let waiting = [self.retry.front(), self.sealed.front(), self.open.as_ref()];
        waiting.into_iter().flatten().map(|batch| batch.created).min()
    }

    /// Closes the batch that takes records.
    pub fn seal(&mut self) {
        self.sealed.extend(self.open.take());
    }

    /// Whether an identity must be found before the lane can go on, and whether it must be a new one.
    pub fn lacks_identity(&self, rules: &Rules) -> Option<bool> {
        if !rules.idempotent {
            return None;
        }
        let renew = self.broken && self.in_flight == 0 && !self.retry.iter().any(|batch| batch.uncertain);
        (self.identity.is_none() || renew).then_some(self.broken)
    }

    /// Goes on as `identity`, from sequence number 0.
    pub fn rename(&mut self, identity: Identity) {
        self.identity = Some(identity);
        self.next_sequence = 0;
        self.established = false;
        self.broken = false;
        for batch in &mut self.retry {
            batch.name = Some((identity, self.next_sequence));
            self.next_sequence = after(self.next_sequence, batch.records);
        }
    }

    /// When there may be something to send, `None` if only an answer or a record can change that.
    pub fn due(&self, rules: &Rules, flush_below: u64) -> Option<Instant> {
        let alone = self.broken || (rules.idempotent && !self.established);
        if self.in_flight >= if alone { 1 } else { rules.max_in_flight } {
            return None;
        }
        let now_or_later = |at: Instant| self.not_before.map_or(at, |pause| pause.max(at));
        if let Some(first) = self.retry.front() {
            let free = self.resending > 0 || self.in_flight == 0;
            return free.then(|| now_or_later(first.created));
        }
        if self.recovering && self.in_flight > 0 {
            return None;
        }
        if let Some(first) = self.sealed.front() {
            return Some(now_or_later(first.created));
        }
        let open = self.open.as_ref()?;
        let linger = if open.number < flush_below { Duration::ZERO } else { rules.linger };
        Some(now_or_later(open.created + linger))
    }

    /// The next batch to send, if its time has come.
    pub fn next(&mut self, now: Instant, rules: &Rules, flush_below: u64) -> Option<Batch> {
        if self.due(rules, flush_below)? > now || self.lacks_identity(rules).is_some() {
            return None;
        }
        if self.resending == 0 {
            self.resending = self.retry.len();
            self.recovering = self.resending > 0;
        }
        let mut batch = if self.resending > 0 {
            self.resending -= 1;
            // Under a name of no more use there is only to learn which were stored; the others would be refused for ever.
            let uncertain = self.retry.iter().position(|batch| self.broken && batch.uncertain);
            self.retry.remove(uncertain.unwrap_or(0))?
        } else {
            if self.sealed.is_empty() {
                self.seal();
            }
            self.sealed.pop_front()?
        };
        if let (Some(identity), None) = (self.identity, batch.name) {
            batch.name = Some((identity, self.next_sequence));
            self.next_sequence = after(self.next_sequence, batch.records);
        }
        self.in_flight += 1;
        Some(batch)
    }

    /// Takes the broker's answer to a batch; returns the batch when that is its end.
    pub fn answered(
        &mut self,
        mut batch: Batch,
        answer: Outcome,
        now: Instant,
        rules: &Rules,
    ) -> Option<(Batch, Outcome)> {
        self.in_flight = self.in_flight.saturating_sub(1);
        let error = match answer {
            Ok(stored) => {
                self.failures = 0;
                self.not_before = None;
                self.established = true;
                return Some((batch, Ok(stored)));
            }
            Err(error) => error,
        };
        let code = error.code();
        if code == Some(ErrorCode::DuplicateSequenceNumber) {
            self.established = true;
            return Some((batch, Ok(Stored { base_offset: -1, log_append_time: None })));
        }
        // Refused for its sequence alone, because one before it has failed: its turn comes after that one.
        let follows =
            code == Some(ErrorCode::OutOfOrderSequenceNumber) && (self.broken || !self.retry.is_empty());
        if follows {
            batch.uncertain = false;
            self.again(batch);
            return None;
        }
        if error.is_retryable() {
            batch.uncertain |= code == Some(ErrorCode::RequestTimedOut);
            batch.refusal = Some(error);
            self.again(batch);
            self.failures += 1;
            self.not_before = Some(now + rules.retry.pause(self.failures));
            return None;
        }
        self.broken |= rules.idempotent;
        Some((batch, Err(error)))
    }

    /// Takes back a batch whose connection broke before the answer; returns it when it must not be sent again.
    pub fn interrupted(&mut self, mut batch: Batch, rules: &Rules) -> Option<Batch> {
        self.in_flight = self.in_flight.saturating_sub(1);
        if !rules.idempotent {
            return Some(batch);
        }
        batch.uncertain = true;
        self.again(batch);
        None
    }

    /// Gives up batches that have waited too long, or all of them.
    pub fn give_up(&mut self, now: Instant, rules: &Rules, all: bool) -> Vec<(Batch, Error)> {
        let late = |batch: &Batch| all || now.duration_since(batch.created) >= rules.delivery_timeout;
        let mut given_up = Vec::new();
        while let Some(batch) = self.retry.pop_front_if(|batch| late(batch)) {
            self.broken |= rules.idempotent;
            self.resending = self.resending.saturating_sub(1);
            given_up.push(batch);
        }
        if self.retry.is_empty() {
            given_up.extend(std::iter::from_fn(|| self.sealed.pop_front_if(|batch| late(batch))));
            given_up.extend(self.open.take_if(|batch| late(batch)));
        }
        let waited = rules.delivery_timeout;
        let reason = |mut batch: Batch| {
            let timeout = Error::Timeout { waited, possibly_applied: batch.uncertain };
            let refusal = batch.refusal.take().filter(|_| !batch.uncertain);
            (batch, refusal.unwrap_or(timeout))
        };
        given_up.into_iter().map(reason).collect()
    }

    /// Queues a batch to be sent again, in the order of the batches.
    fn again(&mut self, batch: Batch) {
        let place = self.retry.partition_point(|other| other.number < batch.number);
        self.retry.insert(place, batch);
    }
}

/// The sequence number that follows `records` records from `sequence` on: it wraps to 0 after `i32::MAX`.
fn after(sequence: i32, records: i32) -> i32 {
    sequence.checked_add(records).unwrap_or_else(|| sequence.wrapping_add(records) & i32::MAX)
}
