//! One client connection: one task that reads frames, has them served, and writes the answers in the order of the requests.
//!
//! Requests are carried out one after the other, as in Kafka. An answer that only waits for a disk sync does not hold
//! up the next request: its records are in the log already.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use bytes::Bytes;
use thalweg_proto::wire::WireError;

use super::context::{Client, Front};
use super::dispatch::{self, Answer, Step};
use super::input::{BadLength, Input};
use super::output::Output;
use crate::world::net::Stream;

/// Requests of one connection that may wait for their answers at the same time.
const MOST_IN_FLIGHT: usize = 128;
/// How long a connection must be quiet before it gives a large buffer back.
const QUIET: Duration = Duration::from_secs(10);

/// How long a client that has closed its side is waited for: it may only have said its last word, or be gone.
const LINGER: Duration = Duration::from_secs(5);

/// Why a connection ends.
#[derive(Debug, thiserror::Error)]
pub(super) enum Close {
    /// The client closed it.
    #[error("closed by the client")]
    Ended,
    /// The client went away, or the network did.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// No request for `connections.max.idle.ms`.
    #[error("idle for too long")]
    Idle,
    /// A frame of impossible length.
    #[error("a frame of {0} bytes, where 0 to {1} are allowed")]
    FrameLength(i32, usize),
    /// Bytes that are no request.
    #[error("API key {key} version {version}: {error}")]
    Malformed {
        /// API key in the request's header, or -1.
        key: i16,
        /// Version in the request's header, or -1.
        version: i16,
        /// What is wrong.
        error: WireError,
    },
    /// A request that is not served here.
    #[error("API key {key} version {version} is not served")]
    NotServed {
        /// API key in the request's header.
        key: i16,
        /// Version in the request's header.
        version: i16,
    },
    /// A produce request without an answer (acks=0) failed; the client learns it in this way, as in Kafka.
    #[error("a produce request with acks=0 failed")]
    Unanswerable,
    /// The broker is going down.
    #[error("the broker is shutting down")]
    Shutdown,
}

/// A request that is being served.
enum Slot {
    Done(Vec<Bytes>),
    Deferred(Answer),
    InOrder(Answer),
}

/// A connection and all that is under way on it.
pub(super) struct Connection {
    stream: Box<dyn Stream>,
    front: Arc<Front>,
    client: Arc<Client>,
    input: Input,
    slots: VecDeque<Slot>,
    output: Output,
    alarm: Pin<Box<dyn Future<Output = ()> + Send>>,
    last_active: Duration,
}

impl Connection {
    pub(super) fn new(stream: Box<dyn Stream>, front: Arc<Front>, client: Arc<Client>) -> Self {
        let input = Input::new(front.limits.frame_bytes);
        let last_active = front.engine.world.clock.monotonic();
        let alarm = front.engine.sleep(QUIET);
        Self {
            stream,
            front,
            client,
            input,
            slots: VecDeque::new(),
            output: Output::default(),
            alarm,
            last_active,
        }
    }

    /// Serves the connection to its end. When `stopping` completes, no request is started any more; those under way
    /// are answered.
    pub(super) async fn run(mut self, stopping: impl Future<Output = ()>) -> Close {
        let mut stopping = std::pin::pin!(stopping);
        let mut stopped = false;
        std::future::poll_fn(|cx| {
            stopped = stopped || stopping.as_mut().poll(cx).is_ready();
            match self.poll(cx, stopped) {
                Ok(Poll::Ready(close)) | Err(close) => Poll::Ready(close),
                Ok(Poll::Pending) => Poll::Pending,
            }
        })
        .await
    }

    fn poll(&mut self, cx: &mut TaskContext<'_>, stopped: bool) -> Result<Poll<Close>, Close> {
        loop {
            let mut progress = self.poll_answers(cx)?;
            let writable = self.output.poll_flush(&mut self.stream, cx)?.is_ready();
            if writable && !stopped {
                progress |= self.start_next()?;
                progress |= self.poll_input(cx)?;
            }
            if progress {
                continue;
            }
            if self.slots.is_empty() && self.output.is_empty() {
                if stopped {
                    return Ok(Poll::Ready(Close::Shutdown));
                }
                if self.input.ended() {
                    return Ok(Poll::Ready(Close::Ended));
                }
            }
            return self.poll_alarm(cx).map(|()| Poll::Pending);
        }
    }

    /// Moves answers that are ready, in order, to the output.
    fn poll_answers(&mut self, cx: &mut TaskContext<'_>) -> Result<bool, Close> {
        if let Some(last) = self.slots.back_mut()
            && let Slot::InOrder(answer) = last
            && let Poll::Ready(parts) = answer.as_mut().poll(cx)
        {
            *last = Slot::Done(parts?);
        }
        let mut progress = false;
        while let Some(slot) = self.slots.front_mut() {
            let parts = match slot {
                Slot::Done(parts) => std::mem::take(parts),
                Slot::Deferred(answer) => match answer.as_mut().poll(cx) {
                    Poll::Ready(parts) => parts?,
                    Poll::Pending => break,
                },
                Slot::InOrder(_) => break,
            };
            self.slots.pop_front();
            self.output.push(parts);
            progress = true;
        }
        Ok(progress)
    }

    /// Starts the next request, unless one is being carried out or too many wait for their answers.
    fn start_next(&mut self) -> Result<bool, Close> {
        let busy = matches!(self.slots.back(), Some(Slot::InOrder(_)));
        if busy || self.slots.len() >= MOST_IN_FLIGHT {
            return Ok(false);
        }
        let most = self.front.limits.frame_bytes;
        let frame = self.input.next_frame().map_err(|BadLength(length)| Close::FrameLength(length, most))?;
        let Some(frame) = frame else { return Ok(false) };
        self.last_active = self.front.engine.world.clock.monotonic();
        self.slots.push_back(match dispatch::start(&self.front, &self.client, frame)? {
            Step::InOrder(answer) => Slot::InOrder(answer),
            Step::Deferred(answer) => Slot::Deferred(answer),
        });
        Ok(true)
    }

    /// Reads on, at most one frame ahead: also while a request is carried out, to see the client go away.
    fn poll_input(&mut self, cx: &mut TaskContext<'_>) -> Result<bool, Close> {
        if self.input.ended() || self.input.is_ahead() {
            return Ok(false);
        }
        let Poll::Ready(result) = self.input.poll_fill(&mut self.stream, cx) else { return Ok(false) };
        result?;
        if self.input.ended() {
            // Otherwise a long poll would keep the connection of a client that is gone, for as long as it asked for.
            self.alarm = self.front.engine.sleep(LINGER);
        }
        Ok(true)
    }

    /// Wakes now and then to close an idle connection, or to have a quiet one give its buffer back.
    fn poll_alarm(&mut self, cx: &mut TaskContext<'_>) -> Result<(), Close> {
        while self.alarm.as_mut().poll(cx).is_ready() {
            if self.input.ended() {
                return Err(Close::Ended);
            }
            let clock = &self.front.engine.world.clock;
            let idle = clock.monotonic().saturating_sub(self.last_active);
            let limit = self.front.limits.idle;
            if self.slots.is_empty() && idle >= limit {
                return Err(Close::Idle);
            }
            if idle >= QUIET {
                self.input.shrink();
            }
            self.alarm =
                clock.sleep(if idle < QUIET { QUIET } else { limit.saturating_sub(idle).max(QUIET) });
        }
        Ok(())
    }
}
