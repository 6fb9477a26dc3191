//! So many bytes a second, for all workers together.

use std::time::Duration;

use parking_lot::Mutex;

/// Whoever reads or writes bytes takes them here, and waits for as long as it is told.
#[derive(Default)]
pub(super) struct Throttle {
    /// When everything taken so far may have been read and written, on the monotonic clock.
    free_at: Mutex<Duration>,
}

impl Throttle {
    /// Takes bytes at a rate, in bytes a second. Returns how long to wait so that the rate is not exceeded.
    ///
    /// What was not made use of is not made up for later: others have counted on that time.
    pub(super) fn take(&self, bytes: u64, rate: f64, now: Duration) -> Duration {
        let cost = Duration::try_from_secs_f64(bytes as f64 / rate).unwrap_or_default();
        let mut free_at = self.free_at.lock();
        *free_at = (*free_at).max(now).saturating_add(cost);
        free_at.saturating_sub(now)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Throttle;

    #[test]
    fn workers_share_a_rate_and_rests_are_not_made_up_for() {
        let throttle = Throttle::default();
        let mut now = [Duration::from_secs(10); 2];
        for round in 0..1000_usize {
            now[round % 2] += throttle.take(1_000, 1e6, now[round % 2]);
        }
        let took = now.into_iter().max().unwrap_or_default() - Duration::from_secs(10);
        assert_eq!(took, Duration::from_secs(1));

        let later = Duration::from_secs(1000);
        assert_eq!(throttle.take(500_000, 1e6, later), Duration::from_millis(500));
        assert_eq!(throttle.take(1 << 40, f64::MAX, later), Duration::from_millis(500));
    }
}
