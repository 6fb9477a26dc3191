//! Questions about offsets: by timestamp, the special ones, and the ends of leader epochs.

use super::Engine;
use super::error::EngineError;
use super::fetch::check_leader_epoch;
use super::routes::TopicRef;
use super::wait::readable_end;
use crate::log::{Isolation, TimedOffset};

/// Which offset of a partition is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OffsetQuery {
    /// The end that a reader of this isolation sees.
    Latest,
    /// The log's first offset.
    Earliest,
    /// The record with the greatest timestamp (KIP-734).
    MaxTimestamp,
    /// The first offset that is on local disk; without tiered storage that is the first (KIP-405).
    EarliestLocal,
    /// The last offset in tiered storage (KIP-1005); there is none.
    LatestTiered,
    /// The first offset that waits to be copied to tiered storage (KIP-1023); there is none.
    EarliestPendingUpload,
    /// The first record whose timestamp is this or later, in milliseconds.
    Timestamp(i64),
}

/// An offset that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoundOffset {
    /// The offset, or -1 if there is none.
    pub offset: i64,
    /// Timestamp of the record there, or -1 where the question was not about a record.
    pub timestamp: i64,
    /// Leader epoch of the offset, or -1.
    pub leader_epoch: i32,
}

impl FoundOffset {
    const NONE: Self = Self { offset: -1, timestamp: -1, leader_epoch: -1 };
}

/// Where a leader epoch ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EpochEnd {
    /// The newest epoch that is not newer than the one asked for, or -1.
    pub epoch: i32,
    /// Its end, or -1.
    pub end_offset: i64,
}

impl Engine {
    /// Answers a question about one partition's offsets.
    pub fn find_offset(
        &self,
        topic: &TopicRef,
        partition: i32,
        current_leader_epoch: i32,
        query: OffsetQuery,
        isolation: Isolation,
    ) -> Result<FoundOffset, EngineError> {
        let handle = self.topics.find(topic)?;
        let served = handle.partition(partition)?;
        check_leader_epoch(served, current_leader_epoch)?;
        let offsets = served.offsets();
        let plain = |offset| FoundOffset { offset, timestamp: -1, leader_epoch: served.leader_epoch() };
        Ok(match query {
            OffsetQuery::Latest => plain(readable_end(&offsets, isolation)),
            OffsetQuery::Earliest | OffsetQuery::EarliestLocal => plain(offsets.log_start),
            OffsetQuery::LatestTiered | OffsetQuery::EarliestPendingUpload => FoundOffset::NONE,
            OffsetQuery::MaxTimestamp => served.max_timestamp()?.map_or(FoundOffset::NONE, found),
            OffsetQuery::Timestamp(at) => served
                .offset_for_timestamp(at)?
                .filter(|found| found.offset < readable_end(&offsets, isolation))
                .map_or(FoundOffset::NONE, found),
        })
    }

    /// Where a leader epoch of a partition ends (KIP-320).
    pub fn epoch_end(
        &self,
        topic: &TopicRef,
        partition: i32,
        current_leader_epoch: i32,
        epoch: i32,
    ) -> Result<EpochEnd, EngineError> {
        let handle = self.topics.find(topic)?;
        let served = handle.partition(partition)?;
        check_leader_epoch(served, current_leader_epoch)?;
        let (epoch, end_offset) = served.epoch_end(epoch);
        Ok(EpochEnd { epoch, end_offset })
    }
}

fn found(found: TimedOffset) -> FoundOffset {
    FoundOffset { offset: found.offset, timestamp: found.timestamp, leader_epoch: found.leader_epoch }
}
