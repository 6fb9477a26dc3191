//! A region of the simulated disk.

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bytes::Bytes;

use super::disk::Inner;
use crate::world::region::{Readers, Region};

/// The room that a region grows by, in bytes.
const CHUNK: u64 = 64 << 10;

pub(super) struct SimRegion {
    pub(super) inner: Arc<Inner>,
    pub(super) file: usize,
    /// The disk's crashes before this region was opened: it dies with the next.
    pub(super) crashes: u64,
    pub(super) written: AtomicU64,
    pub(super) prepared: AtomicU64,
    pub(super) capacity: u64,
    pub(super) sealed: AtomicBool,
    pub(super) token: Arc<()>,
}

/// Bytes lent by a region, which can tell that they are.
struct Lent(Vec<u8>, #[allow(dead_code, reason = "counted while it is held")] Arc<()>);

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

fn to_usize(value: u64) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

impl Drop for SimRegion {
    fn drop(&mut self) {
        let (written, prepared) = (*self.written.get_mut(), *self.prepared.get_mut());
        if *self.sealed.get_mut() && written < prepared {
            // A disk that crashed meanwhile has nothing to give back.
            let _ = self.inner.with(Some(self.crashes), |state| {
                state.tree.file(self.file).map(|file| file.set_len(to_usize(written)))
            });
        }
    }
}

impl Region for SimRegion {
    fn len(&self) -> u64 {
        self.written.load(Ordering::Acquire)
    }

    fn append(&self, parts: &[&[u8]]) -> io::Result<u64> {
        if self.sealed.load(Ordering::Acquire) {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        let length: usize = parts.iter().map(|part| part.len()).sum();
        self.reserve(length as u64)?;
        let start = self.len();
        self.inner.with(Some(self.crashes), |state| {
            let (file, mut position) = (state.tree.file(self.file)?, to_usize(start));
            for part in parts {
                file.write(position, part);
                position = position.saturating_add(part.len());
            }
            Ok(())
        })?;
        self.written.store(start.saturating_add(length as u64), Ordering::Release);
        Ok(start)
    }

    fn slice(&self, range: Range<u64>) -> io::Result<Bytes> {
        if range.start > range.end || range.end > self.len() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let bytes = self.inner.with(Some(self.crashes), |state| {
            state.bytes_read = state.bytes_read.saturating_add(range.end.saturating_sub(range.start));
            let file = state.tree.file(self.file)?;
            let bytes = file.data.get(to_usize(range.start)..to_usize(range.end));
            bytes.map(<[u8]>::to_vec).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
        })?;
        Ok(Bytes::from_owner(Lent(bytes, Arc::clone(&self.token))))
    }

    fn reserve(&self, bytes: u64) -> io::Result<()> {
        let wanted = self.len().saturating_add(bytes);
        let prepared = self.prepared.load(Ordering::Acquire);
        if wanted <= prepared {
            return Ok(());
        }
        if wanted > self.capacity {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let target = wanted.next_multiple_of(CHUNK);
        self.inner.with(Some(self.crashes), |state| {
            state.take_room(target.saturating_sub(prepared))?;
            state.tree.file(self.file).map(|file| file.set_len(to_usize(target)))
        })?;
        self.prepared.store(target, Ordering::Release);
        Ok(())
    }

    fn prepare_ahead(&self) -> io::Result<()> {
        if self.sealed.load(Ordering::Acquire) || self.len().saturating_add(CHUNK) > self.capacity {
            return Ok(());
        }
        self.reserve(CHUNK / 2)
    }

    fn sync(&self) -> io::Result<()> {
        self.inner.with(Some(self.crashes), |state| {
            state.may_sync()?;
            state.tree.file(self.file).map(super::tree::FileNode::sync)
        })
    }

    fn in_use(&self) -> bool {
        Arc::strong_count(&self.token) > 1
    }

    fn readers(&self) -> Readers {
        let token = Arc::downgrade(&self.token);
        Box::new(move || token.strong_count() > 0)
    }

    fn seal(&self) {
        self.sealed.store(true, Ordering::Release);
    }
}
