//! A file written from its beginning to its end, whose bytes reach the disk while it is written and do not stay in memory:
//! the pages of one piece take the next, and nothing else has to make room.

use std::fs::File;
use std::io::{self, Write};
use std::num::NonZeroU64;
use std::ops::Range;

use rustix::fs::Advice;

use super::region::{begin_writeback, end_writeback};
use crate::world::disk::Writer;

/// What is written at a time: small enough for a core's own cache.
const BUFFER: usize = 256 << 10;
/// What may be under way to the disk, in bytes, while as much again is being written: a producer's sync that comes meanwhile
/// waits for no more than that.
const UNDER_WAY: u64 = 512 << 10;

pub(super) struct RealWriter {
    file: File,
    buffer: Vec<u8>,
    written: u64,
    /// Everything below has been sent to the disk.
    sent: u64,
    /// Everything below has arrived there, but for what the file system notes about it.
    arrived: u64,
}

impl RealWriter {
    /// Over an empty file.
    pub(super) fn new(file: File) -> RealWriter {
        RealWriter { file, buffer: Vec::with_capacity(BUFFER), written: 0, sent: 0, arrived: 0 }
    }

    fn write(&mut self) -> io::Result<()> {
        self.file.write_all(&self.buffer)?;
        self.written = self.written.saturating_add(self.buffer.len() as u64);
        self.buffer.clear();
        if self.written.saturating_sub(self.sent) >= UNDER_WAY {
            end_writeback(&self.file, self.arrived..self.sent)?;
            self.forget(self.arrived..self.sent);
            self.arrived = self.sent;
            begin_writeback(&self.file, self.sent..self.written)?;
            self.sent = self.written;
        }
        Ok(())
    }

    /// Advice; where it is not taken, the pages only stay in memory for longer.
    fn forget(&self, range: Range<u64>) {
        if let Some(length) = NonZeroU64::new(range.end.saturating_sub(range.start)) {
            let _ = rustix::fs::fadvise(&self.file, range.start, Some(length), Advice::DontNeed);
        }
    }
}

impl Writer for RealWriter {
    fn append(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let room = BUFFER.saturating_sub(self.buffer.len());
            let (now, later) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
            self.buffer.extend_from_slice(now);
            if self.buffer.len() >= BUFFER {
                self.write()?;
            }
            bytes = later;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.write()?;
        self.file.sync_all()?;
        self.forget(0..self.written);
        Ok(())
    }
}
