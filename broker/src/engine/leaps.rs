//! A wall clock that leaps ahead must not delete what is not old.

use std::time::Duration;

/// A clock may gain so much between two looks at it.
const MOST_GAIN_MS: i64 = 3_600_000;
/// A leap is believed when it has stood for so long: somebody may set the clock right again.
const DOUBT: Duration = Duration::from_secs(3_600);

/// What time retention goes by.
#[derive(Default)]
pub(super) struct Leaps {
    /// The time that was last gone by, and when that was on the monotonic clock.
    last: Option<(i64, Duration)>,
    /// Since when the wall clock has been ahead.
    ahead_since: Option<Duration>,
}

impl Leaps {
    /// The time to go by: the wall clock's, unless that has leapt ahead of the monotonic clock a short while ago. The first time
    /// that is told is believed.
    pub(super) fn time(&mut self, wall_ms: i64, monotonic: Duration) -> i64 {
        let expected = self.last.map_or(wall_ms, |(before, at)| {
            let passed = monotonic.saturating_sub(at).as_millis();
            before.saturating_add(i64::try_from(passed).unwrap_or(i64::MAX))
        });
        let is_ahead = wall_ms.saturating_sub(expected) > MOST_GAIN_MS;
        let since = *self.ahead_since.get_or_insert(monotonic);
        if is_ahead && since == monotonic {
            tracing::warn!(
                by_ms = wall_ms.saturating_sub(expected),
                "the clock leapt ahead: nothing expires for it yet"
            );
        }
        let is_doubted = is_ahead && monotonic.saturating_sub(since) < DOUBT;
        if !is_doubted {
            self.ahead_since = None;
        }
        let time = if is_doubted { expected } else { wall_ms };
        self.last = Some((time, monotonic));
        time
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Leaps;

    #[test]
    fn a_leap_is_believed_when_it_has_stood_for_an_hour() {
        const DAY_MS: i64 = 86_400_000;
        let (mut leaps, minutes) = (Leaps::default(), |minutes: u64| Duration::from_secs(60 * minutes));
        let at = |minutes: i64| DAY_MS + 60_000 * minutes;
        assert_eq!(leaps.time(at(0), minutes(0)), at(0));
        assert_eq!(leaps.time(at(5), minutes(5)), at(5));
        assert_eq!(leaps.time(at(10) + 10 * DAY_MS, minutes(10)), at(10), "ahead by ten days");
        assert_eq!(leaps.time(at(15) + 10 * DAY_MS, minutes(15)), at(15));
        assert_eq!(leaps.time(at(20), minutes(20)), at(20), "set right again");
        assert_eq!(leaps.time(at(25) + DAY_MS, minutes(25)), at(25));
        assert_eq!(leaps.time(at(84) + DAY_MS, minutes(84)), at(84));
        assert_eq!(leaps.time(at(85) + DAY_MS, minutes(85)), at(85) + DAY_MS, "it has stood");
        assert_eq!(leaps.time(at(90), minutes(90)), at(90), "back is never a danger");
    }
}
