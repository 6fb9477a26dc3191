//! Virtual time.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use parking_lot::Mutex;

use crate::world::{Boxed, Clock};

/// What the wall clock shows at the start, in ms: November 2023, as good as any.
const EPOCH_MS: i64 = 1_700_000_000_000;

/// A clock that stands still until it is moved.
#[derive(Default)]
pub struct SimClock(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    now: Duration,
    wall_shift_ms: i64,
    next_sleeper: u64,
    sleepers: BTreeMap<(Duration, u64), Waker>,
}

impl SimClock {
    /// Lets time pass, and wakes whoever slept until then.
    pub fn advance(&self, duration: Duration) {
        let woken: Vec<Waker> = {
            let mut state = self.0.lock();
            state.now = state.now.saturating_add(duration);
            let after = state.now.saturating_add(Duration::from_nanos(1));
            let later = state.sleepers.split_off(&(after, 0));
            std::mem::replace(&mut state.sleepers, later).into_values().collect()
        };
        woken.into_iter().for_each(Waker::wake);
    }

    /// Moves the wall clock alone, forwards or backwards.
    pub fn jump_wall(&self, milliseconds: i64) {
        let mut state = self.0.lock();
        state.wall_shift_ms = state.wall_shift_ms.saturating_add(milliseconds);
    }

    /// How many sleep.
    pub fn sleepers(&self) -> usize {
        self.0.lock().sleepers.len()
    }

    /// When the next sleeper is due.
    pub fn next_deadline(&self) -> Option<Duration> {
        self.0.lock().sleepers.keys().next().map(|(deadline, _)| *deadline)
    }
}

struct Sleep {
    state: Arc<Mutex<State>>,
    deadline: Duration,
    key: Option<(Duration, u64)>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let shared = Arc::clone(&self.state);
        let mut state = shared.lock();
        if state.now >= self.deadline {
            return Poll::Ready(());
        }
        let key = self.key.unwrap_or_else(|| {
            state.next_sleeper = state.next_sleeper.wrapping_add(1);
            (self.deadline, state.next_sleeper)
        });
        self.key = Some(key);
        state.sleepers.insert(key, context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.state.lock().sleepers.remove(&key);
        }
    }
}

impl Clock for SimClock {
    fn wall_ms(&self) -> i64 {
        let state = self.0.lock();
        let elapsed = i64::try_from(state.now.as_millis()).unwrap_or(i64::MAX);
        EPOCH_MS.saturating_add(elapsed).saturating_add(state.wall_shift_ms)
    }

    fn monotonic(&self) -> Duration {
        self.0.lock().now
    }

    fn sleep_until(&self, deadline: Duration) -> Boxed<'static, ()> {
        Box::pin(Sleep { state: Arc::clone(&self.0), deadline, key: None })
    }
}
