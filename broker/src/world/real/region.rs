//! A mapped file that is appended to through the map: the only place of `unsafe`.
//!
//! The map is made once, with room for all that the region may ever hold; the file beneath it grows in chunks
//! (`fallocate`, zeros, then `MADV_POPULATE_WRITE`), and nothing beyond the prepared part is ever touched, so that a full or
//! failing disk is an error of the growth and never a signal. Positions below `written` are immutable and may be sliced;
//! positions from `written` up belong to the writer alone.
#![allow(unsafe_code, reason = "maps are raw memory; every block states its proof")]

use std::ffi::{c_int, c_uint, c_void};
use std::fs::File;
use std::io;
use std::num::NonZeroU64;
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bytes::{Bytes, BytesMut};
use memmap2::{MmapOptions, MmapRaw};
use parking_lot::Mutex;
use rustix::fs::{Advice as FileAdvice, FallocateFlags};
use rustix::mm::Advice;

use crate::world::region::{Readers, Region};

/// The first chunk of a new region, in bytes: small, so that ten thousand quiet partitions cost little.
const FIRST_CHUNK: u64 = 4 << 10;
/// A region grows by doubling up to this step, in bytes. Populated pages are dirty, and the next sync writes them all:
/// the step bounds what that one costs.
const LARGEST_CHUNK: u64 = 8 << 20;
/// What is written ahead, in pieces of this size.
static ZEROS: [u8; 1 << 20] = [0; 1 << 20];
/// Blocks of a file and its chunks are multiples of this, in bytes.
const GRAIN: u64 = 4 << 10;
/// A multiple of every page size in use, in bytes.
const PAGE: u64 = 64 << 10;

// Neither has a safe wrapper in the crates that are used here.
unsafe extern "C" {
    fn mincore(address: *mut c_void, length: usize, present: *mut u8) -> c_int;
    safe fn sync_file_range(file: c_int, offset: i64, length: i64, flags: c_uint) -> c_int;
    safe fn getpagesize() -> c_int;
}

fn page_bytes() -> usize {
    usize::try_from(getpagesize()).unwrap_or_default().max(1)
}

/// Has the kernel send what was written in a range to the disk, and does not wait.
pub(super) fn begin_writeback(file: &File, range: Range<u64>) -> io::Result<()> {
    const WRITE: c_uint = 2;
    writeback(file, range, WRITE)
}

/// Waits until what [`begin_writeback`] sent is there. It is not durable by that: a sync is still due.
pub(super) fn end_writeback(file: &File, range: Range<u64>) -> io::Result<()> {
    const WAIT_BEFORE: c_uint = 1;
    writeback(file, range, WAIT_BEFORE)
}

fn writeback(file: &File, range: Range<u64>, flags: c_uint) -> io::Result<()> {
    // A length of 0 would mean everything behind.
    if range.is_empty() {
        return Ok(());
    }
    let offset = i64::try_from(range.start).map_err(io::Error::other)?;
    let length = i64::try_from(range.end - range.start).map_err(io::Error::other)?;
    if sync_file_range(file.as_raw_fd(), offset, length, flags) == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// The map and its file. Kept alive by the region and by every slice; when the last of them goes, the map goes first
/// and the room behind the sealed length second, so that a mapped file is never cut.
struct Mapping {
    /// `None` for an empty file, which cannot be mapped, and while being dropped.
    map: Option<MmapRaw>,
    file: File,
    written: AtomicU64,
    prepared: AtomicU64,
    trim: AtomicBool,
}

impl Drop for Mapping {
    fn drop(&mut self) {
        self.map = None;
        let written = *self.written.get_mut();
        if *self.trim.get_mut() && written < *self.prepared.get_mut() {
            // Room that is not given back is found and cut at the next start.
            if let Err(error) = self.file.set_len(written) {
                tracing::warn!(%error, "cannot give back the room behind a sealed segment");
            }
        }
    }
}

/// A range of a mapping, as the owner behind a [`Bytes`].
struct Slice {
    mapping: Arc<Mapping>,
    start: usize,
    len: usize,
}

impl AsRef<[u8]> for Slice {
    fn as_ref(&self) -> &[u8] {
        let Some(map) = &self.mapping.map else { return &[] };
        // SAFETY: `RealRegion::slice` made start + len <= written <= prepared <= the map's length, so the range lies in
        // the map and over blocks of the file; the file is not cut while this mapping lives; and bytes below `written`
        // are never stored to again, so a shared reference to them is sound. The data directory's lock keeps other
        // writers away.
        unsafe { std::slice::from_raw_parts(map.as_ptr().add(self.start), self.len) }
    }
}

/// A file mapped for appending, or for reading alone.
pub(super) struct RealRegion {
    mapping: Arc<Mapping>,
    capacity: u64,
    /// Held by the writer while it copies, so that there is one.
    writer: Mutex<()>,
    /// Held while the file grows.
    growth: Mutex<()>,
}

fn to_usize(value: u64) -> io::Result<usize> {
    usize::try_from(value).map_err(io::Error::other)
}

impl RealRegion {
    /// First byte and length of a range of what is written.
    fn within(&self, range: Range<u64>) -> io::Result<(usize, usize)> {
        if range.start > range.end || range.end > self.len() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a range beyond the region"));
        }
        Ok((to_usize(range.start)?, to_usize(range.end - range.start)?))
    }

    /// Maps a whole file for reading.
    pub(super) fn read(file: File) -> io::Result<RealRegion> {
        let len = file.metadata()?.len();
        let map = match len {
            0 => None,
            _ => Some(MmapOptions::new().len(to_usize(len)?).map_raw_read_only(&file)?),
        };
        Ok(RealRegion::over(map, file, len, len))
    }

    /// Cuts the file to `len` bytes and maps it for appending up to `capacity`.
    pub(super) fn append(file: File, len: u64, capacity: u64) -> io::Result<RealRegion> {
        let capacity = capacity.max(len).max(1).next_multiple_of(PAGE);
        let found = file.metadata()?.len();
        if found < len {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the file is shorter than it should be",
            ));
        }
        if found > len {
            file.set_len(len)?;
        }
        let map = MmapOptions::new().len(to_usize(capacity)?).map_raw(&file)?;
        Ok(RealRegion::over(Some(map), file, len, capacity))
    }

    fn over(map: Option<MmapRaw>, file: File, len: u64, capacity: u64) -> RealRegion {
        let (written, prepared) = (AtomicU64::new(len), AtomicU64::new(len));
        let mapping = Arc::new(Mapping { map, file, written, prepared, trim: AtomicBool::new(false) });
        RealRegion { mapping, capacity, writer: Mutex::new(()), growth: Mutex::new(()) }
    }

    /// Makes the file hold at least `wanted` bytes, with every page of them present and backed by blocks.
    fn grow(&self, wanted: u64) -> io::Result<()> {
        let _growing = self.growth.lock();
        let prepared = self.mapping.prepared.load(Ordering::Acquire);
        if wanted <= prepared {
            return Ok(());
        }
        if wanted > self.capacity {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the region is at its capacity"));
        }
        let step = prepared.clamp(FIRST_CHUNK, LARGEST_CHUNK);
        let target = wanted.max(prepared.saturating_add(step)).next_multiple_of(GRAIN).min(self.capacity);
        self.extend(prepared, target).or_else(|_| {
            // On a disk that is nearly full, what is wanted may still fit.
            self.extend(prepared, wanted.next_multiple_of(GRAIN).min(self.capacity))
        })
    }

    fn extend(&self, from: u64, to: u64) -> io::Result<()> {
        rustix::fs::fallocate(&self.mapping.file, FallocateFlags::empty(), from, to.saturating_sub(from))?;
        self.write_zeros(from, to)?;
        self.populate(from, to)?;
        self.mapping.prepared.store(to, Ordering::Release);
        Ok(())
    }

    /// Writes what is zeros already: the kernel makes its pages in large pieces for a write and singly for a fault, which
    /// costs two to four times as much; and blocks that were written once need no journal entry at the sync.
    fn write_zeros(&self, from: u64, to: u64) -> io::Result<()> {
        let mut position = from;
        while position < to {
            let piece = to_usize(to.saturating_sub(position))?.min(ZEROS.len());
            let zeros = ZEROS.get(..piece).unwrap_or(&ZEROS);
            self.mapping.file.write_all_at(zeros, position)?;
            position = position.saturating_add(piece as u64);
        }
        Ok(())
    }

    fn populate(&self, from: u64, to: u64) -> io::Result<()> {
        let Some(map) = &self.mapping.map else { return Ok(()) };
        let start = to_usize(from - from % PAGE)?;
        let end = to_usize(to)?.min(map.len());
        // SAFETY: start..end lies within the map, start is on a page boundary (the map's beginning is), and populating
        // changes no byte: it only makes the pages of a shared mapping present and writable. Where the file system has
        // no blocks for one it returns an error instead of raising a signal.
        let done = unsafe {
            rustix::mm::madvise(
                map.as_mut_ptr().add(start).cast(),
                end.saturating_sub(start),
                Advice::LinuxPopulateWrite,
            )
        };
        match done {
            // Kernels before 5.14 do not know the advice; the blocks are allocated all the same.
            Err(rustix::io::Errno::INVAL) => Ok(()),
            other => Ok(other?),
        }
    }
}

impl Region for RealRegion {
    fn len(&self) -> u64 {
        self.mapping.written.load(Ordering::Acquire)
    }

    fn append(&self, parts: &[&[u8]]) -> io::Result<u64> {
        let _writing = self.writer.lock();
        let written = self.mapping.written.load(Ordering::Acquire);
        let length: usize = parts.iter().map(|part| part.len()).sum();
        let end = written.saturating_add(length as u64);
        if self.mapping.trim.load(Ordering::Acquire) {
            return Err(io::Error::new(io::ErrorKind::ReadOnlyFilesystem, "the region is sealed"));
        }
        if end > self.mapping.prepared.load(Ordering::Acquire) {
            self.grow(end)?;
        }
        let Some(map) = &self.mapping.map else { return Err(io::ErrorKind::Unsupported.into()) };
        let mut position = to_usize(written)?;
        for part in parts {
            // SAFETY: position + part.len() <= end <= prepared <= the map's length; the pages are populated. Bytes from
            // `written` up are reachable by nobody but the holder of the writer lock: slices end at `written`.
            unsafe {
                std::ptr::copy_nonoverlapping(part.as_ptr(), map.as_mut_ptr().add(position), part.len())
            };
            position = position.saturating_add(part.len());
        }
        self.mapping.written.store(end, Ordering::Release);
        Ok(written)
    }

    fn slice(&self, range: Range<u64>) -> io::Result<Bytes> {
        let (start, len) = self.within(range)?;
        if len == 0 {
            return Ok(Bytes::new());
        }
        Ok(Bytes::from_owner(Slice { mapping: Arc::clone(&self.mapping), start, len }))
    }

    fn copy(&self, range: Range<u64>, buffer: &mut BytesMut) -> io::Result<()> {
        let (position, (_, len), held) = (range.start, self.within(range)?, buffer.len());
        buffer.resize(held.saturating_add(len), 0);
        let read = self.mapping.file.read_exact_at(buffer.get_mut(held..).unwrap_or_default(), position);
        read.inspect_err(|_| buffer.truncate(held))
    }

    fn reserve(&self, bytes: u64) -> io::Result<()> {
        self.grow(self.len().saturating_add(bytes))
    }

    fn prepare_ahead(&self) -> io::Result<()> {
        let (written, prepared) = (self.len(), self.mapping.prepared.load(Ordering::Acquire));
        let chunk = prepared.clamp(FIRST_CHUNK, LARGEST_CHUNK);
        if self.mapping.trim.load(Ordering::Acquire)
            || prepared >= self.capacity
            || prepared.saturating_sub(written) > chunk / 4 * 3
        {
            return Ok(());
        }
        self.grow(prepared.saturating_add(1))
    }

    fn sync(&self) -> io::Result<()> {
        Ok(rustix::fs::fdatasync(&self.mapping.file)?)
    }

    fn absent(&self) -> Vec<Range<u64>> {
        let (Some(map), len) = (&self.mapping.map, self.len()) else { return Vec::new() };
        let Ok(bytes) = to_usize(len) else { return Vec::new() };
        let page = page_bytes();
        let mut present = vec![1_u8; bytes.div_ceil(page)];
        // SAFETY: the first `bytes` bytes lie within the map, whose beginning is on a page boundary, and the vector has a
        // byte for each page of them.
        let asked = unsafe { mincore(map.as_mut_ptr().cast(), bytes, present.as_mut_ptr()) };
        let mut absent: Vec<Range<u64>> = Vec::new();
        if asked != 0 {
            return absent;
        }
        for (number, _) in present.iter().enumerate().filter(|(_, present)| **present & 1 == 0) {
            let start = number.saturating_mul(page) as u64;
            let end = start.saturating_add(page as u64).min(len);
            match absent.last_mut() {
                Some(last) if last.end == start => last.end = end,
                _ => absent.push(start..end),
            }
        }
        absent
    }

    fn forget(&self, range: Range<u64>) {
        let Some(map) = &self.mapping.map else { return };
        let page = page_bytes() as u64;
        let (start, end) = (range.start.next_multiple_of(page), range.end.min(self.len()));
        let Some(length) = NonZeroU64::new(end.saturating_sub(start)) else { return };
        let (Ok(from), Ok(bytes)) = (to_usize(start), to_usize(length.get())) else { return };
        // SAFETY: the range lies within the map and begins on a page boundary. It is a shared mapping of a file: the advice
        // drops the pages from the map, not their bytes from the file, and the next reader finds the same bytes again.
        let unmapped =
            unsafe { rustix::mm::madvise(map.as_mut_ptr().add(from).cast(), bytes, Advice::LinuxDontNeed) };
        // Both are advice: where one is not taken, the pages stay until the kernel finds them out.
        if unmapped.is_ok() {
            let _ = rustix::fs::fadvise(&self.mapping.file, start, Some(length), FileAdvice::DontNeed);
        }
    }

    fn in_use(&self) -> bool {
        Arc::strong_count(&self.mapping) > 1
    }

    fn readers(&self) -> Readers {
        let mapping = Arc::downgrade(&self.mapping);
        Box::new(move || mapping.strong_count() > 0)
    }

    fn seal(&self) {
        let _writing = self.writer.lock();
        let _growing = self.growth.lock();
        self.mapping.trim.store(true, Ordering::Release);
    }
}
