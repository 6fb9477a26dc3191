//! Which members have a session at this front end: of a member that comes twice, the later stands.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

type Key = (Arc<str>, Arc<str>);

/// The members, by group and id.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    members: Mutex<HashMap<Key, CancellationToken>>,
}

/// A member's place among them; given up when dropped.
#[derive(Debug)]
pub(super) struct Seat {
    sessions: Arc<Sessions>,
    key: Key,
    superseded: CancellationToken,
}

impl Sessions {
    /// Seats a member. Whoever has sat there is superseded.
    pub fn enter(self: &Arc<Self>, group: &Arc<str>, member: &Arc<str>) -> Seat {
        let key = (group.clone(), member.clone());
        let superseded = CancellationToken::new();
        if let Some(before) = self.members.lock().insert(key.clone(), superseded.clone()) {
            before.cancel();
        }
        Seat { sessions: self.clone(), key, superseded }
    }
}

impl Seat {
    /// Ends when the member has come again.
    pub fn superseded(&self) -> &CancellationToken {
        &self.superseded
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut members = self.sessions.members.lock();
        // Under the lock, so that it is not another's seat that goes.
        if !self.superseded.is_cancelled() {
            members.remove(&self.key);
        }
    }
}
