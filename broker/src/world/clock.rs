//! Time.

use std::time::Duration;

use super::Boxed;

/// A clock: wall time for what people and records see, monotonic time for every interval and deadline.
pub trait Clock: Send + Sync {
    /// Milliseconds since the Unix epoch. May jump.
    fn wall_ms(&self) -> i64;

    /// Time since some fixed moment in the past. Never goes back.
    fn monotonic(&self) -> Duration;

    /// Completes once [`Clock::monotonic`] has reached `deadline`.
    fn sleep_until(&self, deadline: Duration) -> Boxed<'static, ()>;

    /// Completes after `duration`.
    fn sleep(&self, duration: Duration) -> Boxed<'static, ()> {
        self.sleep_until(self.monotonic().saturating_add(duration))
    }
}
