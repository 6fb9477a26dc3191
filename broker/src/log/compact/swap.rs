//! Putting a compacted segment in the place of those that it was made of, so that a crash leaves one or the other.
//!
//! The new segment is durable under a name of its own. Renaming it to `.log.swap`, durably, is the decision; what follows
//! can be done again at the next start ([`finish_swaps`]): the old files give up their names, the new one gets its own. Readers
//! that began before go on in the old segments, whose files stay until the last of them is done.

use std::path::Path;
use std::sync::Arc;

use thalweg_proto::record::BatchHeader;
use thalweg_proto::record::batch::HEADER_BYTES;

use super::copy::Cleaned;
use crate::log::error::LogError;
use crate::log::names::{self, CLEANED_SUFFIX, FileKind, SWAP_SUFFIX, with_suffix};
use crate::log::partition::Partition;
use crate::log::roll::write_aborted;
use crate::log::segment::{Role, Segment};
use crate::log::view::View;
use crate::world::Disk;
use crate::world::disk::{Access, Entry};

/// The files of a segment that are those of its batches.
const OF_BATCHES: [FileKind; 4] =
    [FileKind::Log, FileKind::OffsetIndex, FileKind::TimeIndex, FileKind::TransactionIndex];

/// Puts a new segment in place; false, and nothing changed, if the old ones are not there any more, or not to be touched.
pub(super) fn put_in_place(
    partition: &Partition,
    group: &[(Arc<Segment>, i64)],
    cleaned: Cleaned,
) -> Result<bool, LogError> {
    let path = cleaned.path.clone();
    let done = partition.lower_horizon(cleaned.horizon).and_then(|()| replace(partition, group, cleaned));
    if !matches!(done, Ok(true)) {
        partition.give_up(&path);
    }
    done
}

fn replace(partition: &Partition, group: &[(Arc<Segment>, i64)], cleaned: Cleaned) -> Result<bool, LogError> {
    let _upkeep = partition.upkeep.lock();
    let _flushing = partition.flushing.lock();
    let disk = partition.shared.disk();
    let Some((first, _)) = group.first() else { return Ok(false) };
    if partition.is_out_of_service() || !may_replace(partition, group) {
        return Ok(false);
    }
    // Recovery takes a gap below the durable mark for what compaction left, and one above it for a torn tail. A mark is
    // written without a sync; here it must not be lost.
    partition.shared.marks.sync().map_err(LogError::io(&partition.shared.dir.join(names::MARKS)))?;
    let swap = with_suffix(&first.path(FileKind::Log), SWAP_SUFFIX);
    disk.rename(&cleaned.path, &swap).map_err(LogError::io(&swap))?;
    let replaced = || -> Result<(), LogError> {
        disk.sync_dir(&partition.dir).map_err(LogError::io(&partition.dir))?;
        let delay_ms = partition.settings.load().file_delete_delay_ms;
        for (place, (old, _)) in group.iter().enumerate() {
            // What was known of the producers where the new segment begins holds for it, too.
            let kinds: &[FileKind] = if place == 0 { &OF_BATCHES } else { &FileKind::ALL };
            partition.shared.retired.add(&partition.shared, old, kinds, delay_ms)?;
        }
        give_name(disk, &partition.dir, &swap, first.base_offset)
    };
    // Half-way through, the files are not what the segments in memory believe.
    replaced().inspect_err(|error| partition.poison(error))?;
    let segment = Arc::new(Segment::new(&partition.dir, first.base_offset, cleaned.size, Role::Sealed));
    segment.ages.set_largest(cleaned.indexes.largest.map_or(-1, |largest| largest.timestamp));
    segment.ages.set_horizon(cleaned.horizon);
    group.iter().for_each(|(old, _)| segment.ages.touch(old.ages.age_from(-1)));
    *segment.indexes.write() = Some(cleaned.indexes);
    let written =
        segment.write_indexes(disk, true).and_then(|()| write_aborted(disk, &segment, &cleaned.aborted));
    if let Err(error) = written {
        // They are made again from the segment when they are needed.
        tracing::warn!(partition = %partition.id, %error, "cannot write the indexes of a compacted segment");
    }
    let _writer = partition.writer.lock();
    let view = partition.view.load();
    let segments =
        view.segments.iter().filter_map(|old| match group.iter().position(|(g, _)| Arc::ptr_eq(g, old)) {
            Some(0) => Some(Arc::clone(&segment)),
            Some(_) => None,
            None => Some(Arc::clone(old)),
        });
    partition.view.store(Arc::new(View { segments: segments.collect() }));
    Ok(true)
}

/// Whether the segments are still those of the partition, and nothing of them is left to be synced or written.
fn may_replace(partition: &Partition, group: &[(Arc<Segment>, i64)]) -> bool {
    let view = partition.view.load();
    let writer = partition.writer.lock();
    let is_among = |segments: &[Arc<Segment>], wanted: &Arc<Segment>| {
        segments.iter().any(|segment| Arc::ptr_eq(segment, wanted))
    };
    group.iter().all(|(old, _)| {
        is_among(&view.segments, old) && !is_among(&writer.rolled, old) && !is_among(&writer.unindexed, old)
    })
}

/// Gives a swap the name of the segment that it is, once the files that it replaces have none any more.
fn give_name(disk: &dyn Disk, dir: &Path, swap: &Path, base_offset: i64) -> Result<(), LogError> {
    // An index that came back behind the rename would be that of other bytes.
    disk.sync_dir(dir).map_err(LogError::io(dir))?;
    let path = names::segment_file(dir, base_offset, FileKind::Log);
    disk.rename(swap, &path).map_err(LogError::io(&path))?;
    disk.sync_dir(dir).map_err(LogError::io(dir))
}

/// Removes the files that a swap replaces, and gives it its name.
fn finish(
    disk: &dyn Disk,
    dir: &Path,
    swap: &Path,
    base_offset: i64,
    others: impl Iterator<Item = i64>,
) -> Result<(), LogError> {
    let own = FileKind::INDEXES.into_iter().map(|kind| (base_offset, kind));
    let of_others = others.flat_map(|other| FileKind::ALL.into_iter().map(move |kind| (other, kind)));
    for (offset, kind) in own.chain(of_others) {
        let path = names::segment_file(dir, offset, kind);
        disk.remove(&path).map_err(LogError::io(&path))?;
    }
    give_name(disk, dir, swap, base_offset)
}

/// Finishes at a start what a crash interrupted: a swap that was decided is carried out, what was still being written goes.
/// True if anything was there.
pub(in crate::log) fn finish_swaps(disk: &dyn Disk, dir: &Path, entries: &[Entry]) -> Result<bool, LogError> {
    let mut found = false;
    for entry in entries {
        let path = dir.join(&entry.name);
        let of_segment = |suffix| entry.name.strip_suffix(suffix).and_then(names::parse_segment_file);
        if of_segment(CLEANED_SUFFIX).is_some() {
            found = true;
            disk.remove(&path).map_err(LogError::io(&path))?;
            continue;
        }
        let Some((base_offset, kind)) = of_segment(SWAP_SUFFIX) else { continue };
        found = true;
        if kind != FileKind::Log {
            // Kafka has its indexes swapped, too; ours are made again from the segment.
            disk.remove(&path).map_err(LogError::io(&path))?;
            continue;
        }
        let last = last_offset(disk, &path)?.unwrap_or(base_offset).max(base_offset);
        let others = entries.iter().filter_map(|other| match names::parse_segment_file(&other.name) {
            Some((offset, FileKind::Log)) if offset > base_offset && offset <= last => Some(offset),
            _ => None,
        });
        tracing::info!(segment = %path.display(), "finishing an interrupted compaction");
        finish(disk, dir, &path, base_offset, others)?;
    }
    Ok(found)
}

/// The last offset in a file of whole batches.
fn last_offset(disk: &dyn Disk, path: &Path) -> Result<Option<i64>, LogError> {
    let region = disk.region(path, Access::Read).map_err(LogError::io(path))?;
    let (mut position, mut last) = (0_u64, None);
    while position.saturating_add(HEADER_BYTES as u64) <= region.len() {
        let head = region
            .slice(position..position.saturating_add(HEADER_BYTES as u64))
            .map_err(LogError::io(path))?;
        let header = BatchHeader::parse(&head).map_err(|error| LogError::Corrupt {
            path: path.to_path_buf(),
            position,
            problem: error.to_string(),
        })?;
        last = Some(header.last_offset());
        position = position.saturating_add(header.size_in_bytes() as u64);
    }
    Ok(last)
}
