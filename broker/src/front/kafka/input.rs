//! Frames as they come in: each a length and as many bytes, each handed out as one slice that is never copied again.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::task::{Context, Poll};

use bytes::{BufMut, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

/// What a connection reads at a time, unless a frame is known to be longer.
const CHUNK: usize = 8 * 1024;
/// A buffer that grew beyond this is given back when the connection has gone quiet.
const KEEP: usize = 64 * 1024;
/// A frame that says to be this long is believed before any of it has come.
const TRUSTED: usize = 1 << 20;
const LENGTH_BYTES: usize = 4;

/// Cuts a stream of bytes into frames.
pub(super) struct Input {
    buffer: BytesMut,
    most: usize,
    ended: bool,
}

/// A frame whose announced length is negative, or more than the listener takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BadLength(pub(super) i32);

impl Input {
    pub(super) fn new(most: usize) -> Self {
        Self { buffer: BytesMut::new(), most, ended: false }
    }

    /// Whether the other side will send no more.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// The next whole frame, without its length, if it is here.
    pub(super) fn next_frame(&mut self) -> Result<Option<Bytes>, BadLength> {
        let Some(length) = self.announced()? else { return Ok(None) };
        if self.buffer.len() < LENGTH_BYTES + length {
            return Ok(None);
        }
        let mut frame = self.buffer.split_to(LENGTH_BYTES + length).freeze();
        let body = frame.split_off(LENGTH_BYTES);
        Ok(Some(body))
    }

    /// Whether a whole frame is waiting to be taken, so that there is no need to read on.
    pub(super) fn is_ahead(&self) -> bool {
        match self.announced() {
            Ok(Some(length)) => self.buffer.len() >= LENGTH_BYTES + length,
            Ok(None) => false,
            Err(_) => true,
        }
    }

    fn announced(&self) -> Result<Option<usize>, BadLength> {
        let Some(bytes) = self.buffer.first_chunk::<LENGTH_BYTES>() else { return Ok(None) };
        let length = i32::from_be_bytes(*bytes);
        match usize::try_from(length) {
            Ok(length) if length <= self.most => Ok(Some(length)),
            _ => Err(BadLength(length)),
        }
    }

    /// Reads what there is, or notes the end.
    pub(super) fn poll_fill<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        let missing = match self.announced() {
            Ok(Some(length)) => (LENGTH_BYTES + length).saturating_sub(self.buffer.len()),
            _ => 0,
        };
        // A long frame is read into a buffer of its own size and not beyond its end, so that nothing behind it has
        // to be moved; short ones are read as many at a time as have come.
        let most = missing.max(CHUNK);
        // Memory is taken for what has come and as much again, not for what a length claims.
        let trusted = self.buffer.len().max(TRUSTED);
        self.buffer.reserve(if missing > 0 { missing.min(trusted) } else { CHUNK });
        let mut limited = (&mut self.buffer).limit(most);
        match pin!(stream.read_buf(&mut limited)).poll(cx) {
            Poll::Ready(Ok(count)) => {
                self.ended = count == 0;
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => Poll::Pending,
        }
    }

    /// Gives a large buffer back, if there is nothing in it: for a connection that has gone quiet.
    pub(super) fn shrink(&mut self) {
        if self.buffer.is_empty() && self.buffer.capacity() > KEEP {
            self.buffer = BytesMut::new();
        }
    }
}
