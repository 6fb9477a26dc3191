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
#[derive(Clone, Debug, Default)]
pub struct Timers {
    by_key: HashMap<TimerKey, Duration>,
    by_deadline: BTreeSet<(Duration, TimerKey)>,
}

impl Timers {
    /// Sets a deadline, in place of an earlier one of the same key.
    pub fn set(&mut self, key: TimerKey, deadline: Duration) {
        self.cancel(&key);
        self.by_deadline.insert((deadline, key.clone()));
        self.by_key.insert(key, deadline);
    }

    /// Takes a deadline back; true if there was one.
    pub fn cancel(&mut self, key: &TimerKey) -> bool {
        let Some(deadline) = self.by_key.remove(key) else { return false };
        self.by_deadline.remove(&(deadline, key.clone()))
    }

    /// When the deadline of a key is.
    pub fn get(&self, key: &TimerKey) -> Option<Duration> {
        self.by_key.get(key).copied()
    }

    /// The next deadline of all.
    pub fn next(&self) -> Option<Duration> {
        self.by_deadline.first().map(|(deadline, _)| *deadline)
    }

    /// Takes out one deadline that has come, the earliest first.
    pub fn pop_due(&mut self, now: Duration) -> Option<TimerKey> {
        if self.next()? > now {
            return None;
        }
        let (_, key) = self.by_deadline.pop_first()?;
        self.by_key.remove(&key);
        Some(key)
    }

    /// What deadlines are set.
    #[cfg(test)]
    pub fn keys(&self) -> impl Iterator<Item = &TimerKey> {
        self.by_key.keys()
    }

    /// How many deadlines are set.
    pub fn len(&self) -> usize {
        self.by_key.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }
}
