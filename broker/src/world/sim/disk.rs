//! A disk in memory that crashes, fills up and fails on demand.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

use parking_lot::Mutex;

use super::random::SimRandom;
use super::region::SimRegion;
use super::tree::{self, DirNode, Node, Tree, parent_of};
use crate::world::disk::{Access, Disk, Entry, Lock, Space, Table, Writer};
use crate::world::region::Region;

/// What the disk holds unless told otherwise, in bytes.
const CAPACITY: u64 = 1 << 40;

/// The disk's state.
pub(super) struct State {
    pub(super) tree: Tree,
    pub(super) bytes_read: u64,
    crashes: u64,
    capacity: u64,
    failing_syncs: bool,
    /// Operations left before the power goes, where that was asked for.
    fuse: Option<u64>,
    locks: BTreeSet<PathBuf>,
}

impl State {
    /// Refuses when there is no room for so many bytes more.
    pub(super) fn take_room(&self, bytes: u64) -> io::Result<()> {
        // Counting takes a walk over all files; a disk without a limit has no need of it.
        if self.capacity != CAPACITY && self.tree.used().saturating_add(bytes) > self.capacity {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }

    pub(super) fn may_sync(&self) -> io::Result<()> {
        if self.failing_syncs { Err(io::Error::other("input/output error")) } else { Ok(()) }
    }
}

/// What the disk's handles share.
pub(super) struct Inner {
    state: Mutex<State>,
    random: SimRandom,
}

impl Inner {
    /// Runs an operation; a handle opened before the last crash, or a disk without power, gets an error.
    pub(super) fn with<T>(
        &self,
        opened: Option<u64>,
        operation: impl FnOnce(&mut State) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut state = self.state.lock();
        if opened.is_some_and(|crashes| crashes != state.crashes) || state.fuse == Some(0) {
            return Err(io::Error::other("the power is gone"));
        }
        state.fuse = state.fuse.map(|left| left.saturating_sub(1));
        operation(&mut state)
    }
}

/// The simulated disk.
pub struct SimDisk(Arc<Inner>);

impl SimDisk {
    /// An empty disk whose crashes follow from the seed.
    pub fn new(seed: u64) -> SimDisk {
        let state = State {
            tree: Tree::new(),
            bytes_read: 0,
            crashes: 0,
            capacity: CAPACITY,
            failing_syncs: false,
            fuse: None,
            locks: BTreeSet::new(),
        };
        SimDisk(Arc::new(Inner { state: Mutex::new(state), random: SimRandom::new(seed) }))
    }

    /// The power goes and comes back: an arbitrary part of what was not synced is lost, page by page and name by name,
    /// and every handle opened before is dead.
    pub fn crash(&self) {
        let mut state = self.0.state.lock();
        state.tree.crash(&self.0.random);
        state.crashes = state.crashes.wrapping_add(1);
        state.fuse = None;
        state.locks.clear();
    }

    /// The process dies, the machine does not: nothing is lost, and every handle opened before is dead.
    pub fn kill(&self) {
        let mut state = self.0.state.lock();
        state.crashes = state.crashes.wrapping_add(1);
        state.fuse = None;
        state.locks.clear();
    }

    /// Lets the power go after so many more operations: they fail from then on, until [`SimDisk::crash`].
    pub fn crash_after(&self, operations: u64) {
        self.0.state.lock().fuse = Some(operations);
    }

    /// Makes every sync fail, or none.
    pub fn fail_syncs(&self, failing: bool) {
        self.0.state.lock().failing_syncs = failing;
    }

    /// Changes what the disk can hold, in bytes.
    pub fn set_capacity(&self, bytes: u64) {
        self.0.state.lock().capacity = bytes;
    }

    /// Bytes of files with a name.
    pub fn used(&self) -> u64 {
        self.0.state.lock().tree.used()
    }

    /// Bytes read so far, from regions and from small files.
    pub fn bytes_read(&self) -> u64 {
        self.0.state.lock().bytes_read
    }

    /// Flips one bit of the byte at a position of a file, also of what is durable.
    pub fn flip_bit(&self, path: &Path, position: u64) -> io::Result<()> {
        self.0.with(None, |state| {
            let number = state.tree.find(path)?;
            let file = state.tree.file(number)?;
            tree::flip(file, usize::try_from(position).unwrap_or(usize::MAX), &self.0.random);
            Ok(())
        })
    }
}

struct SimTable {
    inner: Arc<Inner>,
    file: usize,
    crashes: u64,
}

impl Table for SimTable {
    fn read(&self) -> io::Result<Vec<u8>> {
        self.inner.with(Some(self.crashes), |state| {
            let bytes = state.tree.file(self.file)?.data.clone();
            state.bytes_read = state.bytes_read.saturating_add(bytes.len() as u64);
            Ok(bytes)
        })
    }

    fn write_at(&self, position: u64, bytes: &[u8]) -> io::Result<()> {
        self.inner.with(Some(self.crashes), |state| {
            let end = position.saturating_add(bytes.len() as u64);
            let missing = end.saturating_sub(state.tree.file(self.file)?.data.len() as u64);
            if missing > 0 {
                state.take_room(missing)?;
            }
            let position = usize::try_from(position).unwrap_or(usize::MAX);
            state.tree.file(self.file).map(|file| file.write(position, bytes))
        })
    }

    fn sync(&self) -> io::Result<()> {
        self.inner.with(Some(self.crashes), |state| {
            state.may_sync()?;
            state.tree.file(self.file).map(tree::FileNode::sync)
        })
    }
}

struct SimWriter {
    disk: SimDisk,
    path: PathBuf,
    region: Arc<dyn Region>,
}

impl Writer for SimWriter {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.region.append(&[bytes]).map(|_| ())
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        let SimWriter { disk, path, region } = *self;
        region.sync()?;
        disk.truncate(&path, region.len())?;
        disk.sync_file(&path)
    }
}

struct SimLock {
    inner: Arc<Inner>,
    path: PathBuf,
    crashes: u64,
}

impl Lock for SimLock {}

impl Drop for SimLock {
    fn drop(&mut self) {
        let mut state = self.inner.state.lock();
        if state.crashes == self.crashes {
            state.locks.remove(&self.path);
        }
    }
}

fn if_found(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

impl Disk for SimDisk {
    fn region(&self, path: &Path, access: Access) -> io::Result<Arc<dyn Region>> {
        self.0.with(None, |state| {
            let (file, written, capacity) = match access {
                Access::Read => {
                    let file = state.tree.find(path)?;
                    let len = state.tree.file(file)?.data.len() as u64;
                    (file, len, len)
                }
                Access::Append { len, capacity } => {
                    let file = state.tree.file_or_new(path)?;
                    let node = state.tree.file(file)?;
                    if (node.data.len() as u64) < len {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                    node.set_len(usize::try_from(len).unwrap_or(usize::MAX));
                    (file, len, capacity.max(len).next_multiple_of(64 << 10))
                }
            };
            Ok(Arc::new(SimRegion {
                inner: Arc::clone(&self.0),
                file,
                crashes: state.crashes,
                written: AtomicU64::new(written),
                prepared: AtomicU64::new(written),
                capacity,
                sealed: AtomicBool::new(access == Access::Read),
                token: Arc::new(()),
            }) as Arc<dyn Region>)
        })
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn Writer>> {
        let region = self.region(path, Access::Append { len: 0, capacity: CAPACITY })?;
        Ok(Box::new(SimWriter { disk: SimDisk(Arc::clone(&self.0)), path: path.to_path_buf(), region }))
    }

    fn table(&self, path: &Path) -> io::Result<Arc<dyn Table>> {
        self.0.with(None, |state| {
            let file = state.tree.file_or_new(path)?;
            let table = SimTable { inner: Arc::clone(&self.0), file, crashes: state.crashes };
            Ok(Arc::new(table) as Arc<dyn Table>)
        })
    }

    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        self.0.with(None, |state| match state.tree.find(path) {
            Ok(number) => {
                let bytes = state.tree.file(number)?.data.clone();
                state.bytes_read = state.bytes_read.saturating_add(bytes.len() as u64);
                Ok(Some(bytes))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        })
    }

    fn exists(&self, path: &Path) -> bool {
        self.0.with(None, |state| state.tree.find(path)).is_ok()
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.0.with(None, |state| {
            state.take_room(bytes.len() as u64)?;
            let number = state.tree.file_or_new(path)?;
            let file = state.tree.file(number)?;
            file.set_len(0);
            file.write(0, bytes);
            Ok(())
        })
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut name = path.as_os_str().to_owned();
        name.push(".tmp");
        let next = PathBuf::from(name);
        self.write(&next, bytes)?;
        self.sync_file(&next)?;
        self.rename(&next, path)?;
        self.sync_dir(parent_of(path))
    }

    fn truncate(&self, path: &Path, len: u64) -> io::Result<()> {
        self.0.with(None, |state| {
            let number = state.tree.find(path)?;
            state.tree.file(number).map(|file| file.set_len(usize::try_from(len).unwrap_or(usize::MAX)))
        })
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        self.0.with(None, |state| {
            state.may_sync()?;
            let number = state.tree.find(path)?;
            state.tree.file(number).map(tree::FileNode::sync)
        })
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.0.with(None, |state| {
            state.may_sync()?;
            state.tree.dir(dir).map(DirNode::sync)
        })
    }

    fn sync_all(&self, _dir: &Path) -> io::Result<()> {
        self.0.with(None, |state| {
            state.may_sync()?;
            state.tree.sync_all();
            Ok(())
        })
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        self.0.with(None, |state| {
            let names = state.tree.dir(dir)?.names.clone();
            let entry = |(name, number): (String, usize)| match state.tree.node(number) {
                Some(Node::File(file)) => Entry { name, is_dir: false, len: file.data.len() as u64 },
                _ => Entry { name, is_dir: true, len: 0 },
            };
            Ok(names.into_iter().map(entry).collect())
        })
    }

    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        self.0.with(None, |state| {
            let mut above = PathBuf::new();
            for part in dir.components() {
                above.push(part);
                if state.tree.find(&above).is_err() {
                    state.tree.add(&above, Node::Dir(DirNode::default()))?;
                }
            }
            Ok(())
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.0.with(None, |state| state.tree.rename(from, to))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.0.with(None, |state| if_found(state.tree.unlink(path)))
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        self.0.with(None, |state| if_found(state.tree.unlink(dir)))
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn Lock>> {
        self.0.with(None, |state| {
            if !state.locks.insert(path.to_path_buf()) {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            let lock =
                SimLock { inner: Arc::clone(&self.0), path: path.to_path_buf(), crashes: state.crashes };
            Ok(Box::new(lock) as Box<dyn Lock>)
        })
    }

    fn space(&self, _dir: &Path) -> io::Result<Space> {
        self.0.with(None, |state| {
            Ok(Space { total: state.capacity, free: state.capacity.saturating_sub(state.tree.used()) })
        })
    }
}
