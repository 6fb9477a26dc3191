//! The offsets that groups have committed.

mod apply;
mod commit;
mod expire;
mod operations;
mod request;
mod rules;
mod state;
#[cfg(test)]
mod tests;

pub use request::{
    CommitOffsets, CommitPartition, DeleteOffsets, FetchOffsets, FetchTopic, FetchedOffset, FetchedTopics,
    OffsetExpiry,
};
pub use state::{CommittedOffset, Offsets};

use std::sync::Arc;

use super::Record;

/// The record that takes an offset back.
fn tombstone(group: &Arc<str>, topic: &Arc<str>, partition: i32) -> Record {
    Record::OffsetCommit { group: group.clone(), topic: topic.clone(), partition, value: None }
}
