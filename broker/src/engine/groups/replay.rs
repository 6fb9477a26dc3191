//! Rebuilding a shard from its log.

use std::collections::HashMap;

use thalweg_proto::record::control::{ControlKind, ControlRecord};
use thalweg_proto::record::view::{Batch, Batches};
use tokio_util::sync::CancellationToken;

use crate::coordinator::group::{Record, Shard};
use crate::log::{self, Isolation};

/// How much of the log is read at a time.
const READ_BYTES: usize = 1024 * 1024;

/// The most that one batch may hold once it is decompressed.
const MOST_DECOMPRESSED: usize = 1 << 30;

/// Why a shard could not be rebuilt.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReplayError {
    #[error(transparent)]
    Read(#[from] log::ReadError),
    #[error("at offset {offset}: {problem}")]
    Damaged { offset: i64, problem: String },
    #[error("the broker is stopping")]
    Stopped,
}

/// What a replay has come to.
pub(super) struct Replayed {
    pub(super) shard: Shard,
    pub(super) records: u64,
}

#[derive(Default)]
struct Replay {
    shard: Shard,
    records: u64,
    /// What transactions have written that are not decided yet, by producer.
    undecided: HashMap<i64, Vec<Record>>,
    unknown: Option<i16>,
}

/// Reads a partition from its start to its end.
pub(super) fn replay(
    partition: &log::Partition,
    stopping: &CancellationToken,
) -> Result<Replayed, ReplayError> {
    let mut replay = Replay::default();
    let mut offset = partition.offsets().log_start;
    while offset < partition.offsets().high_watermark {
        if stopping.is_cancelled() {
            return Err(ReplayError::Stopped);
        }
        let fetched = partition.read(offset, READ_BYTES, true, Isolation::ReadUncommitted)?;
        let before = offset;
        for slice in fetched.slices {
            for batch in Batches::new(slice) {
                let batch = batch.map_err(|error| damaged(offset, error))?;
                replay.batch(&batch, offset)?;
                offset = batch.header().next_offset();
            }
        }
        if offset <= before {
            // Compaction may have left nothing behind the last batch.
            break;
        }
    }
    if let Some(kind) = replay.unknown {
        let partition = partition.id();
        tracing::warn!(%partition, kind, "records of a kind that this release does not know have been passed over");
    }
    Ok(Replayed { shard: replay.shard, records: replay.records })
}

impl Replay {
    fn batch(&mut self, batch: &Batch, from: i64) -> Result<(), ReplayError> {
        let header = batch.header();
        let damaged_batch = |error| damaged(header.base_offset, error);
        batch.verify_crc().map_err(damaged_batch)?;
        let records = batch.records(MOST_DECOMPRESSED).map_err(damaged_batch)?;
        for record in &records {
            let record = record.map_err(damaged_batch)?;
            if record.offset < from {
                continue;
            }
            let offset = record.offset;
            if header.is_control() {
                let marker = ControlRecord::parse(&record).map_err(|error| damaged(offset, error))?;
                self.decide(header.producer_id, marker.kind);
                continue;
            }
            let key = record.key.ok_or_else(|| damaged(offset, "a record has no key"))?;
            let record = Record::decode(key, record.value).map_err(|error| damaged(offset, error))?;
            if header.is_transactional() {
                self.undecided.entry(header.producer_id).or_default().push(record);
            } else {
                self.apply(&record);
            }
        }
        Ok(())
    }

    /// What a transaction has written holds from its end on, if at all.
    fn decide(&mut self, producer_id: i64, kind: ControlKind) {
        let written = match kind {
            ControlKind::Commit | ControlKind::Abort => self.undecided.remove(&producer_id),
            ControlKind::Other(_) => None,
        };
        if kind == ControlKind::Commit {
            written.iter().flatten().for_each(|record| self.apply(record));
        }
    }

    fn apply(&mut self, record: &Record) {
        self.records = self.records.saturating_add(1);
        if let Record::Other { kind, .. } = record {
            self.unknown = Some(*kind);
        }
        self.shard.replay(record);
    }
}

fn damaged(offset: i64, problem: impl ToString) -> ReplayError {
    ReplayError::Damaged { offset, problem: problem.to_string() }
}
