//! Reading given partitions, without a group.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{Stream, stream};

use crate::connection::Client;
use crate::error::Error;
use crate::positions::resolve;
use crate::record::Message;
use crate::source::{Fetching, Source, fetching_options};

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
    fetching: Fetching,
}

impl ReaderBuilder {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, wanted: Vec::new(), until_end: false, fetching: Fetching::default() }
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

    fetching_options!();

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
                None => 0..admin.topic_or_create(&topic, false).await?.topic.partitions,
            };
            wanted.extend(partitions.map(|partition| (topic.clone(), partition, start)));
        }
        let positions = resolve(&admin, wanted, self.until_end).await?;
        let source = Source::new(self.client, self.fetching, positions);
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
