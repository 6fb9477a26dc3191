//! Produce: append to every partition at once, answer when they are durable.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use thalweg_config::FlushMode;
use thalweg_proto::error::ErrorCode;

use super::Engine;
use super::error::EngineError;
use super::routes::{Served, TopicRef};
use super::wait::Gate;
use crate::coordinator::metadata::is_internal;
use crate::log::{Appended, Origin};

/// When a producer wants its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acks {
    /// Not at all.
    None,
    /// When the records are durable. `acks=1` and `acks=all` are the same where there is one replica.
    Durable,
}

impl TryFrom<i16> for Acks {
    type Error = EngineError;

    fn try_from(acks: i16) -> Result<Self, EngineError> {
        match acks {
            0 => Ok(Self::None),
            1 | -1 => Ok(Self::Durable),
            _ => Err(EngineError::InvalidAcks(acks)),
        }
    }
}

/// Records for one partition, as the producer sent them.
#[derive(Debug, Clone)]
pub struct Write {
    /// The topic.
    pub topic: TopicRef,
    /// The partition.
    pub partition: i32,
    /// One record batch of format 2.
    pub records: Bytes,
    /// Why the front end cannot take these records; they are answered with it and not looked at.
    pub refused: Option<EngineError>,
}

/// What became of a partition's records.
pub type Written = Result<Appended, EngineError>;

/// The outcome of a produce request, in the order of its writes, once it is known.
///
/// The records are in the log already when this exists: what is pending is their durability. Dropping it changes
/// nothing but that nobody is told.
pub struct Pending {
    gate: Arc<Gate>,
    written: Vec<Written>,
}

impl Pending {
    /// Whether the outcome is known without waiting.
    pub fn is_ready(&self) -> bool {
        self.gate.is_open()
    }

    /// The outcome as it is when the client's patience ends: what is not durable by now has timed out.
    pub fn give_up(mut self) -> Vec<Written> {
        if self.gate.is_open() {
            return self.take();
        }
        for written in &mut self.written {
            if written.is_ok() {
                *written = Err(EngineError::TimedOut);
            }
        }
        self.take()
    }

    fn take(&mut self) -> Vec<Written> {
        for (index, error) in self.gate.take_failures() {
            if let Some(written) = self.written.get_mut(index) {
                *written = Err(error);
            }
        }
        std::mem::take(&mut self.written)
    }
}

impl Future for Pending {
    type Output = Vec<Written>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Vec<Written>> {
        match self.gate.poll_open(cx) {
            Poll::Ready(()) => Poll::Ready(self.take()),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl Engine {
    /// Appends each write to its partition and returns what becomes of them once they are durable.
    ///
    /// The appends have happened, in order, when this returns; so a connection may go on with its next request while
    /// it waits for the outcome. With [`Acks::None`] the outcome is known at once.
    pub fn produce(&self, acks: Acks, writes: impl IntoIterator<Item = Write>) -> Pending {
        let now_ms = self.world.clock.wall_ms();
        let mut written = Vec::new();
        let mut unsynced = Vec::new();
        for write in writes {
            let (outcome, waits_for) = self.append(write, now_ms);
            if let Some((served, end)) = waits_for {
                unsynced.push((served, end, written.len()));
            }
            written.push(outcome);
        }
        let waits = if acks == Acks::None { 0 } else { unsynced.len() };
        let gate = Gate::new(waits);
        for (served, end, index) in unsynced {
            if acks == Acks::Durable {
                served.when_durable(end, &gate, index);
            }
            self.flusher.request(&served);
        }
        Pending { gate, written }
    }

    /// [`Engine::produce`], waited for: after `timeout` what is not durable is answered with a timeout.
    pub async fn produce_within(
        &self,
        acks: Acks,
        timeout: Duration,
        writes: impl IntoIterator<Item = Write>,
    ) -> Vec<Written> {
        self.outcome_within(self.produce(acks, writes), timeout).await
    }

    /// Waits for an outcome, but no longer than `timeout`.
    pub async fn outcome_within(&self, mut pending: Pending, timeout: Duration) -> Vec<Written> {
        if pending.is_ready() {
            return pending.take();
        }
        tokio::select! {
            biased;
            written = &mut pending => written,
            () = self.sleep(timeout) => pending.give_up(),
        }
    }

    fn append(&self, write: Write, now_ms: i64) -> (Written, Option<(Arc<Served>, i64)>) {
        let served = match self.writable(&write) {
            Ok(served) => served,
            Err(error) => return (Err(error), None),
        };
        let size = write.records.len();
        match served.log.append(write.records, Origin::Client, now_ms) {
            Ok(appended) => {
                self.metrics.appended(size);
                self.flusher.appended(&served, appended.bytes);
                self.flush_later(&served);
                let end = appended.last_offset.saturating_add(1);
                let durable = served.log.offsets().high_watermark >= end;
                (Ok(appended), (!durable).then_some((served, end)))
            }
            Err(error) => {
                self.metrics.refused();
                (Err(error.into()), None)
            }
        }
    }

    /// Where appends are visible without a sync, but not to stay unsynced for long, sees to it that they do not.
    pub(super) fn flush_later(&self, served: &Arc<Served>) {
        let settings = served.log.settings();
        if settings.flush_mode == FlushMode::Interval {
            let within = Duration::from_millis(u64::try_from(settings.flush_interval_ms).unwrap_or(0));
            let deadline = self.world.clock.monotonic().saturating_add(within);
            self.flusher.request_by(served, deadline);
        }
    }

    fn writable(&self, write: &Write) -> Result<Arc<Served>, EngineError> {
        let handle = self.topics.find(&write.topic)?;
        if is_internal(&handle.topic.name) {
            let message = "Cannot append to an internal topic.";
            return Err(EngineError::refused(ErrorCode::InvalidTopicException, message));
        }
        let served = handle.partition(write.partition)?;
        if let Some(refused) = &write.refused {
            return Err(refused.clone());
        }
        if served.flush.has_failed() { Err(EngineError::offline()) } else { Ok(served.clone()) }
    }
}
