//! One file of batches, its region, and its indexes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use parking_lot::RwLock;
use thalweg_proto::record::batch::HEADER_BYTES;
use thalweg_proto::record::{Batch, BatchHeader};

use super::aborted::{self, AbortedEntry};
use super::ages::Ages;
use super::error::LogError;
use super::index::Indexes;
use super::names::{self, DELETED_SUFFIX, FileKind, with_suffix};
use super::walk::Walk;
use crate::world::disk::{Access, Disk};
use crate::world::region::{Readers, Region};

/// What a segment is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The newest of its partition: appended to, up to so many bytes.
    Active {
        /// Bytes it may hold.
        capacity: u64,
    },
    /// An older one: read only.
    Sealed,
    /// Dropped from its partition: readers that began before go on under its files' last names.
    Retired,
    /// Of a partition that was deleted: what is open may be read on, the path may be another's by now.
    Gone,
}

/// A segment. Its region and its indexes are opened on use and closed when idle.
pub(super) struct Segment {
    pub(super) base_offset: i64,
    dir: PathBuf,
    role: RwLock<Role>,
    /// Bytes written.
    size: AtomicU64,
    /// Bytes that readers may see.
    visible: AtomicU64,
    region: RwLock<Option<Arc<dyn Region>>>,
    /// Those who read it while it was appended to hold bytes of another region.
    earlier_readers: RwLock<Option<Readers>>,
    pub(super) indexes: RwLock<Option<Indexes>>,
    pub(super) ages: Ages,
    /// The aborted transactions of a segment whose file is another's by now.
    aborted: RwLock<Option<Vec<AbortedEntry>>>,
}

impl Segment {
    /// A segment of `size` bytes, all of them visible; nothing is opened.
    pub(super) fn new(dir: &Path, base_offset: i64, size: u64, role: Role) -> Segment {
        Segment {
            base_offset,
            dir: dir.to_path_buf(),
            role: RwLock::new(role),
            size: AtomicU64::new(size),
            visible: AtomicU64::new(size),
            region: RwLock::new(None),
            earlier_readers: RwLock::new(None),
            indexes: RwLock::new(None),
            ages: Ages::default(),
            aborted: RwLock::new(None),
        }
    }

    /// Bytes that it may hold, while it is appended to.
    pub(super) fn capacity(&self) -> u64 {
        match *self.role.read() {
            Role::Active { capacity } => capacity,
            Role::Sealed | Role::Retired | Role::Gone => 0,
        }
    }

    /// The path of one of its files.
    pub(super) fn path(&self, kind: FileKind) -> PathBuf {
        self.path_as(kind, *self.role.read())
    }

    fn path_as(&self, kind: FileKind, role: Role) -> PathBuf {
        let path = names::segment_file(&self.dir, self.base_offset, kind);
        if role == Role::Retired { with_suffix(&path, DELETED_SUFFIX) } else { path }
    }

    /// The partition's directory.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Opens or reads one of its files, which keeps its name meanwhile.
    fn with_path<T>(
        &self,
        kind: FileKind,
        open: impl FnOnce(&Path, Role) -> std::io::Result<T>,
    ) -> Result<T, LogError> {
        let role = self.role.read();
        let path = self.path_as(kind, *role);
        if *role == Role::Gone {
            return Err(gone(path));
        }
        open(&path, *role).map_err(LogError::io(&path))
    }

    /// Bytes written.
    pub(super) fn size(&self) -> u64 {
        self.size.load(Ordering::Acquire)
    }

    /// Bytes that readers may see.
    pub(super) fn visible(&self) -> u64 {
        self.visible.load(Ordering::Acquire)
    }

    /// Corrects the size, before the segment is in use.
    pub(super) fn set_size(&self, bytes: u64) {
        self.size.store(bytes, Ordering::Release);
        self.visible.store(bytes, Ordering::Release);
    }

    /// Changes what the region is opened for, before the segment is in use.
    pub(super) fn set_role(&self, role: Role) {
        *self.region.write() = None;
        *self.role.write() = role;
    }

    /// Closes the region, before the segment is in use.
    pub(super) fn forget_region(&self) {
        *self.region.write() = None;
    }

    /// Lets readers see the first `bytes`.
    pub(super) fn reveal(&self, bytes: u64) {
        self.visible.fetch_max(bytes, Ordering::AcqRel);
    }

    /// The region, opened when it is not.
    pub(super) fn region(&self, disk: &dyn Disk) -> Result<Arc<dyn Region>, LogError> {
        if let Some(region) = self.region.read().as_ref() {
            return Ok(Arc::clone(region));
        }
        let mut slot = self.region.write();
        if let Some(region) = slot.as_ref() {
            return Ok(Arc::clone(region));
        }
        let region = self.with_path(FileKind::Log, |path, role| {
            let access = match role {
                Role::Active { capacity } => Access::Append { len: self.size(), capacity },
                Role::Sealed | Role::Retired | Role::Gone => Access::Read,
            };
            disk.region(path, access)
        })?;
        if region.len() < self.size() {
            let problem = format!("the file has {} bytes of {}", region.len(), self.size());
            return Err(self.corrupt(region.len(), &problem));
        }
        *slot = Some(Arc::clone(&region));
        Ok(region)
    }

    /// The open region; `None` while it is closed.
    pub(super) fn open_region(&self) -> Option<Arc<dyn Region>> {
        self.region.read().clone()
    }

    /// Stores a batch: 61 bytes of header and the rest of it.
    pub(super) fn append(
        &self,
        disk: &dyn Disk,
        header: &[u8; HEADER_BYTES],
        body: &[u8],
    ) -> Result<u64, LogError> {
        let region = self.region(disk)?;
        let position =
            region.append(&[header, body]).map_err(|e| LogError::io(&self.path(FileKind::Log))(e))?;
        self.size.store(region.len(), Ordering::Release);
        Ok(position)
    }

    /// Turns an active segment into a sealed one: its region is reopened for reading on the next use.
    /// Everything in it must be durable.
    pub(super) fn seal(&self) {
        let mut slot = self.region.write();
        *self.role.write() = Role::Sealed;
        if let Some(region) = slot.take() {
            region.seal();
            *self.earlier_readers.write() = Some(region.readers());
        }
    }

    /// Whether somebody holds bytes of it.
    pub(super) fn is_read(&self) -> bool {
        self.open_region().is_some_and(|region| region.in_use())
            || self.earlier_readers.read().as_ref().is_some_and(|is_read| is_read())
    }

    /// Gives files of a sealed segment the names of files that are to be deleted. Readers that hold the segment find them
    /// there.
    pub(super) fn retire(&self, disk: &dyn Disk, kinds: &[FileKind]) -> Result<(), LogError> {
        let mut role = self.role.write();
        for kind in kinds {
            let path = names::segment_file(&self.dir, self.base_offset, *kind);
            match disk.rename(&path, &with_suffix(&path, DELETED_SUFFIX)) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                renamed => renamed.map_err(LogError::io(&path))?,
            }
        }
        *role = Role::Retired;
        Ok(())
    }

    /// Whether it is read only, and its files are there under their own names.
    pub(super) fn is_sealed(&self) -> bool {
        *self.role.read() == Role::Sealed
    }

    /// Lets nothing be opened, written or cut under its paths any more.
    pub(super) fn abandon(&self) {
        let _slot = self.region.write();
        *self.role.write() = Role::Gone;
    }

    /// Has all of it open, so that it can be read on when its files are gone.
    pub(super) fn load_all(&self, disk: &dyn Disk) -> Result<(), LogError> {
        self.region(disk)?;
        self.with_indexes(disk, |_| ())?;
        let aborted = self.aborted(disk)?;
        *self.aborted.write() = Some(aborted);
        Ok(())
    }

    /// The aborted transactions whose markers are in it, of those that are in its file.
    pub(super) fn aborted(&self, disk: &dyn Disk) -> Result<Vec<AbortedEntry>, LogError> {
        if let Some(aborted) = self.aborted.read().as_ref() {
            return Ok(aborted.clone());
        }
        let Some(bytes) = self.with_path(FileKind::TransactionIndex, |path, _| disk.read(path))? else {
            return Ok(Vec::new());
        };
        aborted::decode(&bytes).ok_or_else(|| LogError::Corrupt {
            path: self.path(FileKind::TransactionIndex),
            position: 0,
            problem: "not an index of aborted transactions".to_owned(),
        })
    }

    /// Closes region and indexes, if nobody reads them. True when they are closed.
    pub(super) fn close(&self, disk: &dyn Disk) -> Result<bool, LogError> {
        let mut slot = self.region.write();
        if let Some(region) = slot.take() {
            if region.in_use() || Arc::strong_count(&region) > 1 {
                *slot = Some(region);
                return Ok(false);
            }
            drop(region);
            if matches!(*self.role.read(), Role::Active { .. }) {
                let path = self.path(FileKind::Log);
                disk.truncate(&path, self.size()).map_err(LogError::io(&path))?;
            }
        }
        Ok(true)
    }

    /// Bytes of the log, whole or in part.
    pub(super) fn slice(&self, disk: &dyn Disk, start: u64, end: u64) -> Result<Bytes, LogError> {
        let region = self.region(disk)?;
        region.slice(start..end).map_err(|e| LogError::io(&self.path(FileKind::Log))(e))
    }

    /// The header of the batch at a position; `None` at or beyond `end`.
    pub(super) fn header_at(
        &self,
        disk: &dyn Disk,
        position: u64,
        end: u64,
    ) -> Result<Option<BatchHeader>, LogError> {
        Ok(Walk::new(self, disk, position, end)?.step()?.map(|(_, header)| header))
    }

    /// The batch at a position whose header was read.
    pub(super) fn batch_at(
        &self,
        disk: &dyn Disk,
        position: u64,
        header: &BatchHeader,
    ) -> Result<Batch, LogError> {
        let end = position.saturating_add(header.size_in_bytes() as u64);
        let bytes = self.slice(disk, position, end)?;
        Batch::new(bytes).map_err(|error| self.corrupt(position, &error.to_string()))
    }

    /// Position and header of the batch that holds `offset`, or of the first one behind it; `None` when all of the
    /// first `end` bytes lie before it.
    pub(super) fn find(
        &self,
        disk: &dyn Disk,
        offset: i64,
        end: u64,
    ) -> Result<Option<(u64, BatchHeader)>, LogError> {
        let relative = u32::try_from(offset.saturating_sub(self.base_offset).max(0)).unwrap_or(u32::MAX);
        let position = self.with_indexes(disk, |indexes| indexes.position_for(relative))?;
        let mut walk = Walk::new(self, disk, position, end)?;
        while let Some((position, header)) = walk.step()? {
            if header.last_offset() >= offset {
                return Ok(Some((position, header)));
            }
        }
        Ok(None)
    }

    /// Looks something up in the indexes, loading them when they are not in memory.
    pub(super) fn with_indexes<T>(
        &self,
        disk: &dyn Disk,
        look_up: impl FnOnce(&Indexes) -> T,
    ) -> Result<T, LogError> {
        if let Some(indexes) = self.indexes.read().as_ref() {
            return Ok(look_up(indexes));
        }
        let mut slot = self.indexes.write();
        if let Some(indexes) = slot.as_ref() {
            return Ok(look_up(indexes));
        }
        let indexes = self.load_indexes(disk)?;
        Ok(look_up(slot.insert(indexes)))
    }

    fn load_indexes(&self, disk: &dyn Disk) -> Result<Indexes, LogError> {
        let read = |kind| self.with_path(kind, |path, _| disk.read(path));
        let (offsets, times) = (read(FileKind::OffsetIndex)?, read(FileKind::TimeIndex)?);
        let size = self.size();
        if let (Some(offsets), Some(times)) = (offsets, times)
            && let Some(indexes) = Indexes::decode(&offsets, &times, size)
        {
            return Ok(indexes);
        }
        self.rebuild_indexes(disk, size, 4096)
    }

    /// Builds the indexes from the batches themselves.
    pub(super) fn rebuild_indexes(
        &self,
        disk: &dyn Disk,
        end: u64,
        interval: u32,
    ) -> Result<Indexes, LogError> {
        let mut indexes = Indexes::default();
        let mut walk = Walk::new(self, disk, 0, end)?;
        while let Some((position, header)) = walk.step()? {
            indexes.note(self.base_offset, &header, position, interval);
        }
        Ok(indexes)
    }

    /// Writes the index files; durably for a segment that takes no more. Of one that does they are rebuilt after
    /// anything but a clean stop.
    pub(super) fn write_indexes(&self, disk: &dyn Disk, durable: bool) -> Result<(), LogError> {
        let (offsets, times) = {
            let mut slot = self.indexes.write();
            let Some(indexes) = slot.as_mut() else { return Ok(()) };
            indexes.note_time();
            (indexes.encode_offsets(), indexes.encode_times())
        };
        for (kind, bytes) in [(FileKind::OffsetIndex, offsets), (FileKind::TimeIndex, times)] {
            let path = self.path(kind);
            if let Err(source) = disk.write(&path, &bytes) {
                // Half of an index would pass for a whole one.
                let _ = disk.remove(&path);
                return Err(LogError::Io { path, source });
            }
            if durable {
                disk.sync_file(&path).map_err(LogError::io(&path))?;
            }
        }
        if durable {
            let path = self.path(FileKind::TransactionIndex);
            if disk.exists(&path) {
                disk.sync_file(&path).map_err(LogError::io(&path))?;
            }
            disk.sync_dir(&self.dir).map_err(LogError::io(&self.dir))?;
        }
        Ok(())
    }

    /// Refuses a batch that reaches beyond the offset where the segment ends.
    pub(super) fn check_end(&self, position: u64, header: &BatchHeader, end: i64) -> Result<(), LogError> {
        match header.next_offset() <= end {
            true => Ok(()),
            false => {
                Err(self.corrupt(position, &format!("a batch beyond the segment's end at offset {end}")))
            }
        }
    }

    /// The error of bytes that are not what they should be.
    pub(super) fn corrupt(&self, position: u64, problem: &str) -> LogError {
        LogError::Corrupt { path: self.path(FileKind::Log), position, problem: problem.to_owned() }
    }
}

fn gone(path: PathBuf) -> LogError {
    LogError::Io { path, source: std::io::ErrorKind::NotFound.into() }
}
