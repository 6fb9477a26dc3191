//! Reading given partitions, without a group.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, Bytes};
use futures_util::{Stream, stream};
use thalweg_proto::grpc::v1;
use tokio::time::Instant;
use tonic::Streaming;

use crate::connection::Client;
use crate::error::Error;
use crate::positions::{Position, resolve};
use crate::record::Message;

/// Where to begin in a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At the first record that is still there.
    Beginning,
    /// At the end: only records that are yet to come.
    End,
    /// At this offset.
    Offset(i64),
    /// At the first record with this timestamp, in milliseconds since the epoch, or a later one.
    Timestamp(i64),
    /// This many records before the end.
    Tail(u64),
}

/// Options of a reader.
#[derive(Debug, Clone)]
pub struct ReaderBuilder {
    client: Client,
    wanted: Vec<(Arc<str>, Option<i32>, Start)>,
    until_end: bool,
    committed: bool,
    max_bytes: i32,
    max_decompressed: usize,
    patience: Duration,
}

impl ReaderBuilder {
    pub(crate) fn new(client: Client) -> Self {
        Self {
            client,
            wanted: Vec::new(),
            until_end: false,
            committed: false,
            max_bytes: 4 << 20,
            max_decompressed: 256 << 20,
            patience: Duration::from_secs(60),
        }
    }

    /// Reads all partitions of a topic.
    #[must_use]
    pub fn topic(mut self, topic: impl Into<Arc<str>>, start: Start) -> Self {
        self.wanted.push((topic.into(), None, start));
        self
    }

    /// Reads one partition of a topic.
    #[must_use]
    pub fn partition(mut self, topic: impl Into<Arc<str>>, partition: i32, start: Start) -> Self {
        self.wanted.push((topic.into(), Some(partition), start));
        self
    }

    /// Ends the stream at the records that are there when the reader is built, instead of waiting for more.
    #[must_use]
    pub fn until_end(mut self) -> Self {
        self.until_end = true;
        self
    }

    /// Leaves out the records of transactions that were aborted or are open.
    #[must_use]
    pub fn read_committed(mut self) -> Self {
        self.committed = true;
        self
    }

    /// Bytes at most in one answer of the broker, but for one whole batch; 4 MiB unless set.
    #[must_use]
    pub fn max_bytes(mut self, bytes: i32) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Bytes at most that one batch may decompress to; 256 MiB unless set.
    #[must_use]
    pub fn max_decompressed_bytes(mut self, bytes: usize) -> Self {
        self.max_decompressed = bytes;
        self
    }

    /// How long to try again while the broker cannot be reached; one minute unless set.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Finds the partitions and their starts.
    ///
    /// # Errors
    /// A topic or partition does not exist, or the broker cannot be reached.
    pub async fn build(self) -> Result<Reader, Error> {
        let admin = self.client.admin();
        let mut wanted = Vec::new();
        for (topic, partition, start) in self.wanted {
            let partitions = match partition {
                Some(partition) => partition..partition.saturating_add(1),
                None => 0..admin.topic(&topic).await?.topic.partitions,
            };
            wanted.extend(partitions.map(|partition| (topic.clone(), partition, start)));
        }
        let positions = resolve(&admin, wanted, self.until_end).await?;
        let source = Source {
            client: self.client,
            positions,
            committed: self.committed,
            max_bytes: self.max_bytes,
            max_decompressed: self.max_decompressed,
            patience: self.patience,
            responses: None,
            fetched: VecDeque::new(),
            messages: VecDeque::new(),
            failures: 0,
            failing_since: None,
        };
        let messages = stream::try_unfold(source, |mut source| async move {
            Ok(source.next().await?.map(|message| (message, source)))
        });
        Ok(Reader { messages: Box::pin(messages) })
    }
}

/// A stream of the messages of some partitions: in order within each, as they come between them.
///
/// A lost connection is made again and reading goes on where it was. After an error the stream ends. Messages share the
/// memory of what they were fetched with; copy what is to be kept for long. Dropping the reader ends its reading.
pub struct Reader {
    messages: Pin<Box<dyn Stream<Item = Result<Message, Error>> + Send>>,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Reader").finish_non_exhaustive()
    }
}

impl Stream for Reader {
    type Item = Result<Message, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.messages.as_mut().poll_next(cx)
    }
}

struct Source {
    client: Client,
    positions: Vec<Position>,
    committed: bool,
    max_bytes: i32,
    max_decompressed: usize,
    patience: Duration,
    responses: Option<Streaming<v1::ConsumeResponse>>,
    /// Batches that wait to be decoded, with the index of their partition.
    fetched: VecDeque<(usize, Bytes)>,
    messages: VecDeque<Message>,
    failures: u32,
    failing_since: Option<Instant>,
}

impl Source {
    async fn next(&mut self) -> Result<Option<Message>, Error> {
        loop {
            if let Some(message) = self.messages.pop_front() {
                return Ok(Some(message));
            }
            if self.decode_one()? {
                continue;
            }
            if self.positions.iter().all(Position::is_done) {
                return Ok(None);
            }
            match self.receive().await {
                Ok(response) => self.take(response)?,
                Err(error) => self.pause(error).await?,
            }
        }
    }

    /// Decodes one batch of what was fetched, so that no more than one is in memory uncompressed.
    fn decode_one(&mut self) -> Result<bool, Error> {
        let Some((index, bytes)) = self.fetched.front_mut() else { return Ok(false) };
        let Some(position) = self.positions.get_mut(*index) else { return Ok(false) };
        match position.decode(bytes, self.max_decompressed, &mut self.messages)? {
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
            none => none.insert(open(&self.client, &self.positions, self.max_bytes, self.committed).await?),
        };
        let ended = || Error::Unavailable("the broker ended the stream".to_owned());
        responses.message().await?.ok_or_else(ended)
    }

    fn take(&mut self, response: v1::ConsumeResponse) -> Result<(), Error> {
        self.failures = 0;
        self.failing_since = None;
        for fetched in response.partitions {
            if let Some(problem) = fetched.problem {
                return Err(Error::from_problem(problem));
            }
            let place = self.positions.iter().position(|position| {
                position.partition == fetched.partition && *position.topic == *fetched.topic
            });
            let index = place.ok_or(Error::Protocol("a partition that was not asked for"))?;
            if let Some(position) = self.positions.get_mut(index) {
                position.set_aborted(fetched.aborted_transactions);
            }
            self.fetched.extend(fetched.record_batches.into_iter().map(|bytes| (index, bytes)));
        }
        Ok(())
    }

    async fn pause(&mut self, error: Error) -> Result<(), Error> {
        self.responses = None;
        self.fetched.clear();
        let since = *self.failing_since.get_or_insert_with(Instant::now);
        if !error.is_retryable() || since.elapsed() >= self.patience {
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
    max_bytes: i32,
    committed: bool,
) -> Result<Streaming<v1::ConsumeResponse>, Error> {
    let wanted =
        positions.iter().filter(|position| !position.is_done()).map(|position| v1::ConsumePartition {
            topic: position.topic.to_string(),
            partition: position.partition,
            start: Some(v1::consume_partition::Start::Offset(position.next)),
        });
    let isolation = match committed {
        true => v1::IsolationLevel::ReadCommitted,
        false => v1::IsolationLevel::ReadUncommitted,
    };
    let request = v1::ConsumeRequest {
        partitions: wanted.collect(),
        max_bytes,
        isolation_level: isolation.into(),
        format: v1::RecordFormat::Batches.into(),
    };
    Ok(client.consume_service().consume(request).await?.into_inner())
}
