//! Everything that there is looked through for a key: before a purge, to tell what it would do, and after it, as its proof.

use std::sync::Arc;

use super::Limits;
use super::proof::Proof;
use super::purge::{PurgeError, PurgedSegment};
use super::search::{Held, look_through};
use crate::log::partition::Partition;
use crate::log::segment::Segment;

/// A segment that was looked through.
pub(super) struct Looked {
    segment: Arc<Segment>,
    pub(super) held: Held,
}

/// What a purge of a key would do if it began now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// The segments that it would write anew, with the records that would go. Their bytes are those of now, before and after.
    pub segments: Vec<PurgedSegment>,
    /// The tombstone that would stay, where one was asked for and there is one.
    pub tombstone: Option<i64>,
    /// What was looked through. All records of the key are left.
    pub proof: Proof,
}

impl Partition {
    /// Tells what a purge of a key would do, and changes nothing; `None` while something else compacts or purges the partition.
    /// With `tombstone` one of the key's is to stay.
    pub fn survey_purge(
        &self,
        key: &[u8],
        tombstone: bool,
        limits: &Limits<'_>,
    ) -> Result<Option<Survey>, PurgeError> {
        let Some(_compacting) = self.compacting.try_lock() else { return Ok(None) };
        let (up_to, looked) = self.look_everywhere(key, limits)?;
        let last = looked.iter().rev().find_map(|looked| looked.held.last).filter(|_| tombstone);
        let mut survey = Survey { proof: Proof::of(up_to, &looked, None), ..Survey::default() };
        survey.tombstone = last.filter(|(_, is_tombstone)| *is_tombstone).map(|(offset, _)| offset);
        for Looked { segment, held } in &looked {
            let mut would_go = PurgedSegment {
                base_offset: segment.base_offset,
                bytes_before: held.bytes,
                bytes_after: held.bytes,
                ..PurgedSegment::default()
            };
            would_go.removed.push_all_but(survey.tombstone, &held.offsets);
            if !would_go.removed.is_empty() {
                survey.segments.push(would_go);
            }
        }
        Ok(Some(survey))
    }

    /// Looks through every segment, the newest and what of it nobody can see yet included. Everything below the offset that is
    /// returned has been looked at. The caller holds `compacting`.
    pub(super) fn look_everywhere(
        &self,
        key: &[u8],
        limits: &Limits<'_>,
    ) -> Result<(i64, Vec<Looked>), PurgeError> {
        let (up_to, view, newest_size) = {
            // Together: a batch that comes later is behind what is looked at.
            let _writer = self.writer.lock();
            let view = self.view.load_full();
            let newest_size = view.active().map_or(0, |active| active.size());
            (self.published.log_end(), view, newest_size)
        };
        let mut looked = Vec::new();
        for (place, segment) in view.segments.iter().enumerate() {
            let is_newest = place.saturating_add(1) == view.segments.len();
            let size = if is_newest { newest_size } else { segment.size() };
            let held = match look_through(self, segment, size, key, limits) {
                // What retention drops meanwhile is gone.
                Err(_) if !self.is_there(segment) => continue,
                looked => looked?.ok_or(PurgeError::Stopped)?,
            };
            looked.push(Looked { segment: Arc::clone(segment), held });
        }
        Ok((up_to, looked))
    }

    /// Whether a segment is one of the partition's, as it is now.
    pub(super) fn is_there(&self, segment: &Arc<Segment>) -> bool {
        let online = !self.is_out_of_service();
        online && self.view.load().segments.iter().any(|known| Arc::ptr_eq(known, segment))
    }
}
