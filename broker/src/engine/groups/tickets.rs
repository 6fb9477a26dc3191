//! Requests that wait for an answer of the machine.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::host::ShardHost;
use crate::coordinator::group::{Ticket, Woken};

/// An answer, and what must be durable before it leaves.
pub(super) struct Delivery {
    pub(super) woken: Woken,
    pub(super) written: i64,
}

/// Who waits at a shard.
#[derive(Default)]
pub(super) struct Tickets {
    next: AtomicU64,
    waiting: Mutex<HashMap<Ticket, oneshot::Sender<Delivery>>>,
}

impl Tickets {
    /// Hands out answers. One whose requester has gone away is dropped.
    pub(super) fn deliver(&self, woken: Vec<Woken>, written: i64) {
        if woken.is_empty() {
            return;
        }
        let mut waiting = self.waiting.lock();
        let deliveries: Vec<_> = woken
            .into_iter()
            .filter_map(|woken| {
                let sender = waiting.remove(&woken.ticket())?;
                Some((sender, Delivery { woken, written }))
            })
            .collect();
        drop(waiting);
        for (sender, delivery) in deliveries {
            let _ = sender.send(delivery);
        }
    }

    /// Tells everyone that no answer will come.
    pub(super) fn abandon(&self) {
        self.waiting.lock().clear();
    }
}

/// A place at a shard for one answer; given up when dropped.
pub(super) struct Waiter {
    pub(super) ticket: Ticket,
    host: Arc<ShardHost>,
    receiver: oneshot::Receiver<Delivery>,
}

impl Waiter {
    pub(super) fn new(host: Arc<ShardHost>) -> Self {
        let ticket = Ticket(host.tickets.next.fetch_add(1, Ordering::Relaxed));
        let (sender, receiver) = oneshot::channel();
        host.tickets.waiting.lock().insert(ticket, sender);
        Self { ticket, host, receiver }
    }

    /// The answer; none if it will not come.
    pub(super) async fn delivery(&mut self) -> Option<Delivery> {
        (&mut self.receiver).await.ok()
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        self.host.tickets.waiting.lock().remove(&self.ticket);
    }
}
