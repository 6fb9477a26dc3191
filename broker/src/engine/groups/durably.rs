//! Answers that leave when what they rest on is durable.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use thalweg_proto::error::ErrorCode;

use super::host::ShardHost;
use crate::engine::Engine;
use crate::engine::wait::Gate;

/// The outcome of an operation. The operation has been carried out when this exists: what is pending is its durability.
#[must_use = "the outcome is told by awaiting it"]
pub(super) struct Durably<R> {
    outcome: Option<Result<R, ErrorCode>>,
    pending: Option<Pending>,
}

struct Pending {
    host: Arc<ShardHost>,
    gate: Arc<Gate>,
    /// How long the disk is waited for (`offsets.commit.timeout.ms`).
    patience: Pin<Box<dyn Future<Output = ()> + Send>>,
}

// Nothing in it is ever pinned.
impl<R> Unpin for Durably<R> {}

impl<R> Durably<R> {
    /// A reply that rests on everything that the shard had written up to an offset.
    pub(super) fn new(engine: &Engine, host: Arc<ShardHost>, reply: R, written: i64) -> Self {
        if host.is_durable(written) {
            return Self { outcome: Some(Ok(reply)), pending: None };
        }
        let gate = Gate::new(1);
        host.served.when_durable(written, &gate, 0);
        let patience = engine.settings.groups.offsets.commit_timeout_ms;
        let patience = engine.sleep(Duration::from_millis(u64::try_from(patience).unwrap_or(0)));
        Self { outcome: Some(Ok(reply)), pending: Some(Pending { host, gate, patience }) }
    }

    /// An operation that no shard took.
    pub(super) fn refused(error: ErrorCode) -> Self {
        Self { outcome: Some(Err(error)), pending: None }
    }
}

impl<R> Future for Durably<R> {
    type Output = Result<R, ErrorCode>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(pending) = &mut self.pending {
            let refused = if pending.gate.poll_open(cx).is_ready() {
                pending.gate.take_failures().into_iter().next().map(|(_, error)| {
                    pending.host.give_up(&error.to_string());
                    ErrorCode::NotCoordinator
                })
            } else {
                // What was written may become durable yet; the client asks again.
                std::task::ready!(pending.patience.as_mut().poll(cx));
                Some(ErrorCode::CoordinatorNotAvailable)
            };
            self.pending = None;
            if let Some(error) = refused {
                self.outcome = Some(Err(error));
            }
        }
        Poll::Ready(self.outcome.take().unwrap_or(Err(ErrorCode::UnknownServerError)))
    }
}
