//! Files and directories.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::region::Region;

/// One name in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The last part of its path.
    pub name: String,
    /// Whether it is a directory.
    pub is_dir: bool,
    /// Its length in bytes, for a file.
    pub len: u64,
}

/// Room on a file system, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// All of it.
    pub total: u64,
    /// What can still be written.
    pub free: u64,
}

/// How to open a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read the whole file as it is.
    Read,
    /// Cut the file to `len` bytes (a new file has none), then append up to `capacity` in all.
    Append {
        /// Bytes to keep.
        len: u64,
        /// Bytes that the region can ever hold.
        capacity: u64,
    },
}

/// A held lock; dropping it releases it.
pub trait Lock: Send + Sync {}

/// A small file that is written in place: a table of fixed slots.
pub trait Table: Send + Sync {
    /// Everything in it.
    fn read(&self) -> io::Result<Vec<u8>>;

    /// Overwrites the bytes at a position; the file grows as needed. Not durable before [`Table::sync`].
    fn write_at(&self, position: u64, bytes: &[u8]) -> io::Result<()>;

    /// Makes everything written so far durable.
    fn sync(&self) -> io::Result<()>;
}

/// A new file that is written once, from its beginning to its end, and not read meanwhile.
///
/// What is written goes to the disk little by little, so that neither the end of it nor anybody else's sync has to wait for
/// all of it at once.
pub trait Writer: Send {
    /// Writes behind what was written before.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Makes all of it durable, under the condition of [`Region::sync`]. It need not stay in memory.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// A file system.
pub trait Disk: Send + Sync {
    /// Opens a region, creating the file for [`Access::Append`] when it is missing.
    fn region(&self, path: &Path, access: Access) -> io::Result<Arc<dyn Region>>;

    /// Begins a new file, in the place of whatever has its name.
    fn create(&self, path: &Path) -> io::Result<Box<dyn Writer>>;

    /// Opens a table, creating the file when it is missing.
    fn table(&self, path: &Path) -> io::Result<Arc<dyn Table>>;

    /// The bytes of a small file; `None` when there is none.
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>>;

    /// Whether there is a file or directory of that name.
    fn exists(&self, path: &Path) -> bool;

    /// Writes a small file in full, without making it durable.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// Replaces a small file durably and at once: a reader, also after a power cut, sees the old bytes or the new.
    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// Cuts a file to a length. Never called on a file that is mapped.
    fn truncate(&self, path: &Path, len: u64) -> io::Result<()>;

    /// Makes the bytes of one file durable.
    fn sync_file(&self, path: &Path) -> io::Result<()>;

    /// Makes the names in a directory durable.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;

    /// Makes everything written to the file system of a directory durable.
    fn sync_all(&self, dir: &Path) -> io::Result<()>;

    /// The names in a directory, sorted.
    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>>;

    /// Creates a directory, and those above it. No error when it exists.
    fn create_dir(&self, dir: &Path) -> io::Result<()>;

    /// Renames a file or directory.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file; no error when there is none.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Removes a directory with all that is in it; no error when there is none.
    fn remove_dir(&self, dir: &Path) -> io::Result<()>;

    /// Takes the lock of a file, creating it. [`io::ErrorKind::WouldBlock`] when another process holds it.
    fn lock(&self, path: &Path) -> io::Result<Box<dyn Lock>>;

    /// Room on the file system of a directory.
    fn space(&self, dir: &Path) -> io::Result<Space>;
}
