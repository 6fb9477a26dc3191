//! The producer.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt;
use thalweg_proto::grpc::v1;
use thalweg_proto::record::Compression;
use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;

use crate::batcher::{Batcher, Place};
use crate::connection::Client;
use crate::error::Error;
use crate::lane::Rules;
use crate::partitioner::Partitioner;
use crate::record::{Ack, Record};
use crate::sender::Sender;

/// When a record counts as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Acks {
    /// When it has been sent: no offset is known, and a refusal is not reported.
    None,
    /// When the partition's leader has it, durably unless the topic says otherwise.
    Leader,
    /// When every replica that must have it has it.
    #[default]
    All,
}

impl Acks {
    pub(crate) fn to_wire(self) -> v1::Acks {
        match self {
            Self::None => v1::Acks::None,
            Self::Leader => v1::Acks::Leader,
            Self::All => v1::Acks::All,
        }
    }
}

/// Options of a producer.
#[derive(Debug, Clone)]
pub struct ProducerBuilder {
    client: Client,
    acks: Acks,
    linger: Duration,
    max_batch_bytes: usize,
    max_in_flight: usize,
    max_unacked_bytes: usize,
    delivery_timeout: Duration,
    compression: Compression,
    level: Option<i32>,
    idempotent: bool,
    partitioner: Partitioner,
}

/// The broker knows the last five batches of a producer again; with more under way a retry could not be told apart.
const MAX_IN_FLIGHT: usize = 5;

impl ProducerBuilder {
    pub(crate) fn new(client: Client) -> Self {
        Self {
            client,
            acks: Acks::default(),
            linger: Duration::from_millis(5),
            max_batch_bytes: 256 << 10,
            max_in_flight: MAX_IN_FLIGHT,
            max_unacked_bytes: 64 << 20,
            delivery_timeout: Duration::from_secs(120),
            compression: Compression::None,
            level: None,
            idempotent: true,
            partitioner: Partitioner::default(),
        }
    }

    /// When records count as stored; [`Acks::All`] unless set.
    #[must_use]
    pub fn acks(mut self, acks: Acks) -> Self {
        self.acks = acks;
        self
    }

    /// How long a batch waits for more records; 5 ms unless set.
    #[must_use]
    pub fn linger(mut self, linger: Duration) -> Self {
        self.linger = linger;
        self
    }

    /// Bytes of records, before compression, that close a batch; 256 KiB unless set. A larger record goes alone.
    #[must_use]
    pub fn max_batch_bytes(mut self, bytes: usize) -> Self {
        self.max_batch_bytes = bytes;
        self
    }

    /// Batches of a partition that may be under way; 5 unless set, which is also the most.
    #[must_use]
    pub fn max_in_flight(mut self, batches: usize) -> Self {
        self.max_in_flight = batches.clamp(1, MAX_IN_FLIGHT);
        self
    }

    /// Bytes of records that may wait for their acknowledgement; 64 MiB unless set. At that bound
    /// [`Producer::enqueue`] waits.
    #[must_use]
    pub fn max_unacked_bytes(mut self, bytes: usize) -> Self {
        self.max_unacked_bytes = bytes.min(u32::MAX as usize >> 3);
        self
    }

    /// How long a record may take, retries included, before it fails with [`Error::Timeout`]; two minutes unless set.
    #[must_use]
    pub fn delivery_timeout(mut self, timeout: Duration) -> Self {
        self.delivery_timeout = timeout;
        self
    }

    /// How batches are compressed; not at all unless set.
    #[must_use]
    pub fn compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// The codec's level; its own default unless set.
    #[must_use]
    pub fn compression_level(mut self, level: i32) -> Self {
        self.level = Some(level);
        self
    }

    /// Whether retries are stored once and in order; so unless unset. Without it, a record whose connection broke fails
    /// with [`Error::Interrupted`].
    #[must_use]
    pub fn idempotent(mut self, idempotent: bool) -> Self {
        self.idempotent = idempotent;
        self
    }

    /// How partitions are chosen; as Kafka's clients do unless set.
    #[must_use]
    pub fn partitioner(mut self, partitioner: Partitioner) -> Self {
        self.partitioner = partitioner;
        self
    }

    /// Makes the producer. Must be called within a tokio runtime, on which the producer's task runs.
    #[must_use]
    pub fn build(self) -> Producer {
        let rules = Rules {
            max_in_flight: self.max_in_flight,
            linger: self.linger,
            delivery_timeout: self.delivery_timeout,
            idempotent: self.idempotent && self.acks != Acks::None,
            retry: self.client.retry_policy(),
        };
        let batcher =
            Batcher::new(rules, self.max_batch_bytes, self.compression, self.level, self.partitioner);
        let core = Arc::new(Core {
            batcher: Mutex::new(batcher),
            budget: Semaphore::new(self.max_unacked_bytes),
            work: Notify::new(),
            settled: Notify::new(),
        });
        tokio::spawn(Sender::new(self.client.clone(), core.clone(), self.acks).run());
        Producer { handle: Arc::new(Handle { core, client: self.client, limit: self.max_unacked_bytes }) }
    }
}

/// What the producer's handles share with its task.
pub(crate) struct Core {
    batcher: Mutex<Batcher>,
    budget: Semaphore,
    /// There may be something to send.
    pub work: Notify,
    settled: Notify,
}

impl Core {
    /// The batcher. A panic while it was locked cannot leave it half changed in a way that matters to the others.
    pub fn batcher(&self) -> MutexGuard<'_, Batcher> {
        self.batcher.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives settled bytes back to the budget and tells those who flush.
    pub fn release(&self, bytes: usize) {
        if bytes > 0 {
            self.budget.add_permits(bytes);
            self.settled.notify_waiters();
        }
    }

    fn close(&self) {
        let mut batcher = self.batcher();
        batcher.flush();
        batcher.closed = true;
        drop(batcher);
        self.work.notify_one();
    }
}

struct Handle {
    core: Arc<Core>,
    client: Client,
    limit: usize,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.core.close();
    }
}

/// Sends records: gathers them into batches for each partition and keeps their order. Cheap to clone; the clones share
/// batches and budget. When the last is dropped, what is queued is still sent as long as the runtime lives; to wait for
/// it, use [`Producer::close`].
#[derive(Clone)]
pub struct Producer {
    handle: Arc<Handle>,
}

impl std::fmt::Debug for Producer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Producer").finish_non_exhaustive()
    }
}

impl Producer {
    /// Sends a record and waits until it is stored.
    ///
    /// Cancelling it after the record was queued does not take the record back.
    ///
    /// # Errors
    /// As [`Producer::enqueue`] and [`Ticket`].
    pub async fn send(&self, record: Record) -> Result<Ack, Error> {
        self.enqueue(record).await?.await
    }

    /// Queues a record; waits only while the budget of unacknowledged bytes is used up, or for the first look at the
    /// topic. Cancel-safe: a cancelled call has queued nothing.
    ///
    /// # Errors
    /// The topic or partition does not exist, the record is too large for the budget, the producer is closed.
    pub async fn enqueue(&self, record: Record) -> Result<Ticket, Error> {
        let handle = &*self.handle;
        let charge = record.size_bytes();
        if charge > handle.limit {
            return Err(Error::TooLarge { bytes: charge, limit: handle.limit });
        }
        let now = Instant::now();
        if !handle.core.batcher().knows(&record.topic, now) {
            self.look_up(&record).await?;
        }
        let permits = u32::try_from(charge).unwrap_or(u32::MAX);
        let permit = handle.core.budget.acquire_many(permits).await.map_err(|_| Error::Closed)?;
        let place = handle.core.batcher().append(&record, charge, now)?;
        permit.forget();
        if place.wake {
            handle.core.work.notify_one();
        }
        Ok(Ticket { place })
    }

    async fn look_up(&self, record: &Record) -> Result<(), Error> {
        let details = self.handle.client.admin().topic_or_create(&record.topic, true).await?;
        self.handle.core.batcher().learn(&record.topic, details.topic.partitions, Instant::now());
        Ok(())
    }

    /// Sends everything that was queued before and waits until it is settled.
    ///
    /// # Errors
    /// The first failure of any record since the last flush; each record's ticket has its own.
    pub async fn flush(&self) -> Result<(), Error> {
        let core = &self.handle.core;
        let below = core.batcher().flush();
        core.work.notify_one();
        loop {
            let mut settled = std::pin::pin!(core.settled.notified());
            settled.as_mut().enable();
            if core.batcher().settled_below(below) {
                break;
            }
            settled.await;
        }
        core.batcher().take_failure().map_or(Ok(()), Err)
    }

    /// [`Producer::flush`], after which neither this handle nor its clones take records.
    ///
    /// # Errors
    /// As [`Producer::flush`].
    pub async fn close(self) -> Result<(), Error> {
        self.handle.core.close();
        self.flush().await
    }
}

/// The promise of an [`Ack`] for a record that was queued. Dropping it does not take the record back.
#[must_use = "a ticket tells whether the record was stored"]
pub struct Ticket {
    place: Place,
}

impl std::fmt::Debug for Ticket {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Ticket").field("partition", &self.place.partition).finish_non_exhaustive()
    }
}

impl Future for Ticket {
    type Output = Result<Ack, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let place = &mut self.place;
        let Poll::Ready(outcome) = place.receipt.poll_unpin(cx) else { return Poll::Pending };
        // The task drops a batch unanswered only when its runtime shuts down.
        let stored = outcome.unwrap_or(Err(Error::Closed))?;
        let offset = match stored.base_offset {
            base if base < 0 => -1,
            base => base.saturating_add(i64::from(place.index)),
        };
        Poll::Ready(Ok(Ack {
            topic: place.topic.clone(),
            partition: place.partition,
            offset,
            log_append_time: stored.log_append_time,
        }))
    }
}
