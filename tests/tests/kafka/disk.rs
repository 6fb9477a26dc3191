//! The real disk with syncs that are counted, can be slow, and can fail.

use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use thalweg_broker::world::disk::{Access, Disk, Entry, Lock, Space, Table, Writer};
use thalweg_broker::world::region::Readers;
use thalweg_broker::world::{Region, World, real};

/// How the syncs of regions go.
#[derive(Default)]
pub struct Syncs {
    pub count: AtomicUsize,
    pub slow_ms: AtomicU64,
    pub fail: AtomicBool,
}

/// The real world over such a disk.
pub fn world() -> (World, Arc<Syncs>) {
    let syncs = Arc::new(Syncs::default());
    let real = real::world();
    let disk = Arc::new(WatchedDisk { inner: real.disk.clone(), syncs: syncs.clone() });
    (World { disk, ..real }, syncs)
}

struct WatchedDisk {
    inner: Arc<dyn Disk>,
    syncs: Arc<Syncs>,
}

struct WatchedRegion {
    inner: Arc<dyn Region>,
    syncs: Arc<Syncs>,
}

impl Region for WatchedRegion {
    fn len(&self) -> u64 {
        self.inner.len()
    }
    fn append(&self, parts: &[&[u8]]) -> io::Result<u64> {
        self.inner.append(parts)
    }
    fn slice(&self, range: Range<u64>) -> io::Result<Bytes> {
        self.inner.slice(range)
    }
    fn reserve(&self, bytes: u64) -> io::Result<()> {
        self.inner.reserve(bytes)
    }
    fn prepare_ahead(&self) -> io::Result<()> {
        self.inner.prepare_ahead()
    }
    fn sync(&self) -> io::Result<()> {
        self.syncs.count.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(self.syncs.slow_ms.load(Ordering::SeqCst)));
        if self.syncs.fail.load(Ordering::SeqCst) {
            return Err(io::Error::other("the disk is gone"));
        }
        self.inner.sync()
    }
    fn in_use(&self) -> bool {
        self.inner.in_use()
    }
    fn readers(&self) -> Readers {
        self.inner.readers()
    }
    fn seal(&self) {
        self.inner.seal();
    }
}

impl Disk for WatchedDisk {
    fn region(&self, path: &Path, access: Access) -> io::Result<Arc<dyn Region>> {
        let inner = self.inner.region(path, access)?;
        Ok(Arc::new(WatchedRegion { inner, syncs: self.syncs.clone() }))
    }
    fn create(&self, path: &Path) -> io::Result<Box<dyn Writer>> {
        self.inner.create(path)
    }
    fn table(&self, path: &Path) -> io::Result<Arc<dyn Table>> {
        self.inner.table(path)
    }
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        self.inner.read(path)
    }
    fn exists(&self, path: &Path) -> bool {
        self.inner.exists(path)
    }
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.inner.write(path, bytes)
    }
    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.inner.replace(path, bytes)
    }
    fn truncate(&self, path: &Path, len: u64) -> io::Result<()> {
        self.inner.truncate(path, len)
    }
    fn sync_file(&self, path: &Path) -> io::Result<()> {
        self.inner.sync_file(path)
    }
    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.inner.sync_dir(dir)
    }
    fn sync_all(&self, dir: &Path) -> io::Result<()> {
        self.inner.sync_all(dir)
    }
    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        self.inner.list(dir)
    }
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        self.inner.create_dir(dir)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.inner.rename(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.inner.remove(path)
    }
    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        self.inner.remove_dir(dir)
    }
    fn lock(&self, path: &Path) -> io::Result<Box<dyn Lock>> {
        self.inner.lock(path)
    }
    fn space(&self, dir: &Path) -> io::Result<Space> {
        self.inner.space(dir)
    }
}
