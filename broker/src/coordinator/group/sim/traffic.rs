//! What clients ask and are answered.

use std::sync::Arc;

use thalweg_proto::error::ErrorCode;

use crate::coordinator::Refusal;
use crate::coordinator::group::classic::{Heartbeat, Join, Joined, Leave, Left, Sync, Synced};
use crate::coordinator::group::consumer::{ConsumerHeartbeat, ConsumerHeartbeatReply};
use crate::coordinator::group::offsets::{CommitOffsets, FetchOffsets, FetchedOffset};

#[derive(Clone, Debug)]
pub enum Ask {
    Join(Join),
    Sync(Sync),
    Beat(Heartbeat),
    Leave(Leave),
    Consumer(ConsumerHeartbeat),
    Commit(CommitOffsets),
    Fetch(FetchOffsets),
}

impl Ask {
    pub fn group(&self) -> &Arc<str> {
        match self {
            Self::Join(ask) => &ask.group,
            Self::Sync(ask) => &ask.group,
            Self::Beat(ask) => &ask.group,
            Self::Leave(ask) => &ask.group,
            Self::Consumer(ask) => &ask.group,
            Self::Commit(ask) => &ask.group,
            Self::Fetch(ask) => &ask.group,
        }
    }
}

/// Offsets of a topic.
pub type FetchedTopic = (Arc<str>, Vec<FetchedOffset>);

#[derive(Clone, Debug)]
pub enum Answer {
    Joined(Joined),
    Synced(Synced),
    Beat(ErrorCode),
    Left(Left),
    Consumer(Result<ConsumerHeartbeatReply, Refusal>),
    Committed(Vec<ErrorCode>),
    Fetched(Result<Vec<FetchedTopic>, ErrorCode>),
    /// The coordinator is there, but cannot do it now.
    Failed(ErrorCode),
    /// The connection broke; nobody knows whether the request was served.
    Lost,
}

/// An answer on its way.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub client: usize,
    pub request: u64,
    pub answer: Answer,
}
