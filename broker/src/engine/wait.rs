//! Who waits for a partition, and for what: producers for durability, long polls for bytes.
//!
//! Nothing here polls or keeps time. A partition that advances wakes exactly those whom the advance satisfies.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;

use super::error::EngineError;
use super::routes::Served;
use crate::log::{Isolation, Offsets};

/// Producers that wait until a partition's durable end covers what they appended.
#[derive(Default)]
pub struct Durability {
    /// In the order of `end`, but for the short races between appending and registering.
    waiting: VecDeque<DurabilityWaiter>,
}

struct DurabilityWaiter {
    end: i64,
    gate: Arc<Gate>,
    index: usize,
}

/// Opens when all the partitions of one request have become durable, or have failed.
pub(super) struct Gate {
    state: Mutex<GateState>,
}

struct GateState {
    remaining: usize,
    failed: Vec<(usize, EngineError)>,
    waker: Option<Waker>,
}

impl Gate {
    pub(super) fn new(remaining: usize) -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(GateState { remaining, failed: Vec::new(), waker: None }) })
    }

    fn pass(&self, index: usize, failure: Option<EngineError>) {
        let waker = {
            let mut state = self.state.lock();
            state.remaining = state.remaining.saturating_sub(1);
            state.failed.extend(failure.map(|error| (index, error)));
            if state.remaining > 0 { None } else { state.waker.take() }
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The partitions (by their index in the request) that failed while they were waited for.
    pub(super) fn take_failures(&self) -> Vec<(usize, EngineError)> {
        std::mem::take(&mut self.state.lock().failed)
    }

    pub(super) fn poll_open(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.state.lock();
        if state.remaining == 0 {
            return Poll::Ready(());
        }
        match &mut state.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
        Poll::Pending
    }

    pub(super) fn is_open(&self) -> bool {
        self.state.lock().remaining == 0
    }
}

/// Long polls that wait for bytes of a partition.
#[derive(Default)]
pub struct Polls {
    waiting: Vec<PollEntry>,
}

struct PollEntry {
    from: i64,
    at_most: usize,
    counted: usize,
    log_start: i64,
    isolation: Isolation,
    poll: Arc<LongPoll>,
}

/// One long poll, registered at all its partitions; it is woken once.
pub(super) struct LongPoll {
    state: Mutex<LongPollState>,
}

struct LongPollState {
    missing: usize,
    woken: bool,
    waker: Option<Waker>,
}

impl LongPoll {
    pub(super) fn new(missing: usize) -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(LongPollState { missing, woken: false, waker: None }) })
    }

    fn arrived(&self, bytes: usize) {
        let waker = {
            let mut state = self.state.lock();
            state.missing = state.missing.saturating_sub(bytes);
            if state.missing > 0 {
                return;
            }
            state.woken = true;
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// A long poll's places at its partitions; given up when dropped.
pub(super) struct Registered {
    poll: Arc<LongPoll>,
    places: Vec<Arc<Served>>,
}

impl Registered {
    pub(super) fn new(poll: Arc<LongPoll>) -> Self {
        Self { poll, places: Vec::new() }
    }

    /// Waits for bytes of a partition from `from` on, of which at most `at_most` count.
    ///
    /// `seen` is what the reader has counted already, as of `log_start`; what arrived since counts at once.
    pub(super) fn register(&mut self, served: &Arc<Served>, place: Place) {
        let mut entry = PollEntry {
            from: place.from,
            at_most: place.at_most,
            counted: place.seen,
            log_start: place.log_start,
            isolation: place.isolation,
            poll: self.poll.clone(),
        };
        let mut polls = served.polls.lock();
        served.count(&mut entry);
        polls.waiting.push(entry);
        drop(polls);
        self.places.push(served.clone());
    }
}

impl Future for Registered {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.poll.state.lock();
        if state.woken {
            return Poll::Ready(());
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        for served in &self.places {
            served.polls.lock().waiting.retain(|entry| !Arc::ptr_eq(&entry.poll, &self.poll));
        }
    }
}

/// Where a long poll stands in a partition.
pub(super) struct Place {
    pub(super) from: i64,
    pub(super) at_most: usize,
    pub(super) seen: usize,
    pub(super) log_start: i64,
    pub(super) isolation: Isolation,
}

impl Served {
    /// Waits until the durable end reaches `end`; the gate is passed at once where it has.
    pub(super) fn when_durable(&self, end: i64, gate: &Arc<Gate>, index: usize) {
        let mut durability = self.durability.lock();
        let failed = self.failure();
        if failed.is_some() || self.log.offsets().high_watermark >= end {
            drop(durability);
            gate.pass(index, failed);
            return;
        }
        let waiting = &mut durability.waiting;
        let at = waiting.iter().rposition(|other| other.end <= end).map_or(0, |before| before + 1);
        waiting.insert(at, DurabilityWaiter { end, gate: gate.clone(), index });
    }

    /// Called when the high watermark or the log start has advanced.
    pub(super) fn advanced(&self) {
        let durable = self.log.offsets().high_watermark;
        let mut satisfied = Vec::new();
        {
            let mut durability = self.durability.lock();
            while durability.waiting.front().is_some_and(|waiter| waiter.end <= durable) {
                satisfied.extend(durability.waiting.pop_front());
            }
        }
        for waiter in satisfied {
            waiter.gate.pass(waiter.index, None);
        }
        for entry in &mut self.polls.lock().waiting {
            self.count(entry);
        }
    }

    /// Tells everyone who waits that what they wait for will not come.
    pub(super) fn fail_waiters(&self, error: &EngineError) {
        let waiting = std::mem::take(&mut self.durability.lock().waiting);
        for waiter in waiting {
            waiter.gate.pass(waiter.index, Some(error.clone()));
        }
        for entry in &mut self.polls.lock().waiting {
            entry.poll.arrived(usize::MAX);
        }
    }

    fn failure(&self) -> Option<EngineError> {
        if self.is_retired() {
            Some(EngineError::Deleted)
        } else if self.flush.has_failed() {
            Some(EngineError::offline())
        } else {
            None
        }
    }

    /// Counts what has become readable for a long poll since it was last counted.
    fn count(&self, entry: &mut PollEntry) {
        let offsets = self.log.offsets();
        if self.failure().is_some() || offsets.log_start != entry.log_start {
            return entry.poll.arrived(usize::MAX);
        }
        let end = readable_end(&offsets, entry.isolation);
        if end <= entry.from {
            return;
        }
        let bytes = usize::try_from(self.log.bytes_between(entry.from, end)).unwrap_or(usize::MAX);
        let available = bytes.clamp(1, entry.at_most.max(1));
        if available > entry.counted {
            let new = available - entry.counted;
            entry.counted = available;
            entry.poll.arrived(new);
        }
    }
}

/// The first offset that a reader of this isolation cannot see yet.
pub(super) fn readable_end(offsets: &Offsets, isolation: Isolation) -> i64 {
    match isolation {
        Isolation::ReadUncommitted => offsets.high_watermark,
        Isolation::ReadCommitted => offsets.last_stable,
    }
}
