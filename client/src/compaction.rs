//! Compaction on demand, and the purge of a key.

use std::time::Duration;

use bytes::Bytes;
use thalweg_proto::grpc::v1;

use crate::admin::Admin;
use crate::error::Error;

/// How compaction stands in a partition. What is counted is counted since the broker was started, and so is the last run.
#[derive(Debug, Clone, PartialEq)]
pub struct CompactionState {
    /// The part of the bytes that can be compacted and have not been: 0 to 1.
    pub dirty_ratio: f64,
    /// The compaction debt: bytes that can be compacted and have not been.
    pub debt_bytes: i64,
    /// Bytes that have been compacted.
    pub clean_bytes: i64,
    /// A record has waited for longer than `max.compaction.lag.ms`.
    pub overdue: bool,
    /// Below this offset every key has been considered.
    pub compacted_to: i64,
    /// Compactions that were done since the start.
    pub runs: i64,
    /// Compactions that failed since the start.
    pub failures: i64,
    /// Bytes that compactions and purges have removed since the start.
    pub bytes_removed: i64,
    /// Records that compactions and purges have removed since the start.
    pub records_removed: i64,
    /// The last compaction; `None` if there was none since the start.
    pub last_run: Option<CompactionRun>,
}

/// What became of a compaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CompactionOutcome {
    /// It was done.
    Done,
    /// There was nothing to compact.
    Nothing,
    /// It goes on: nobody wanted to wait.
    Started,
    /// It failed. Segments that had been written anew by then stay so, all others are as they were.
    Failed(Error),
}

/// One compaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompactionRun {
    /// When it began, in milliseconds since the epoch.
    pub started_ms: i64,
    /// How long it took.
    pub took: Duration,
    /// What became of it.
    pub outcome: CompactionOutcome,
    /// Below this offset every key has been considered.
    pub compacted_to: i64,
    /// Bytes of the segments that were gone over.
    pub bytes_before: i64,
    /// Bytes of the segments that took their place.
    pub bytes_after: i64,
    /// Records read.
    pub records_before: i64,
    /// Records that stayed.
    pub records_after: i64,
}

/// A partition that was asked to be compacted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompactedPartition {
    /// The partition.
    pub partition: i32,
    /// What was done.
    pub run: CompactionRun,
    /// The offset behind the last record, when it began. What lies between [`CompactionRun::compacted_to`] and this cannot be
    /// compacted yet.
    pub end_offset: i64,
}

/// How far a long work is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkProgress {
    /// The partition.
    pub partition: i32,
    /// What is being done, for people.
    pub phase: String,
    /// Bytes read and written so far.
    pub bytes_done: i64,
    /// About how many bytes it will be.
    pub bytes_total: i64,
}

/// A segment that a purge wrote anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurgedSegment {
    /// The first offset that the segment was begun with: its name.
    pub base_offset: i64,
    /// The records that went: first and last offset of each run.
    pub removed: Vec<(i64, i64)>,
    /// Its bytes before.
    pub bytes_before: i64,
    /// Its bytes now; 0 if retention dropped it meanwhile.
    pub bytes_after: i64,
}

/// What was looked through after a purge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurgeProof {
    /// Segments, the newest included.
    pub segments: i64,
    /// Records in them.
    pub records: i64,
    /// Their bytes.
    pub bytes: i64,
    /// Every record below this offset was looked at.
    pub up_to_offset: i64,
    /// Records of the key that are there, as runs of offsets: they came while the purge was at work.
    pub remaining: Vec<(i64, i64)>,
    /// Files of the partition that may hold records and belong to no segment.
    pub strange_files: Vec<String>,
    /// Replaced segments that somebody still reads: their bytes leave the disk when the last reader goes.
    pub files_still_read: i32,
    /// Whether nothing of the key is left, but for the tombstone that was asked for.
    pub complete: bool,
}

/// What a purge did in a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurgedPartition {
    /// The partition.
    pub partition: i32,
    /// Records of the key that were there.
    pub records_found: i64,
    /// Records that went.
    pub records_removed: i64,
    /// Segments that were written anew.
    pub segments: Vec<PurgedSegment>,
    /// The tombstone that was asked for: the only record of the key that is left.
    pub tombstone_offset: Option<i64>,
    /// What was looked through; or why the purge is not done. What is told of segments holds all the same, and repeating the
    /// purge does the rest.
    pub proof: Result<PurgeProof, Error>,
}

impl PurgedPartition {
    /// Whether nothing of the key is left, but for the tombstone that was asked for.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.proof.as_ref().is_ok_and(|proof| proof.complete)
    }
}

/// A key to be purged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purge {
    /// The topic.
    pub topic: String,
    /// The key.
    pub key: Bytes,
    /// The partitions; none for all.
    pub partitions: Vec<i32>,
    /// Keep one tombstone, so that those who read on learn of the deletion; for compacted topics only.
    pub tombstone: bool,
    /// Change nothing, and tell what would be done.
    pub dry_run: bool,
}

impl Purge {
    /// A key to be purged from all partitions of a topic, without a trace.
    #[must_use]
    pub fn new(topic: impl Into<String>, key: impl Into<Bytes>) -> Self {
        let partitions = Vec::new();
        Self { topic: topic.into(), key: key.into(), partitions, tombstone: false, dry_run: false }
    }

    /// Only in these partitions.
    #[must_use]
    pub fn partitions(mut self, partitions: impl Into<Vec<i32>>) -> Self {
        self.partitions = partitions.into();
        self
    }

    /// Keeps one tombstone, so that those who read on learn of the deletion; for compacted topics only.
    #[must_use]
    pub fn tombstone(mut self) -> Self {
        self.tombstone = true;
        self
    }

    /// Changes nothing, and tells what would be done: the segments and their records that would go are told as if they had,
    /// and the proof is of what is there now.
    #[must_use]
    pub fn dry_run(mut self) -> Self {
        self.dry_run = true;
        self
    }
}

impl Admin {
    /// Compacts partitions of a topic now, all of them if none is named, however little is dirty. With `wait` it returns when
    /// they are done, and `progress` is told meanwhile; dropping the future ends the waiting, not the compaction.
    ///
    /// # Errors
    /// The broker's refusal: there is no such topic or partition, or the topic is not compacted. That one partition could not
    /// be compacted is its [`CompactionOutcome::Failed`].
    pub async fn compact(
        &self,
        topic: &str,
        partitions: &[i32],
        wait: bool,
        mut progress: impl FnMut(WorkProgress),
    ) -> Result<Vec<CompactedPartition>, Error> {
        use v1::compact_topic_response::Event;
        let request =
            v1::CompactTopicRequest { name: topic.to_owned(), partitions: partitions.to_vec(), wait };
        let mut events = self.client.topic_service().compact_topic(request).await?.into_inner();
        let mut done = Vec::new();
        while let Some(event) = events.message().await? {
            match event.event {
                Some(Event::Progress(told)) => progress(told.into()),
                Some(Event::Partition(partition)) => done.push(partition.into()),
                None => {}
            }
        }
        Ok(done)
    }

    /// Removes every record of a key from a topic, and has the broker look through all segments afterwards. `progress` is told
    /// how far it is. Dropping the future stops the purge; repeating it does the rest.
    ///
    /// # Errors
    /// The broker's refusal: there is no such topic or partition, or keys of it cannot be purged. What one partition failed
    /// for is in its [`PurgedPartition::proof`].
    pub async fn purge_key(
        &self,
        purge: Purge,
        mut progress: impl FnMut(WorkProgress),
    ) -> Result<Vec<PurgedPartition>, Error> {
        use v1::purge_key_response::Event;
        let Purge { topic, key, partitions, tombstone, dry_run } = purge;
        let request = v1::PurgeKeyRequest { name: topic, key, partitions, tombstone, dry_run };
        let mut events = self.client.topic_service().purge_key(request).await?.into_inner();
        let (mut done, mut segments): (Vec<PurgedPartition>, Vec<PurgedSegment>) = Default::default();
        while let Some(event) = events.message().await? {
            match event.event {
                Some(Event::Progress(told)) => progress(told.into()),
                Some(Event::Segment(part)) => match segments.last_mut() {
                    Some(last) if last.base_offset == part.base_offset => {
                        last.removed.extend(runs(part.removed))
                    }
                    _ => segments.push(part.into()),
                },
                Some(Event::Partition(partition)) => {
                    done.push(purged(partition, std::mem::take(&mut segments))?);
                }
                None => {}
            }
        }
        Ok(done)
    }
}

fn runs(runs: Vec<v1::OffsetRun>) -> Vec<(i64, i64)> {
    runs.into_iter().map(|run| (run.first, run.last)).collect()
}

fn purged(partition: v1::PurgedPartition, segments: Vec<PurgedSegment>) -> Result<PurgedPartition, Error> {
    let proof = match (partition.problem, partition.proof) {
        (Some(problem), _) => Err(Error::from_problem(problem)),
        (None, Some(proof)) => Ok(proof.into()),
        (None, None) => return Err(Error::Protocol("a purge without proof and without problem")),
    };
    Ok(PurgedPartition {
        partition: partition.partition,
        records_found: partition.records_found,
        records_removed: partition.records_removed,
        segments,
        tombstone_offset: partition.tombstone_offset,
        proof,
    })
}

impl From<v1::WorkProgress> for WorkProgress {
    fn from(told: v1::WorkProgress) -> Self {
        let v1::WorkProgress { partition, phase, bytes_done, bytes_total } = told;
        Self { partition, phase, bytes_done, bytes_total }
    }
}

impl From<v1::PurgedSegment> for PurgedSegment {
    fn from(segment: v1::PurgedSegment) -> Self {
        let v1::PurgedSegment { base_offset, removed, bytes_before, bytes_after, .. } = segment;
        Self { base_offset, removed: runs(removed), bytes_before, bytes_after }
    }
}

impl From<v1::PurgeProof> for PurgeProof {
    fn from(proof: v1::PurgeProof) -> Self {
        Self {
            segments: proof.segments,
            records: proof.records,
            bytes: proof.bytes,
            up_to_offset: proof.up_to_offset,
            remaining: runs(proof.remaining),
            strange_files: proof.strange_files,
            files_still_read: proof.files_still_read,
            complete: proof.complete,
        }
    }
}

impl From<v1::CompactedPartition> for CompactedPartition {
    fn from(done: v1::CompactedPartition) -> Self {
        let v1::CompactedPartition { partition, run, end_offset } = done;
        Self { partition, run: run.unwrap_or_default().into(), end_offset }
    }
}

impl From<v1::CompactionRun> for CompactionRun {
    fn from(run: v1::CompactionRun) -> Self {
        let outcome = match (run.outcome(), run.problem) {
            (_, Some(problem)) => CompactionOutcome::Failed(Error::from_problem(problem)),
            (v1::CompactionOutcome::Done, None) => CompactionOutcome::Done,
            (v1::CompactionOutcome::Started, None) => CompactionOutcome::Started,
            _ => CompactionOutcome::Nothing,
        };
        Self {
            started_ms: run.started_ms,
            took: Duration::from_millis(u64::try_from(run.duration_ms).unwrap_or(0)),
            outcome,
            compacted_to: run.compacted_to,
            bytes_before: run.bytes_before,
            bytes_after: run.bytes_after,
            records_before: run.records_before,
            records_after: run.records_after,
        }
    }
}

impl From<v1::CompactionState> for CompactionState {
    fn from(state: v1::CompactionState) -> Self {
        Self {
            dirty_ratio: state.dirty_ratio,
            debt_bytes: state.debt_bytes,
            clean_bytes: state.clean_bytes,
            overdue: state.overdue,
            compacted_to: state.compacted_to,
            runs: state.runs,
            failures: state.failures,
            bytes_removed: state.bytes_removed,
            records_removed: state.records_removed,
            last_run: state.last_run.map(CompactionRun::from),
        }
    }
}
