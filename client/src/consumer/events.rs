//! What happens to a member of a group, as a stream instead of callbacks.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::Stream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::record::TopicPartition;

/// A change of a consumer's partitions.
#[derive(Debug)]
#[non_exhaustive]
pub enum GroupEvent {
    /// These partitions are the consumer's from now on; where to begin in them is known.
    Assigned {
        /// The partitions.
        partitions: Vec<TopicPartition>,
    },
    /// These partitions go to other members. Nothing more of them is handed out; what was can be dealt with and committed
    /// until `done` is told or dropped, or the deadline.
    Revoking {
        /// The partitions.
        partitions: Vec<TopicPartition>,
        /// When the group goes on without waiting.
        deadline: Instant,
        /// Gives the partitions up.
        done: Done,
    },
    /// The group has gone on without the consumer, and these partitions may be others' already: what was not committed comes
    /// again there. The consumer joins again by itself.
    Lost {
        /// The partitions.
        partitions: Vec<TopicPartition>,
    },
}

/// Holds a revocation up until it is told or dropped.
#[derive(Debug)]
#[must_use = "the partitions are given up when it is dropped"]
pub struct Done {
    told: oneshot::Sender<()>,
}

impl Done {
    pub(super) fn new() -> (Self, oneshot::Receiver<()>) {
        let (told, hears) = oneshot::channel();
        (Self { told }, hears)
    }

    /// Everything that was handed out of the partitions has been dealt with, the last message too: with periodic commits it
    /// is committed. Dropping it instead leaves that to the next call for a message, as without listening to events.
    pub fn done(self) {
        // A consumer that has lost the partitions meanwhile does not listen.
        let _ = self.told.send(());
    }
}

/// The stream of a consumer's events. It ends when the consumer does.
#[derive(Debug)]
pub struct GroupEvents {
    pub(super) events: mpsc::UnboundedReceiver<GroupEvent>,
}

impl Stream for GroupEvents {
    type Item = GroupEvent;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<GroupEvent>> {
        self.events.poll_recv(cx)
    }
}
