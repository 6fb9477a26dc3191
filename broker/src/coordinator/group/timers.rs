//! Deadlines on the monotonic clock. One of each key at a time; setting it again moves it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

/// What a deadline is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TimerKey {
    /// A member of a group, of either protocol, must have sent a heartbeat by then.
    Session {
        /// The group.
        group: Arc<str>,
        /// The member.
        member: Arc<str>,
    },
    /// Members of a classic group must have joined by then, or go on without.
    Join {
        /// The group.
        group: Arc<str>,
    },
    /// Members of a classic group must have synced by then.
    Sync {
        /// The group.
        group: Arc<str>,
    },
    /// A member of a consumer group must have given up what was revoked by then (KIP-848).
    Revocation {
        /// The group.
        group: Arc<str>,
        /// The member.
        member: Arc<str>,
    },
    /// A classic member of a consumer group must have joined again, or synced, by then (KIP-848).
    ClassicMember {
        /// The group.
        group: Arc<str>,
        /// The member.
        member: Arc<str>,
    },
    /// The regular expressions of a consumer group are to be resolved then.
    Resolution {
        /// The group.
        group: Arc<str>,
    },
}

/// All deadlines of a shard.
///
/// Most deadlines are sessions, and most of what happens is that a heartbeat moves one to later. That costs a look-up: the
/// place in the queue stays, and whoever comes to it finds the deadline moved and queues it again.
#[derive(Clone, Debug, Default)]
pub struct Timers {
    by_key: HashMap<TimerKey, Timer>,
    /// One place for each key, not after its deadline.
    queue: BTreeSet<(Duration, TimerKey)>,
}

#[derive(Clone, Copy, Debug)]
struct Timer {
    deadline: Duration,
    queued: Duration,
}

impl Timers {
    /// Sets a deadline, in place of an earlier one of the same key.
    pub fn set(&mut self, key: TimerKey, deadline: Duration) {
        match self.by_key.get_mut(&key) {
            Some(timer) if timer.queued <= deadline => timer.deadline = deadline,
            _ => {
                self.cancel(&key);
                self.queue.insert((deadline, key.clone()));
                self.by_key.insert(key, Timer { deadline, queued: deadline });
            }
        }
    }

    /// Takes a deadline back; true if there was one.
    pub fn cancel(&mut self, key: &TimerKey) -> bool {
        let Some(timer) = self.by_key.remove(key) else { return false };
        self.queue.remove(&(timer.queued, key.clone()))
    }

    /// When the deadline of a key is.
    pub fn get(&self, key: &TimerKey) -> Option<Duration> {
        self.by_key.get(key).map(|timer| timer.deadline)
    }

    /// A moment before which no deadline comes; none if there are no deadlines.
    pub fn next(&self) -> Option<Duration> {
        self.queue.first().map(|(queued, _)| *queued)
    }

    /// Takes out one deadline that has come, the earliest first. Those that have moved to later get their new places.
    pub fn pop_due(&mut self, now: Duration) -> Option<TimerKey> {
        while self.next()? <= now {
            let (_, key) = self.queue.pop_first()?;
            let Some(timer) = self.by_key.get_mut(&key) else { continue };
            if timer.deadline == timer.queued {
                self.by_key.remove(&key);
                return Some(key);
            }
            timer.queued = timer.deadline;
            self.queue.insert((timer.deadline, key));
        }
        None
    }

    /// What deadlines are set.
    #[cfg(test)]
    pub fn keys(&self) -> impl Iterator<Item = &TimerKey> {
        self.by_key.keys()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn key(number: u8) -> TimerKey {
        TimerKey::Session { group: "g".into(), member: number.to_string().into() }
    }

    proptest! {
        /// Against deadlines in a plain map: whatever has come is taken out, and nothing before.
        #[test]
        fn deadlines_come_when_they_were_set_to(steps in prop::collection::vec((0..8_u8, 0..50_u64, 0..5_u8), 1..200)) {
            let (mut timers, mut model) = (Timers::default(), HashMap::new());
            let mut now = Duration::ZERO;
            for (number, seconds, what) in steps {
                let deadline = now + Duration::from_secs(seconds);
                match what {
                    0 => assert_eq!(timers.cancel(&key(number)), model.remove(&key(number)).is_some()),
                    1 => {
                        now += Duration::from_secs(seconds / 4);
                        while let Some(due) = timers.pop_due(now) {
                            assert!(model.remove(&due).is_some_and(|deadline| deadline <= now));
                        }
                        assert!(model.values().all(|deadline| *deadline > now));
                    }
                    _ => {
                        timers.set(key(number), deadline);
                        model.insert(key(number), deadline);
                    }
                }
                assert_eq!(timers.get(&key(number)), model.get(&key(number)).copied());
                assert_eq!(timers.keys().count(), model.len());
                let earliest = model.values().min().copied();
                assert_eq!(timers.next().is_some(), earliest.is_some());
                assert!(timers.next() <= earliest);
            }
        }
    }
}
