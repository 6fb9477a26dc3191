//! Group commit: one sync of a partition serves everybody who waits for it.
//!
//! There is no timer. A partition that gets records while none of its syncs runs is synced at once; one that gets
//! them during a sync is synced again right after it, once for all who came meanwhile. Several partitions are
//! synced in parallel, as disks like it. The threads start when first needed and sleep when there is nothing to do.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use parking_lot::{Condvar, Mutex};

use super::error::EngineError;
use super::metrics::Metrics;
use super::routes::Served;

/// At most this many partitions are synced at the same time; more gain nothing on one disk.
const MOST_THREADS: usize = 8;
const STACK_BYTES: usize = 256 * 1024;

const IDLE: u8 = 0;
const QUEUED: u8 = 1;
const SYNCING: u8 = 2;
const SYNCING_AND_DIRTY: u8 = 3;

/// A partition's place in the queue of the flusher.
#[derive(Default)]
pub struct FlushState {
    stage: AtomicU8,
    failed: AtomicBool,
}

impl FlushState {
    /// Whether a sync has failed. The partition then serves no more writes.
    pub fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// Notes that there is something to sync; true if the partition must be put into the queue.
    fn mark_dirty(&self) -> bool {
        let mut stage = self.stage.load(Ordering::Acquire);
        loop {
            let next = match stage {
                IDLE => QUEUED,
                SYNCING => SYNCING_AND_DIRTY,
                _ => return false,
            };
            match self.stage.compare_exchange_weak(stage, next, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return stage == IDLE,
                Err(now) => stage = now,
            }
        }
    }

    fn begin(&self) {
        self.stage.store(SYNCING, Ordering::Release);
    }

    /// True if records came during the sync, and the partition must go into the queue again.
    fn finish(&self) -> bool {
        let idle = self.stage.compare_exchange(SYNCING, IDLE, Ordering::AcqRel, Ordering::Acquire);
        if idle.is_err() {
            self.stage.store(QUEUED, Ordering::Release);
        }
        idle.is_err()
    }
}

/// Syncs partitions that somebody waits for.
#[derive(Clone)]
pub struct Flusher {
    shared: Arc<Shared>,
}

struct Shared {
    queue: Mutex<Queue>,
    work: Condvar,
    metrics: Arc<Metrics>,
}

#[derive(Default)]
struct Queue {
    dirty: VecDeque<Arc<Served>>,
    threads: usize,
    idle: usize,
    stopped: bool,
}

impl Flusher {
    pub(super) fn new(metrics: Arc<Metrics>) -> Self {
        Self { shared: Arc::new(Shared { queue: Mutex::default(), work: Condvar::new(), metrics }) }
    }

    /// Has a partition synced soon. Cheap when it is in the queue already.
    pub fn request(&self, served: &Arc<Served>) {
        if served.flush.mark_dirty() {
            self.enqueue(served.clone());
        }
    }

    fn enqueue(&self, served: Arc<Served>) {
        let mut queue = self.shared.queue.lock();
        queue.dirty.push_back(served);
        if queue.dirty.len() > queue.idle && queue.threads < MOST_THREADS && !queue.stopped {
            queue.threads += 1;
            drop(queue);
            self.start_thread();
        } else {
            drop(queue);
            self.shared.work.notify_one();
        }
    }

    fn start_thread(&self) {
        let flusher = self.clone();
        let builder = std::thread::Builder::new().name("flusher".into()).stack_size(STACK_BYTES);
        if let Err(error) = builder.spawn(move || flusher.run()) {
            // Others may still be there to do the work; if there are none, the next append tries again.
            tracing::error!(%error, "a flusher thread could not be started");
            let mut queue = self.shared.queue.lock();
            queue.threads -= 1;
            if queue.threads == 0 {
                drop(queue);
                while self.run_one() {}
            }
        }
    }

    fn run(&self) {
        let mut queue = self.shared.queue.lock();
        loop {
            if let Some(served) = queue.dirty.pop_front() {
                drop(queue);
                self.sync(&served);
                queue = self.shared.queue.lock();
            } else if queue.stopped {
                queue.threads -= 1;
                return;
            } else {
                queue.idle += 1;
                self.shared.work.wait(&mut queue);
                queue.idle -= 1;
            }
        }
    }

    /// Syncs one partition of the queue on the calling thread; false if there was none.
    pub fn run_one(&self) -> bool {
        let next = self.shared.queue.lock().dirty.pop_front();
        if let Some(served) = &next {
            self.sync(served);
        }
        next.is_some()
    }

    fn sync(&self, served: &Arc<Served>) {
        served.flush.begin();
        match served.log.flush() {
            Ok(_) => self.shared.metrics.synced(),
            Err(error) => {
                tracing::error!(partition = %served.log.id(), %error, "sync failed: the partition goes offline");
                served.flush.failed.store(true, Ordering::Release);
                served.fail_waiters(&EngineError::from(error));
            }
        }
        if served.flush.finish() {
            self.enqueue(served.clone());
        }
    }

    /// Lets the threads end once the queue is empty.
    pub fn stop(&self) {
        self.shared.queue.lock().stopped = true;
        self.shared.work.notify_all();
    }
}
