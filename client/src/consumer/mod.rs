//! Members of consumer groups.

mod commit;
mod control;
mod events;
mod feed;
mod link;
mod session;
mod starts;
mod state;

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{Stream, stream};
use thalweg_proto::grpc::v1;
use tokio::sync::{mpsc, oneshot};

pub use commit::Commit;
pub use control::Control;
pub use events::{Done, GroupEvent, GroupEvents};

use crate::connection::Client;
use crate::error::Error;
use crate::groups::milliseconds;
use crate::reader::Start;
use crate::record::Message;
use crate::source::{Fetching, Source, fetching_options};
use commit::Committer;
use feed::Feed;
use session::{Close, Session};
use state::Shared;

/// Options of a consumer.
#[derive(Debug, Clone)]
pub struct ConsumerBuilder {
    client: Client,
    join: v1::GroupJoin,
    start: Start,
    commit: Commit,
    fetching: Fetching,
}

impl ConsumerBuilder {
    pub(crate) fn new(client: Client, group: Arc<str>) -> Self {
        let join = v1::GroupJoin {
            group: group.to_string(),
            client_id: concat!("thalweg-client/", env!("CARGO_PKG_VERSION")).to_owned(),
            subscription: Some(v1::Subscription::default()),
            ..v1::GroupJoin::default()
        };
        Self {
            client,
            join,
            start: Start::Beginning,
            commit: Commit::default(),
            fetching: Fetching::default(),
        }
    }

    fn subscription(&mut self) -> &mut v1::Subscription {
        self.join.subscription.get_or_insert_default()
    }

    /// Wants messages of these topics. One that does not exist yet joins in when it does.
    #[must_use]
    pub fn topics<T: Into<String>>(mut self, topics: impl IntoIterator<Item = T>) -> Self {
        self.subscription().topics = topics.into_iter().map(Into::into).collect();
        self
    }

    /// Wants messages of all topics whose whole name matches a regular expression (in RE2's language), which the broker
    /// evaluates again whenever there are new topics.
    #[must_use]
    pub fn pattern(mut self, pattern: impl Into<String>) -> Self {
        self.subscription().pattern = pattern.into();
        self
    }

    /// Where to begin in partitions for which the group has committed nothing, or whose next records are gone; at the
    /// beginning unless set.
    #[must_use]
    pub fn start(mut self, start: Start) -> Self {
        self.start = start;
        self
    }

    /// When to commit; every five seconds unless set.
    #[must_use]
    pub fn commit(mut self, commit: Commit) -> Self {
        self.commit = commit;
        self
    }

    /// A name that stays the same across restarts (static membership): a consumer that is closed and comes back under it
    /// before the group's session timeout has its partitions still.
    #[must_use]
    pub fn instance_id(mut self, instance: impl Into<String>) -> Self {
        self.join.instance_id = Some(instance.into());
        self
    }

    /// The name under which the group's members are listed.
    #[must_use]
    pub fn client_id(mut self, name: impl Into<String>) -> Self {
        self.join.client_id = name.into();
        self
    }

    /// The rack of this client.
    #[must_use]
    pub fn rack(mut self, rack: impl Into<String>) -> Self {
        self.join.rack = rack.into();
        self
    }

    /// The assignor that the member would like: `uniform` or `range`; the group's unless set.
    #[must_use]
    pub fn assignor(mut self, assignor: impl Into<String>) -> Self {
        self.join.assignor = assignor.into();
        self
    }

    /// How long the group waits for this consumer to give up partitions; one minute unless set. That is the longest that a
    /// message may be worked on while the group changes.
    #[must_use]
    pub fn rebalance_timeout(mut self, timeout: Duration) -> Self {
        self.join.rebalance_timeout_ms = milliseconds(timeout);
        self
    }

    /// How long the group keeps the partitions of a consumer whose connection broke; ten seconds unless set, and no longer
    /// than the group's session timeout.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.join.grace_ms = milliseconds(grace);
        self
    }

    fetching_options!();

    /// Joins the group. Which partitions the consumer gets shows a little later.
    ///
    /// Cancel safe: a membership that was begun ends when the future is dropped.
    ///
    /// # Errors
    /// The broker's refusal: the group's name or the subscription is not valid, the group is full or of another type; or the
    /// broker cannot be reached.
    pub async fn build(self) -> Result<Consumer, Error> {
        let shared = Arc::new(Shared::default());
        let (group, instance) = (self.join.group.as_str().into(), self.join.instance_id.clone());
        let committer = Committer::new(self.client.clone(), group, instance, shared.clone());
        let (close, closing) = mpsc::channel(1);
        let (ready, is_ready) = oneshot::channel();
        let session = Session::new(self.clone(), shared.clone(), committer.clone(), closing, ready);
        tokio::spawn(session.run());
        is_ready.await.unwrap_or(Err(Error::Closed))?;
        let Self { client, start, fetching, .. } = self;
        let source = Source::new(client.clone(), fetching, Vec::new());
        let feed = Feed::new(shared.clone(), client.admin(), source, start);
        let messages =
            stream::try_unfold(feed, |mut feed| async move { Ok(Some((feed.next().await?, feed))) });
        let control = Control { client, shared, committer };
        Ok(Consumer { messages: Box::pin(messages), control, close })
    }
}

/// A member of a consumer group, and the stream of the messages of its partitions: in order within each, as they come between
/// them.
///
/// The membership lives in a task of its own: a consumer keeps its partitions however long it works on a message. When the
/// group wants partitions back, nothing more of them is handed out, and they are given up when the message in hand is done
/// with, which it is when the next one is asked for; at the latest when three quarters of the rebalance timeout have passed.
/// Whoever works on several messages at once listens to [`Consumer::events`] and commits by hand.
///
/// A lost connection is made again: the consumer comes back as the member that it was, and goes on where it was. After an error
/// the stream ends. To ask for the next message is cancel safe: no message is lost with a dropped future.
///
/// Dropping a consumer ends its membership in the background, with a last periodic commit of what has been done with;
/// [`Consumer::close`] waits for that.
pub struct Consumer {
    messages: Pin<Box<dyn Stream<Item = Result<Message, Error>> + Send>>,
    control: Control,
    close: mpsc::Sender<Close>,
}

impl Consumer {
    /// A handle that works while another task reads: commits, seeks, pauses, tells positions.
    #[must_use]
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// What happens to the member from now on. Who listens takes part in revocations: see [`GroupEvent::Revoking`]. A later
    /// call takes the place of an earlier one.
    pub fn events(&self) -> GroupEvents {
        let (listener, events) = mpsc::unbounded_channel();
        self.control.shared.listen(listener);
        GroupEvents { events }
    }

    /// As [`Control::commit`].
    ///
    /// # Errors
    /// As there.
    pub async fn commit(&self, message: &Message) -> Result<(), Error> {
        self.control.commit(message).await
    }

    /// As [`Control::commit_all`].
    ///
    /// # Errors
    /// As there.
    pub async fn commit_all(&self) -> Result<(), Error> {
        self.control.commit_all().await
    }

    /// Leaves the group, with a commit of everything that was handed out before, where commits are periodic. When this returns,
    /// the partitions can be others'.
    ///
    /// Cancel safe: goes on where the future is dropped.
    ///
    /// # Errors
    /// That of the last commit. The consumer has left all the same.
    pub async fn close(self) -> Result<(), Error> {
        let (asks, closed) = oneshot::channel();
        if self.close.send(asks).await.is_err() {
            let failure = self.control.shared.lock().failure.clone();
            return failure.map_or(Ok(()), Err);
        }
        closed.await.unwrap_or(Err(Error::Closed))
    }
}

impl Stream for Consumer {
    type Item = Result<Message, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.messages.as_mut().poll_next(cx)
    }
}

impl std::fmt::Debug for Consumer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Consumer").field("control", &self.control).finish_non_exhaustive()
    }
}
