//! A file of bytes that only grows, read without copies.

use std::io;
use std::ops::Range;

use bytes::{Bytes, BytesMut};

/// Whether slices of a region are still held.
pub type Readers = Box<dyn Fn() -> bool + Send + Sync>;

/// A file that is written by appending and read in place.
///
/// The bytes below [`Region::len`] never change, so a slice of them stays true for as long as anybody holds it; it also
/// keeps whatever lies beneath (a memory map) alive, past the removal of the file and of the region itself.
/// One writer at a time; any number of readers, which never wait for it.
pub trait Region: Send + Sync {
    /// Bytes written.
    fn len(&self) -> u64;

    /// True when nothing has been written.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends the parts behind each other and returns the position of the first byte. Either all of it is written or,
    /// where room cannot be had (a full disk, the region's capacity), nothing.
    fn append(&self, parts: &[&[u8]]) -> io::Result<u64>;

    /// The bytes of a range below [`Region::len`].
    fn slice(&self, range: Range<u64>) -> io::Result<Bytes>;

    /// Appends a copy of a range below [`Region::len`] to `buffer`: for whoever reads all of a region once. What it does not have to
    /// map costs no page faults, and a disk that fails is an error and not a signal.
    fn copy(&self, range: Range<u64>, buffer: &mut BytesMut) -> io::Result<()> {
        buffer.extend_from_slice(&self.slice(range)?);
        Ok(())
    }

    /// Makes sure that `bytes` more can be appended without asking the disk for room.
    fn reserve(&self, bytes: u64) -> io::Result<()>;

    /// Makes room ahead of the writer, when little of it is left: for a thread off the hot path.
    fn prepare_ahead(&self) -> io::Result<()>;

    /// Makes everything written so far durable. After an error nothing is known about what is durable, and asking
    /// again proves nothing: the caller must stop using the file.
    fn sync(&self) -> io::Result<()>;

    /// The parts that are not in memory, as far as the system tells: reading them brings them in.
    fn absent(&self) -> Vec<Range<u64>> {
        Vec::new()
    }

    /// What lies in a range need not stay in memory: it was read once, and is not expected to be read again soon. It can be.
    fn forget(&self, range: Range<u64>) {
        let _ = range;
    }

    /// Whether slices of the region are still held.
    fn in_use(&self) -> bool;

    /// Tells the same for as long as it is asked, also when the region itself is gone.
    fn readers(&self) -> Readers;

    /// Nothing is appended from here on. The room prepared ahead is given back once nobody reads the region any more.
    fn seal(&self);
}
