//! Answers that leave when what they rest on is durable.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use thalweg_proto::error::ErrorCode;

use super::host::ShardHost;
use crate::engine::wait::Gate;

/// The outcome of an operation. The operation has been carried out when this exists: what is pending is its durability.
#[must_use = "the outcome is told by awaiting it"]
pub(super) struct Durably<R> {
    outcome: Option<Result<R, ErrorCode>>,
    pending: Option<(Arc<ShardHost>, Arc<Gate>)>,
}

// Nothing in it is ever pinned.
impl<R> Unpin for Durably<R> {}

impl<R> Durably<R> {
    /// A reply that rests on everything that the shard had written up to an offset.
    pub(super) fn new(host: Arc<ShardHost>, reply: R, written: i64) -> Self {
        if host.is_durable(written) {
            return Self { outcome: Some(Ok(reply)), pending: None };
        }
        let gate = Gate::new(1);
        host.served.when_durable(written, &gate, 0);
        Self { outcome: Some(Ok(reply)), pending: Some((host, gate)) }
    }

    /// An operation that no shard took.
    pub(super) fn refused(error: ErrorCode) -> Self {
        Self { outcome: Some(Err(error)), pending: None }
    }
}

impl<R> Future for Durably<R> {
    type Output = Result<R, ErrorCode>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some((host, gate)) = &self.pending {
            std::task::ready!(gate.poll_open(cx));
            if let Some((_, error)) = gate.take_failures().into_iter().next() {
                host.give_up(&error.to_string());
                self.outcome = Some(Err(ErrorCode::NotCoordinator));
            }
            self.pending = None;
        }
        Poll::Ready(self.outcome.take().unwrap_or(Err(ErrorCode::UnknownServerError)))
    }
}
