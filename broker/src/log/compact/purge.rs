//! Purging a key: every record of it goes, in a way that can be shown.
//!
//! The newest segment is ended, so that all that was written before lies in segments that take no more. Those that hold the
//! key are written anew without its records, by the same copy and the same swap as in a compaction: a power cut leaves each
//! as it was or as it shall be, and the purge can be repeated. Sequences, transactions and the offsets of other records are
//! as before ([`super::without`]). Then everything is looked through once more ([`super::proof`]).

use std::sync::Arc;

use parking_lot::MutexGuard;
use thalweg_proto::error::ErrorCode;
use thalweg_proto::record::{BatchBuilder, Compression};

use super::copy::Copy;
use super::search::{Held, OffsetRuns, look_through};
use super::without::Without;
use super::{Limits, swap};
use crate::log::error::{AppendError, LogError};
use crate::log::partition::Partition;
use crate::log::segment::Segment;
use crate::log::types::Origin;

/// A purge at work. Nothing else compacts the partition meanwhile.
pub struct Purge<'a> {
    pub(super) partition: &'a Partition,
    pub(super) key: &'a [u8],
    _compacting: MutexGuard<'a, ()>,
    /// Records below are purged.
    bound: i64,
    found: Vec<Found>,
    /// The one record of the key that is to stay.
    pub(super) tombstone: Option<i64>,
    purged: Vec<PurgedSegment>,
}

/// A segment that holds the key, and where it ends.
struct Found {
    segment: Arc<Segment>,
    end: i64,
    held: Held,
}

/// A segment that was written anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PurgedSegment {
    /// The first offset it was begun with: its name.
    pub base_offset: i64,
    /// The records that went.
    pub removed: OffsetRuns,
    /// Its bytes before.
    pub bytes_before: u64,
    /// Its bytes now; 0 if retention dropped it meanwhile.
    pub bytes_after: u64,
}

/// Why a purge ended early. What had been written anew by then stays so; repeating it does the rest.
#[derive(Debug, thiserror::Error)]
pub enum PurgeError {
    /// It was asked to stop.
    #[error("the purge was stopped before its end")]
    Stopped,
    /// A segment cannot be replaced before its indexes are on the disk.
    #[error("the segment {0} is not put away yet: is the disk full?")]
    NotPutAway(i64),
    /// The tombstone was refused.
    #[error("the tombstone cannot be written: {0}")]
    Tombstone(#[from] AppendError),
    /// Storage failed, or what lies there is damaged.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl PurgeError {
    /// The Kafka error that a client gets.
    pub fn code(&self) -> ErrorCode {
        match self {
            PurgeError::Stopped => ErrorCode::RequestTimedOut,
            PurgeError::Tombstone(error) => error.code,
            PurgeError::NotPutAway(_) | PurgeError::Log(_) => ErrorCode::KafkaStorageError,
        }
    }
}

impl Partition {
    /// Begins to purge a key; `None` while something else compacts or purges the partition.
    ///
    /// What is in the log when this returns will be purged: it is durable, and lies in segments that take no more.
    pub fn begin_purge<'a>(&'a self, key: &'a [u8], now_ms: i64) -> Result<Option<Purge<'a>>, LogError> {
        let Some(compacting) = self.compacting.try_lock() else { return Ok(None) };
        self.remove_unfinished()?;
        let bound = self.end_newest(now_ms)?;
        Ok(Some(Purge {
            partition: self,
            key,
            _compacting: compacting,
            bound,
            found: Vec::new(),
            tombstone: None,
            purged: Vec::new(),
        }))
    }
}

impl Purge<'_> {
    /// Bytes of the whole partition: what one look through it reads.
    pub fn bytes(&self) -> u64 {
        self.partition.size_bytes()
    }

    /// Bytes of the segments that hold the key.
    pub fn bytes_to_rewrite(&self) -> u64 {
        self.found.iter().map(|found| found.segment.size()).sum()
    }

    /// The segments that were written anew so far.
    pub fn purged(&self) -> &[PurgedSegment] {
        &self.purged
    }

    /// Looks for the key. Returns how many records it has.
    pub fn search(&mut self, limits: &Limits<'_>) -> Result<u64, PurgeError> {
        self.found.clear();
        let view = self.partition.view.load_full();
        for (segment, next) in view.segments.iter().zip(view.segments.iter().skip(1)) {
            if next.base_offset > self.bound {
                break;
            }
            let held = match look_through(self.partition, segment, segment.visible(), self.key, limits) {
                // What retention drops meanwhile is gone.
                Err(_) if !self.partition.is_there(segment) => continue,
                looked => looked?.ok_or(PurgeError::Stopped)?,
            };
            if !held.offsets.is_empty() {
                let segment = Arc::clone(segment);
                self.found.push(Found { segment, end: next.base_offset, held });
            }
        }
        Ok(self.found.iter().map(|found| found.held.offsets.count()).sum())
    }

    /// Lets one tombstone of the key be, so that those who read on learn of the deletion: its newest record, if that is one;
    /// else one that is appended now. Its offset, once it is durable; `None` where the key was not found.
    pub fn tell_readers(&mut self, now_ms: i64) -> Result<Option<i64>, PurgeError> {
        self.tombstone = match self.found.last().and_then(|found| found.held.last) {
            None => None,
            Some((offset, true)) => Some(offset),
            Some((_, false)) => {
                let mut builder = BatchBuilder::new(Compression::None);
                let built = builder.append(now_ms, Some(self.key), None, []).and_then(|()| builder.build());
                let batch = built.map_err(|_| AppendError::plain(ErrorCode::InvalidRecord))?;
                let appended = self.partition.append(batch, Origin::Client, now_ms)?;
                self.partition.force_flush()?;
                Some(appended.base_offset)
            }
        };
        Ok(self.tombstone)
    }

    /// Writes the segments that hold the key anew, without it.
    pub fn rewrite(&mut self, limits: &Limits<'_>) -> Result<(), PurgeError> {
        for found in std::mem::take(&mut self.found) {
            let mut removed = OffsetRuns::default();
            removed.push_all_but(self.tombstone, &found.held.offsets);
            if !removed.is_empty() {
                let (base_offset, bytes_before) = (found.segment.base_offset, found.segment.size());
                let bytes_after = self.rewrite_one(found, limits)?;
                self.purged.push(PurgedSegment { base_offset, removed, bytes_before, bytes_after });
            }
        }
        Ok(())
    }

    /// Writes one segment anew, and returns its size.
    fn rewrite_one(&mut self, found: Found, limits: &Limits<'_>) -> Result<u64, PurgeError> {
        let Found { segment, end, held } = found;
        let (base_offset, group) = (segment.base_offset, [(segment, end)]);
        let [(segment, _)] = &group;
        let sieve = Without {
            key: self.key,
            spared: self.tombstone,
            last_batch: held.last_batch,
            aborted: segment.aborted(self.partition.shared.disk())?,
        };
        let replaced =
            Copy::new(self.partition, limits, sieve).group(&group).and_then(|cleaned| match cleaned {
                Some(cleaned) => {
                    let size = cleaned.size;
                    Ok(Some((size, swap::put_in_place(self.partition, &group, cleaned)?)))
                }
                None => Ok(None),
            });
        let [(segment, _)] = group;
        match replaced {
            Ok(Some((size, true))) => Ok(size),
            Ok(None) => Err(PurgeError::Stopped),
            _ if !self.partition.is_there(&segment) => Ok(0),
            Ok(Some((_, false))) => Err(PurgeError::NotPutAway(base_offset)),
            Err(error) => Err(error.into()),
        }
    }

    /// How many segments that were replaced or dropped, by this purge or before, somebody still reads. The files of all others
    /// are deleted now: they may hold the key, too.
    pub fn still_read(&mut self) -> Result<usize, LogError> {
        let shared = &self.partition.shared;
        shared.retired.finish_off(shared, &self.partition.dir)
    }
}
