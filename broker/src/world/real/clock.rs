//! The machine's clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::world::{Boxed, Clock};

/// Monotonic time counts from the making of this value.
pub(super) struct RealClock {
    start: Instant,
}

impl RealClock {
    pub(super) fn new() -> RealClock {
        RealClock { start: Instant::now() }
    }
}

impl Clock for RealClock {
    fn wall_ms(&self) -> i64 {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }

    fn sleep_until(&self, deadline: Duration) -> Boxed<'static, ()> {
        let Some(at) = self.start.checked_add(deadline) else { return Box::pin(std::future::pending()) };
        Box::pin(tokio::time::sleep_until(at.into()))
    }
}
