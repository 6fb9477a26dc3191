//! Group commit: one sync of a partition serves everybody who waits for it.
//!
//! There is no timer. A partition that gets records while none of its syncs runs is synced at once; one that gets
//! them during a sync is synced again right after it, once for all who came meanwhile. Several partitions are
//! synced in parallel, as disks like it. The threads start when first needed and sleep when there is nothing to do.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::error::EngineError;
use super::metrics::Metrics;
use super::routes::Served;
use crate::log::LogError;

/// At most this many partitions are synced at the same time; more gain nothing on one disk.
const MOST_THREADS: usize = 8;
const STACK_BYTES: usize = 256 * 1024;

const IDLE: u8 = 0;
const QUEUED: u8 = 1;
const SYNCING: u8 = 2;
const SYNCING_AND_DIRTY: u8 = 3;

/// Room is made ahead of the writer whenever this many bytes have been appended.
const PREPARE_EVERY: usize = 4 << 20;

/// A partition's place in the queue of the flusher.
#[derive(Default)]
pub struct FlushState {
    stage: AtomicU8,
    failed: AtomicBool,
    unprepared: AtomicUsize,
    preparing: AtomicBool,
    later: AtomicBool,
}

impl FlushState {
    /// Whether a sync has failed. The partition then serves no more writes.
    pub fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// Counts bytes appended; true if room should be made for more, and nobody is about to.
    fn consumes_room(&self, bytes: usize) -> bool {
        let consumed = self.unprepared.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        if consumed < PREPARE_EVERY || self.preparing.swap(true, Ordering::AcqRel) {
            return false;
        }
        self.unprepared.store(0, Ordering::Relaxed);
        true
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

/// Something to do off the hot path.
enum Job {
    /// Make everything appended durable.
    Sync(Arc<Served>),
    /// Have the disk make room for what comes next.
    Prepare(Arc<Served>),
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    later: VecDeque<(Duration, Arc<Served>)>,
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
            self.enqueue(Job::Sync(served.clone()));
        }
    }

    /// Has a partition synced by `deadline`, on the monotonic clock (`flush.mode = interval`).
    pub(super) fn request_by(&self, served: &Arc<Served>, deadline: Duration) {
        if !served.flush.later.swap(true, Ordering::AcqRel) {
            self.shared.queue.lock().later.push_back((deadline, served.clone()));
        }
    }

    /// Puts those into the queue whose deadline has come.
    pub(super) fn release_due(&self, now: Duration) {
        let mut due = Vec::new();
        self.shared.queue.lock().later.retain(|(deadline, served)| {
            let is_due = *deadline <= now;
            due.extend(is_due.then(|| served.clone()));
            !is_due
        });
        for served in due {
            served.flush.later.store(false, Ordering::Release);
            self.request(&served);
        }
    }

    /// Takes note of bytes appended, so that the next find room.
    pub(super) fn appended(&self, served: &Arc<Served>, bytes: usize) {
        if served.flush.consumes_room(bytes) {
            self.enqueue(Job::Prepare(served.clone()));
        }
    }

    fn enqueue(&self, job: Job) {
        let mut queue = self.shared.queue.lock();
        queue.jobs.push_back(job);
        if queue.jobs.len() > queue.idle && queue.threads < MOST_THREADS && !queue.stopped {
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
            if let Some(job) = queue.jobs.pop_front() {
                drop(queue);
                self.carry_out(job);
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

    /// Does one job of the queue on the calling thread; false if there was none.
    pub fn run_one(&self) -> bool {
        let next = self.shared.queue.lock().jobs.pop_front();
        let found = next.is_some();
        next.into_iter().for_each(|job| self.carry_out(job));
        found
    }

    fn carry_out(&self, job: Job) {
        match job {
            Job::Sync(served) => self.sync(&served),
            Job::Prepare(served) => {
                // A disk that is full now may have room when it is needed; the append will say so.
                if let Err(error) = contained(&served, || served.log.prepare_ahead()) {
                    tracing::warn!(partition = %served.log.id(), %error, "no room could be made ahead of the writer");
                }
                served.flush.preparing.store(false, Ordering::Release);
            }
        }
    }

    fn sync(&self, served: &Arc<Served>) {
        served.flush.begin();
        match contained(served, || served.log.flush()) {
            Ok(_) => self.shared.metrics.synced(),
            // Its topic was deleted meanwhile; who waited has been told.
            Err(_) if served.is_retired() => {}
            Err(error) => {
                tracing::error!(partition = %served.log.id(), %error, "sync failed: the partition is offline");
                served.flush.failed.store(true, Ordering::Release);
                served.fail_waiters(&EngineError::from(error));
            }
        }
        if served.flush.finish() {
            self.enqueue(Job::Sync(served.clone()));
        }
    }

    /// Lets the threads end once the queue is empty.
    pub fn stop(&self) {
        self.shared.queue.lock().stopped = true;
        self.shared.work.notify_all();
    }
}

/// A panic must neither take the thread along nor leave those waiting who wait for the partition.
fn contained<T>(served: &Served, work: impl FnOnce() -> Result<T, LogError>) -> Result<T, LogError> {
    let done = catch_unwind(AssertUnwindSafe(work));
    done.unwrap_or_else(|_| Err(LogError::Poisoned(served.log.id().to_string())))
}
