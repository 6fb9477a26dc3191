//! The log of the metadata machine: its records as batches of `__cluster_metadata-0`.

use std::sync::Arc;

use bytes::Bytes;
use thalweg_config::{CleanupPolicy, FlushMode, TopicSettings};
use thalweg_proto::record::build::BatchBuilder;
use thalweg_proto::record::compress::Compression;
use thalweg_proto::record::view::Batches;
use uuid::Uuid;

use super::EngineError;
use crate::coordinator::metadata::{LOG_TOPIC, Record, Replay, State};
use crate::log::{self, Isolation, Origin};

/// The id that Kafka reserves for the topic of this name.
const LOG_TOPIC_ID: Uuid = Uuid::from_u128(1);

/// Where a batch is closed: well below the size that a partition takes.
const BATCH_BYTES: usize = 256 * 1024;

/// How much of the log is read at a time.
const READ_BYTES: usize = 1024 * 1024;

/// Small segments, so that those before a snapshot can go soon.
const SEGMENT_BYTES: u32 = 8 * 1024 * 1024;

/// A snapshot is due when the log holds this many records more than twice those of a snapshot.
const SLACK: usize = 10_000;

/// Why records could not be committed.
#[derive(Debug, thiserror::Error)]
pub(super) enum CommitError {
    /// Nothing was written: the disk is full, for instance. What was asked for can be asked for again.
    #[error(transparent)]
    Refused(EngineError),
    /// Nobody knows what is on the disk. The log is not to be used until it has been recovered.
    #[error(transparent)]
    Failed(EngineError),
}

impl From<CommitError> for EngineError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Refused(error) | CommitError::Failed(error) => error,
        }
    }
}

pub(super) struct MetadataLog {
    partition: Arc<log::Partition>,
    records: usize,
}

impl MetadataLog {
    /// Opens the log and rebuilds the state from it.
    pub(super) fn open(logs: &log::Manager, now_ms: i64) -> Result<(Self, State), EngineError> {
        // Nothing here follows the defaults of topics: a small `message.max.bytes` would stop the machine.
        let settings = TopicSettings {
            cleanup_policy: CleanupPolicy { compact: false, delete: false },
            flush_mode: FlushMode::Sync,
            segment_bytes: SEGMENT_BYTES,
            max_message_bytes: SEGMENT_BYTES,
            ..TopicSettings::default()
        };
        let name = log::TopicPartition::new(LOG_TOPIC, 0);
        let partition = logs.open_partition(name, LOG_TOPIC_ID, Arc::new(settings))?;
        let replay = replay(&partition)?;
        let (records, is_cut_off) = (replay.records(), replay.is_cut_off());
        let state = replay.finish();
        let mut log = Self { partition, records };
        if is_cut_off {
            log.write_snapshot(&state, now_ms)?;
        }
        Ok((log, state))
    }

    /// Whether nothing was ever written.
    pub(super) fn is_new(&self) -> bool {
        self.partition.offsets().log_end == 0
    }

    /// The state as the log has it, where what was made of it in memory cannot be trusted any more.
    pub(super) fn reread(&self) -> Result<State, EngineError> {
        replay(&self.partition).map(Replay::finish)
    }

    /// Writes records and returns when they are durable.
    pub(super) fn commit(&mut self, records: &[Record], now_ms: i64) -> Result<(), CommitError> {
        let before = self.partition.offsets().log_end;
        for batch in batches(records, now_ms).map_err(CommitError::Refused)? {
            self.partition.append(batch, Origin::Internal, now_ms).map_err(|error| {
                match self.partition.is_online() && self.partition.offsets().log_end == before {
                    true => CommitError::Refused(error.into()),
                    false => CommitError::Failed(error.into()),
                }
            })?;
        }
        self.partition.flush().map_err(|error| CommitError::Failed(error.into()))?;
        self.records = self.records.saturating_add(records.len());
        Ok(())
    }

    /// Writes a snapshot and drops what lies before it, if that is worth while.
    pub(super) fn trim(&mut self, state: &State, now_ms: i64) -> Result<(), CommitError> {
        let resources = state.all_configs().values().map(|configs| configs.len()).sum::<usize>();
        let needed = state.topics().len().saturating_add(resources).saturating_mul(2);
        match self.records > needed.saturating_add(SLACK) {
            true => self.write_snapshot(state, now_ms),
            false => Ok(()),
        }
    }

    fn write_snapshot(&mut self, state: &State, now_ms: i64) -> Result<(), CommitError> {
        let start = self.partition.offsets().log_end;
        let snapshot = state.snapshot();
        self.commit(&snapshot, now_ms)?;
        // The snapshot is whole: what lies before it may as well stay.
        let refused = |error: EngineError| CommitError::Refused(error);
        self.partition.delete_records_before(start).map_err(|error| refused(error.into()))?;
        self.partition.retain(now_ms).map_err(|error| refused(error.into()))?;
        self.records = snapshot.len();
        Ok(())
    }
}

fn replay(partition: &log::Partition) -> Result<Replay, EngineError> {
    let mut replay = Replay::default();
    let mut offset = partition.offsets().log_start;
    while offset < partition.offsets().high_watermark {
        let fetched = partition.read(offset, READ_BYTES, true, Isolation::ReadUncommitted)?;
        let before = offset;
        for slice in fetched.slices {
            for batch in Batches::new(slice) {
                let batch = batch.map_err(EngineError::corrupt_metadata)?;
                replay_batch(&mut replay, &batch, offset)?;
                offset = batch.header().next_offset();
            }
        }
        if offset <= before {
            return Err(EngineError::corrupt_metadata("the log does not go on"));
        }
    }
    Ok(replay)
}

/// Replays the records of a batch from an offset on: a snapshot may begin inside one.
fn replay_batch(
    replay: &mut Replay,
    batch: &thalweg_proto::record::view::Batch,
    from: i64,
) -> Result<(), EngineError> {
    let base = batch.header().base_offset;
    let records = batch.records(READ_BYTES).map_err(EngineError::corrupt_metadata)?;
    for record in records.iter() {
        let record = record.map_err(EngineError::corrupt_metadata)?;
        if base.saturating_add(i64::from(record.offset_delta)) < from {
            continue;
        }
        let value = record.value.unwrap_or_default();
        replay.apply(&Record::decode(value).map_err(EngineError::corrupt_metadata)?);
    }
    Ok(())
}

fn batches(records: &[Record], now_ms: i64) -> Result<Vec<Bytes>, EngineError> {
    let mut closed = Vec::new();
    let mut open = BatchBuilder::new(Compression::None);
    for record in records {
        open.append(now_ms, None, Some(&record.encode()), []).map_err(EngineError::corrupt_metadata)?;
        if open.uncompressed_bytes() >= BATCH_BYTES {
            closed.push(open.build().map_err(EngineError::corrupt_metadata)?);
            open = BatchBuilder::new(Compression::None);
        }
    }
    if !open.is_empty() {
        closed.push(open.build().map_err(EngineError::corrupt_metadata)?);
    }
    Ok(closed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::sim::Sim;

    /// What follows half a snapshot would be taken for a part of it: the log must not be written on.
    #[test]
    fn half_a_snapshot_is_a_failure_and_none_is_a_refusal() {
        let sim = Sim::new(3);
        let options = log::Options { dir: "/data".into(), node_id: 1, cluster_id: None };
        let logs = log::Manager::open(sim.world(), &options).unwrap();
        let (mut log, mut state) = MetadataLog::open(&logs, 0).unwrap();
        for number in 0..4_000_u128 {
            let (id, name) = (Uuid::from_u128(number + 10), format!("{number:0200}"));
            state.apply(&Record::TopicCreated { id, name, partitions: 1, configs: Default::default() });
        }
        let room = |bytes: u64| sim.disk.set_capacity(sim.disk.used() + bytes);
        room(0);
        assert!(matches!(log.write_snapshot(&state, 0), Err(CommitError::Refused(_))));
        room(500_000);
        assert!(matches!(log.write_snapshot(&state, 0), Err(CommitError::Failed(_))));
    }
}
