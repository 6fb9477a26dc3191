//! Fetching from some partitions: what readers and group consumers share.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::{Buf, Bytes};
use thalweg_proto::grpc::v1;
use tokio::time::Instant;
use tonic::Streaming;

use crate::connection::Client;
use crate::error::Error;
use crate::positions::Position;
use crate::record::Message;

/// How to fetch.
#[derive(Debug, Clone)]
pub(crate) struct Fetching {
    /// Whether records of transactions that were aborted or are open are left out.
    pub committed: bool,
    /// Bytes at most in one answer.
    pub max_bytes: i32,
    /// Bytes at most that one batch may decompress to.
    pub max_decompressed: usize,
    /// How long to try again while the broker cannot be reached.
    pub patience: Duration,
}

impl Default for Fetching {
    fn default() -> Self {
        Self {
            committed: false,
            max_bytes: 4 << 20,
            max_decompressed: 256 << 20,
            patience: Duration::from_secs(60),
        }
    }
}

/// The methods of a builder with a field `fetching` that say how to fetch.
macro_rules! fetching_options {
    () => {
        /// Leaves out the records of transactions that were aborted or are open.
        #[must_use]
        pub fn read_committed(mut self) -> Self {
            self.fetching.committed = true;
            self
        }

        /// Bytes at most in one answer of the broker, but for one whole batch; 4 MiB unless set.
        #[must_use]
        pub fn max_bytes(mut self, bytes: i32) -> Self {
            self.fetching.max_bytes = bytes;
            self
        }

        /// Bytes at most that one batch may decompress to; 256 MiB unless set.
        #[must_use]
        pub fn max_decompressed_bytes(mut self, bytes: usize) -> Self {
            self.fetching.max_decompressed = bytes;
            self
        }

        /// How long to try again while the broker cannot be reached; one minute unless set.
        #[must_use]
        pub fn patience(mut self, patience: Duration) -> Self {
            self.fetching.patience = patience;
            self
        }
    };
}
pub(crate) use fetching_options;

/// Partitions that are read, and what has been fetched of them.
pub(crate) struct Source {
    client: Client,
    fetching: Fetching,
    positions: Vec<Position>,
    responses: Option<Streaming<v1::ConsumeResponse>>,
    /// Batches that wait to be decoded, with the index of their partition.
    fetched: VecDeque<(usize, Bytes)>,
    messages: VecDeque<Message>,
    failures: u32,
    failing_since: Option<Instant>,
}

/// A partition that cannot be read any more, and why.
pub(crate) type Stopped = (usize, Error);

impl Source {
    pub fn new(client: Client, fetching: Fetching, positions: Vec<Position>) -> Self {
        Self {
            client,
            fetching,
            positions,
            responses: None,
            fetched: VecDeque::new(),
            messages: VecDeque::new(),
            failures: 0,
            failing_since: None,
        }
    }

    /// The next message, `None` at the end; the first partition that cannot be read ends it all.
    pub async fn next(&mut self) -> Result<Option<Message>, Error> {
        loop {
            if let Some(message) = self.buffered()? {
                return Ok(Some(message));
            }
            if self.positions.iter().all(Position::is_done) {
                return Ok(None);
            }
            if let Some((_, error)) = self.fetch().await?.into_iter().next() {
                return Err(error);
            }
        }
    }

    /// The next message of what has been fetched.
    pub fn buffered(&mut self) -> Result<Option<Message>, Error> {
        loop {
            if let Some(message) = self.messages.pop_front() {
                return Ok(Some(message));
            }
            if !self.decode_one()? {
                return Ok(None);
            }
        }
    }

    /// Where the partitions are read next.
    pub fn positions(&self) -> &[Position] {
        &self.positions
    }

    /// Reads other partitions from now on, going on in those that `positions` took over from before. Messages in hand stay
    /// but for those that `keep` does not want.
    pub fn replace(
        &mut self,
        positions: impl FnOnce(Vec<Position>) -> Vec<Position>,
        keep: impl Fn(&Message) -> bool,
    ) {
        self.responses = None;
        self.fetched.clear();
        self.messages.retain(keep);
        self.positions = positions(std::mem::take(&mut self.positions));
    }

    /// Waits for what comes next, and puts it with what has been fetched. Returns the partitions that cannot be read.
    ///
    /// Cancel safe: what has arrived is kept or asked for again.
    pub async fn fetch(&mut self) -> Result<Vec<Stopped>, Error> {
        match self.receive().await {
            Ok(response) => self.take(response),
            Err(error) => self.pause(error).await.map(|()| Vec::new()),
        }
    }

    /// The message comes next once more.
    pub fn put_back(&mut self, message: Message) {
        self.messages.push_front(message);
    }

    /// Asks the broker anew at the next fetch.
    pub fn reopen(&mut self) {
        self.responses = None;
    }

    /// Decodes one batch of what was fetched, so that no more than one is in memory uncompressed.
    fn decode_one(&mut self) -> Result<bool, Error> {
        let Some((index, bytes)) = self.fetched.front_mut() else { return Ok(false) };
        let Some(position) = self.positions.get_mut(*index) else { return Ok(false) };
        match position.decode(bytes, self.fetching.max_decompressed, &mut self.messages)? {
            Some(taken) if taken < bytes.len() => bytes.advance(taken),
            Some(_) | None => {
                self.fetched.pop_front();
            }
        }
        Ok(true)
    }

    async fn receive(&mut self) -> Result<v1::ConsumeResponse, Error> {
        let responses = match &mut self.responses {
            Some(responses) => responses,
            none => none.insert(open(&self.client, &self.positions, &self.fetching).await?),
        };
        let ended = || Error::Unavailable("the broker ended the stream".to_owned());
        responses.message().await?.ok_or_else(ended)
    }

    fn take(&mut self, response: v1::ConsumeResponse) -> Result<Vec<Stopped>, Error> {
        self.failures = 0;
        self.failing_since = None;
        let mut stopped = Vec::new();
        for fetched in response.partitions {
            let place = self.positions.iter().position(|position| {
                position.partition == fetched.partition && *position.topic == *fetched.topic
            });
            let index = place.ok_or(Error::Protocol("a partition that was not asked for"))?;
            if let Some(problem) = fetched.problem {
                stopped.push((index, Error::from_problem(problem)));
                continue;
            }
            if let Some(position) = self.positions.get_mut(index) {
                position.set_aborted(fetched.aborted_transactions);
            }
            self.fetched.extend(fetched.record_batches.into_iter().map(|bytes| (index, bytes)));
        }
        Ok(stopped)
    }

    async fn pause(&mut self, error: Error) -> Result<(), Error> {
        self.responses = None;
        self.fetched.clear();
        let since = *self.failing_since.get_or_insert_with(Instant::now);
        if !error.is_retryable() || since.elapsed() >= self.fetching.patience {
            return Err(error);
        }
        self.failures += 1;
        tracing::debug!(%error, attempt = self.failures, "reading again");
        tokio::time::sleep(self.client.retry_policy().pause(self.failures)).await;
        Ok(())
    }
}

async fn open(
    client: &Client,
    positions: &[Position],
    fetching: &Fetching,
) -> Result<Streaming<v1::ConsumeResponse>, Error> {
    let wanted =
        positions.iter().filter(|position| !position.is_done()).map(|position| v1::ConsumePartition {
            topic: position.topic.to_string(),
            partition: position.partition,
            start: Some(v1::consume_partition::Start::Offset(position.next)),
        });
    let isolation = match fetching.committed {
        true => v1::IsolationLevel::ReadCommitted,
        false => v1::IsolationLevel::ReadUncommitted,
    };
    let request = v1::ConsumeRequest {
        partitions: wanted.collect(),
        max_bytes: fetching.max_bytes,
        isolation_level: isolation.into(),
        format: v1::RecordFormat::Batches.into(),
    };
    Ok(client.consume_service().consume(request).await?.into_inner())
}
