//! Segments that were dropped from their partition. Their files have another name, `.deleted`, and go once nobody reads them
//! and `file.delete.delay.ms` is over; what a crash leaves of them goes at the next start.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::error::LogError;
use super::manager::{Manager, Shared};
use super::names::{self, DELETED_SUFFIX, FileKind, with_suffix};
use super::segment::Segment;
use crate::world::Disk;
use crate::world::disk::Entry;

/// A dropped segment, and when its files may go, on the monotonic clock.
struct Retired {
    segment: Arc<Segment>,
    due: Duration,
}

impl Retired {
    /// Whether it is the only one to know the segment, and nobody holds bytes of it.
    fn is_released(&self) -> bool {
        Arc::strong_count(&self.segment) == 1 && !self.segment.is_read()
    }

    fn remove_files(&self, disk: &dyn Disk) -> Result<(), LogError> {
        for kind in FileKind::ALL {
            let path = names::segment_file(self.segment.dir(), self.segment.base_offset, kind);
            let path = with_suffix(&path, DELETED_SUFFIX);
            disk.remove(&path).map_err(LogError::io(&path))?;
        }
        Ok(())
    }
}

/// The dropped segments of a data directory whose files are still there.
#[derive(Default)]
pub(super) struct RetiredSegments(Mutex<Vec<Retired>>);

impl RetiredSegments {
    /// Takes care of a segment that its partition gives up: these of its files are renamed now and deleted after `delay_ms`.
    pub(super) fn add(
        &self,
        shared: &Shared,
        segment: &Arc<Segment>,
        kinds: &[FileKind],
        delay_ms: i64,
    ) -> Result<(), LogError> {
        let disk = shared.disk();
        let mut retired = self.0.lock();
        // Another segment with this first offset may have been dropped a moment ago. Its files make room; who reads it has to
        // have them open by then.
        let is_namesake = |before: &Retired| {
            before.segment.base_offset == segment.base_offset && before.segment.dir() == segment.dir()
        };
        for before in retired.iter().filter(|before| is_namesake(before) && !before.is_released()) {
            before.segment.load_all(disk)?;
            before.segment.abandon();
        }
        retired.retain(|before| !is_namesake(before));
        segment.retire(disk, kinds)?;
        let delay = Duration::from_millis(u64::try_from(delay_ms).unwrap_or(0));
        let due = shared.world.clock.monotonic().saturating_add(delay);
        retired.push(Retired { segment: Arc::clone(segment), due });
        Ok(())
    }

    /// Forgets those of a directory that is renamed or removed as a whole: its paths may be another's at any moment.
    pub(super) fn forget(&self, dir: &Path) {
        self.0.lock().retain(|retired| {
            let is_its = retired.segment.dir() == dir;
            if is_its {
                retired.segment.abandon();
            }
            !is_its
        });
    }

    /// Deletes the files of a directory's dropped segments before their time. Returns how many somebody still reads.
    pub(super) fn finish_off(&self, shared: &Shared, dir: &Path) -> Result<usize, LogError> {
        let (mut still_read, mut outcome) = (0_usize, Ok(()));
        self.0.lock().retain_mut(|retired| {
            if retired.segment.dir() != dir {
                return true;
            }
            retired.due = Duration::ZERO;
            if !retired.is_released() {
                still_read = still_read.saturating_add(1);
                return true;
            }
            let removed = retired.remove_files(shared.disk());
            let is_there = removed.is_err();
            outcome = std::mem::replace(&mut outcome, Ok(())).and(removed);
            is_there
        });
        outcome.map(|()| still_read)
    }

    /// Deletes the files whose time has come and that nobody reads any more, and closes those that wait for their time.
    fn sweep(&self, shared: &Shared) {
        let (disk, now) = (shared.disk(), shared.world.clock.monotonic());
        self.0.lock().retain(|retired| {
            if !retired.is_released() {
                return true;
            }
            // Nothing can fail here: only the newest segment of a partition gives room back when it is closed.
            let _ = retired.segment.close(disk);
            *retired.segment.indexes.write() = None;
            if now < retired.due {
                return true;
            }
            let removed = retired.remove_files(disk);
            if let Err(error) = &removed {
                tracing::warn!(%error, "the files of a dropped segment cannot be deleted; this will be tried again");
            }
            removed.is_err()
        });
    }
}

impl Manager {
    /// Deletes the files of dropped segments whose time has come and that nobody reads any more: for a thread off the hot path.
    pub fn sweep_retired(&self) {
        self.shared.retired.sweep(&self.shared);
    }

    /// How many dropped segments still have their files.
    pub fn retired_segments(&self) -> usize {
        self.shared.retired.0.lock().len()
    }

    /// Deletes the files of dropped segments at a stop. Whoever still reads them has them open.
    pub(super) fn clear_retired(&self) {
        for retired in self.shared.retired.0.lock().drain(..) {
            if let Err(error) = retired.remove_files(self.shared.disk()) {
                tracing::warn!(%error, "the files of a dropped segment are left to the next start");
            }
        }
    }
}

/// Removes at a start what a crash left of dropped segments: files that were to be deleted, and indexes without a segment.
/// True if there was anything.
pub(super) fn clear_leftovers(disk: &dyn Disk, dir: &Path, entries: &[Entry]) -> Result<bool, LogError> {
    let has_log = |base_offset: i64| {
        let log = names::segment_file(Path::new(""), base_offset, FileKind::Log);
        entries.iter().any(|entry| Path::new(&entry.name) == log)
    };
    let mut found = false;
    for entry in entries.iter().filter(|entry| !entry.is_dir) {
        let dropped = entry.name.strip_suffix(DELETED_SUFFIX).and_then(names::parse_segment_file);
        let lonely = names::parse_segment_file(&entry.name)
            .is_some_and(|(base_offset, kind)| FileKind::INDEXES.contains(&kind) && !has_log(base_offset));
        if dropped.is_some() || lonely {
            found = true;
            let path = dir.join(&entry.name);
            disk.remove(&path).map_err(LogError::io(&path))?;
        }
    }
    Ok(found)
}
