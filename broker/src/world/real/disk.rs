//! The machine's file system.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::FlockOperation;

use super::region::RealRegion;
use super::writer::RealWriter;
use crate::world::disk::{Access, Disk, Entry, Lock, Space, Table, Writer};
use crate::world::region::Region;

/// Records are nobody's business but the broker's user's.
const FILE_MODE: u32 = 0o600;
const DIR_MODE: u32 = 0o700;

pub(super) struct RealDisk;

struct RealTable(File);

struct RealLock(#[allow(dead_code, reason = "the lock lives as long as the open file")] File);

impl Lock for RealLock {}

impl Table for RealTable {
    fn read(&self) -> io::Result<Vec<u8>> {
        let len = usize::try_from(self.0.metadata()?.len()).map_err(io::Error::other)?;
        let mut bytes = vec![0; len];
        self.0.read_exact_at(&mut bytes, 0)?;
        Ok(bytes)
    }

    fn write_at(&self, position: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all_at(bytes, position)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }
}

fn writable(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(FILE_MODE).open(path)
}

/// `None` instead of an error when the file is not there.
fn if_found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The name under which a file's next content is written before it is renamed into place.
fn temporary(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".tmp");
    PathBuf::from(name)
}

impl Disk for RealDisk {
    fn region(&self, path: &Path, access: Access) -> io::Result<Arc<dyn Region>> {
        Ok(match access {
            Access::Read => Arc::new(RealRegion::read(File::open(path)?)?),
            Access::Append { len, capacity } => Arc::new(RealRegion::append(writable(path)?, len, capacity)?),
        })
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn Writer>> {
        let file = writable(path)?;
        file.set_len(0)?;
        Ok(Box::new(RealWriter::new(file)))
    }

    fn table(&self, path: &Path) -> io::Result<Arc<dyn Table>> {
        Ok(Arc::new(RealTable(writable(path)?)))
    }

    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        if_found(fs::read(path))
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(FILE_MODE).open(path)?;
        file.write_all(bytes)
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let next = temporary(path);
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(FILE_MODE).open(&next)?;
        let written = file.write_all(bytes).and_then(|()| file.sync_all());
        if let Err(error) = written.and_then(|()| fs::rename(&next, path)) {
            // On a full disk, what was begun would only take up room.
            let _ = fs::remove_file(&next);
            return Err(error);
        }
        path.parent().map_or(Ok(()), |dir| self.sync_dir(dir))
    }

    fn truncate(&self, path: &Path, len: u64) -> io::Result<()> {
        OpenOptions::new().write(true).open(path)?.set_len(len)
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        File::open(dir)?.sync_all()
    }

    fn sync_all(&self, dir: &Path) -> io::Result<()> {
        Ok(rustix::fs::syncfs(File::open(dir)?)?)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for found in fs::read_dir(dir)? {
            let found = found?;
            let is_dir = found.file_type()?.is_dir();
            let Ok(name) = found.file_name().into_string() else { continue };
            // A file may go between the listing and the question for its length.
            let Some(meta) = (if is_dir { Ok(None) } else { if_found(found.metadata()).map(Some) })? else {
                entries.push(Entry { name, is_dir, len: 0 });
                continue;
            };
            if let Some(meta) = meta {
                entries.push(Entry { name, is_dir, len: meta.len() });
            }
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        fs::DirBuilder::new().recursive(true).mode(DIR_MODE).create(dir)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        if_found(fs::remove_file(path)).map(|_| ())
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        if_found(fs::remove_dir_all(dir)).map(|_| ())
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn Lock>> {
        let file = writable(path)?;
        rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive)?;
        Ok(Box::new(RealLock(file)))
    }

    fn space(&self, dir: &Path) -> io::Result<Space> {
        let stat = rustix::fs::statvfs(dir)?;
        Ok(Space {
            total: stat.f_blocks.saturating_mul(stat.f_frsize),
            free: stat.f_bavail.saturating_mul(stat.f_frsize),
        })
    }
}
