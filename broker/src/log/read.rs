//! Reading batches, without copies and without waiting for the writer.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::aborted::AbortedEntry;
use super::error::{LogError, ReadError};
use super::partition::Partition;
use super::segment::Segment;
use super::types::{Fetched, Isolation, Offsets};
use super::walk::Walk;

/// Where a read may end that has no room for all.
#[derive(Clone, Copy)]
enum Cut {
    BetweenBatches,
    Anywhere,
}

/// What bounds the bytes taken of a segment.
struct Within {
    bound: i64,
    room: u64,
    least_one: bool,
    cut: Cut,
    /// Nothing behind the bound may be told. Otherwise what became durable since it was looked up may come along.
    exact: bool,
}

impl Partition {
    /// Reads whole batches from the one that holds `offset` on, up to `max_bytes`; with `minimum_one` at least the first,
    /// however large. Nothing beyond what `isolation` allows is read; at that bound the result is empty.
    pub fn read(
        &self,
        offset: i64,
        max_bytes: usize,
        minimum_one: bool,
        isolation: Isolation,
    ) -> Result<Fetched, ReadError> {
        self.read_cut(offset, max_bytes, minimum_one, isolation, Cut::BetweenBatches)
    }

    /// The same, but the last batch may be cut off where `max_bytes` are full, as Kafka answers a fetch: nobody has to
    /// look for the batch's beginning, and clients drop what is not whole.
    pub fn read_bytes(
        &self,
        offset: i64,
        max_bytes: usize,
        minimum_one: bool,
        isolation: Isolation,
    ) -> Result<Fetched, ReadError> {
        self.read_cut(offset, max_bytes, minimum_one, isolation, Cut::Anywhere)
    }

    fn read_cut(
        &self,
        offset: i64,
        max_bytes: usize,
        minimum_one: bool,
        isolation: Isolation,
        cut: Cut,
    ) -> Result<Fetched, ReadError> {
        let mut view = self.view.load_full();
        let offsets = self.offsets();
        if view.segments.is_empty() {
            // The first segment of all may have come in between, and its records are in the offsets.
            view = self.view.load_full();
        }
        let Offsets { log_start, log_end, .. } = offsets;
        if offset < log_start || offset > log_end {
            return Err(ReadError::OutOfRange { offset, log_start, log_end });
        }
        self.used.store(true, Ordering::Relaxed);
        let bound = bound_of(&offsets, isolation);
        let mut fetched = Fetched { offsets, ..Fetched::default() };
        if offset >= bound {
            return Ok(fetched);
        }
        if view.segments.is_empty() {
            return Err(LogError::Poisoned(self.id.to_string()).into());
        }
        let mut end_offset = bound;
        for segment in view.from(offset) {
            let room = (max_bytes as u64).saturating_sub(fetched.bytes as u64);
            let least_one = minimum_one && fetched.bytes == 0;
            if segment.base_offset >= bound || (room == 0 && !least_one) {
                end_offset = segment.base_offset.min(bound);
                break;
            }
            let from = if fetched.bytes == 0 { offset } else { segment.base_offset };
            let exact = isolation == Isolation::ReadCommitted;
            let within = Within { bound, room, least_one, cut, exact };
            let taken = self.part_of(segment, from, &within).and_then(|part| {
                let slice = |(start, end)| segment.slice(self.shared.disk(), start, end);
                Ok((part.cut, part.range.map(slice).transpose()?))
            });
            let (is_cut, bytes) = match taken {
                Ok(taken) => taken,
                // What lies before damage is as good as ever.
                Err(_) if fetched.bytes > 0 => (true, None),
                Err(error) => return Err(self.unread(offset, error)),
            };
            let Some(bytes) = bytes else {
                if is_cut {
                    end_offset = segment.base_offset.min(bound);
                    break;
                }
                continue;
            };
            fetched.bytes = fetched.bytes.saturating_add(bytes.len());
            fetched.slices.push(bytes);
            if is_cut {
                break;
            }
        }
        if isolation == Isolation::ReadCommitted {
            let aborted = self.aborted_between(offset, end_offset)?.into_iter();
            fetched.aborted = aborted.map(AbortedEntry::into_transaction).collect();
        }
        Ok(fetched)
    }

    /// Why a read failed: a segment that went away meanwhile is no failure of the disk.
    fn unread(&self, offset: i64, error: LogError) -> ReadError {
        let Offsets { log_start, log_end, .. } = self.offsets();
        if offset < log_start {
            return ReadError::OutOfRange { offset, log_start, log_end };
        }
        error.into()
    }

    /// The range of a segment's bytes that a read takes.
    fn part_of(&self, segment: &Segment, from: i64, within: &Within) -> Result<Part, LogError> {
        let Within { bound, room, least_one, cut, exact } = *within;
        let disk = self.shared.disk();
        let mut end = segment.visible();
        let Some((start, first)) = segment.find(disk, from, end)? else { return Ok(Part::NOTHING) };
        if first.base_offset >= bound {
            return Ok(Part { range: None, cut: true });
        }
        if exact && let Some((stop, _)) = segment.find(disk, bound, end)? {
            end = stop;
        }
        if end.saturating_sub(start) <= room {
            return Ok(Part { range: Some((start, end)), cut: false });
        }
        let whole = start.saturating_add(first.size_in_bytes() as u64);
        if whole.saturating_sub(start) > room {
            return Ok(Part { range: least_one.then_some((start, whole)), cut: true });
        }
        let full = start.saturating_add(room);
        let stop = match cut {
            Cut::Anywhere => full,
            Cut::BetweenBatches => last_whole(segment, self.shared.disk(), start, full, end)?,
        };
        Ok(Part { range: Some((start, stop)), cut: true })
    }

    /// About how many bytes a read from one offset to the other would give: exact but for the index's coarseness.
    /// For deciding whether a waiting fetch has its `min_bytes`.
    pub fn bytes_between(&self, from_offset: i64, to_offset: i64) -> u64 {
        let view = self.view.load();
        let mut bytes: u64 = 0;
        for segment in view.from(from_offset) {
            if segment.base_offset >= to_offset {
                break;
            }
            let begins = segment.base_offset >= from_offset;
            let place =
                |offset: i64| segment.find(self.shared.disk(), offset, segment.visible()).ok().flatten();
            let start = if begins { Some(0) } else { place(from_offset).map(|(position, _)| position) };
            let end = place(to_offset).map_or(segment.visible(), |(position, _)| position);
            bytes = bytes.saturating_add(start.map_or(0, |start| end.saturating_sub(start)));
        }
        bytes
    }

    /// The aborted transactions with records in first..end, from the segments of their markers.
    pub(super) fn aborted_between(&self, first: i64, end: i64) -> Result<Vec<AbortedEntry>, LogError> {
        let view = self.view.load_full();
        let mut found = Vec::new();
        let newest = view.active().map(|active| active.base_offset);
        for segment in view.from(first) {
            if Some(segment.base_offset) == newest {
                found.extend(self.writer.lock().aborted.iter().copied());
            }
            found.extend(segment.aborted(self.shared.disk())?);
        }
        found.retain(|entry| entry.overlaps(first, end));
        found.sort_by_key(|entry| entry.last_offset);
        found.dedup();
        Ok(found)
    }

    /// The segments at this moment.
    pub(super) fn segments(&self) -> Vec<Arc<Segment>> {
        self.view.load().segments.clone()
    }
}

/// What one segment gives to a read.
struct Part {
    range: Option<(u64, u64)>,
    /// The read ends here.
    cut: bool,
}

impl Part {
    const NOTHING: Part = Part { range: None, cut: false };
}

/// The first offset that a reader may not see.
pub(super) fn bound_of(offsets: &Offsets, isolation: Isolation) -> i64 {
    match isolation {
        Isolation::ReadUncommitted => offsets.high_watermark,
        Isolation::ReadCommitted => offsets.last_stable,
    }
}

/// The end of the last batch that ends at or before `limit`, beginning from a batch at `start` that does.
fn last_whole(
    segment: &Segment,
    disk: &dyn crate::world::Disk,
    start: u64,
    limit: u64,
    end: u64,
) -> Result<u64, LogError> {
    let near = segment.with_indexes(disk, |indexes| indexes.last_position_up_to(limit))?;
    let mut stop = near.max(start);
    let mut walk = Walk::new(segment, disk, stop, end)?;
    while let Some((position, header)) = walk.step()? {
        let next = position.saturating_add(header.size_in_bytes() as u64);
        if next > limit {
            break;
        }
        stop = next;
    }
    Ok(stop)
}
