//! The batches of a segment, one after the other.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use thalweg_proto::record::batch::HEADER_BYTES;
use thalweg_proto::record::{Batch, BatchHeader};

use super::InspectError;

/// A batch and where it begins in its file.
#[derive(Debug)]
pub struct BatchAt {
    /// Bytes before it.
    pub position: u64,
    /// The batch; its checksum is not checked yet.
    pub batch: Batch,
}

/// Reads a `.log` file from its beginning. It ends before the zeros that are reserved for records to come.
#[derive(Debug)]
pub struct SegmentReader {
    path: PathBuf,
    file: BufReader<File>,
    position: u64,
    length: u64,
}

/// Why a segment cannot be read further: where, and what is wrong there.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) position: u64,
    pub(super) problem: String,
}

impl SegmentReader {
    /// Opens a segment.
    pub fn open(path: &Path) -> Result<SegmentReader, InspectError> {
        let file = File::open(path).map_err(InspectError::io(path))?;
        let length = file.metadata().map_err(InspectError::io(path))?.len();
        Ok(SegmentReader { path: path.to_path_buf(), file: BufReader::new(file), position: 0, length })
    }

    /// Bytes of batches read so far.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The next batch; `None` at the end; the inner error where the bytes are no batch.
    pub(super) fn next(&mut self) -> Result<Result<Option<BatchAt>, Broken>, InspectError> {
        let left = self.length.saturating_sub(self.position);
        if left == 0 {
            return Ok(Ok(None));
        }
        let mut head = vec![0; usize::try_from(left).unwrap_or(usize::MAX).min(HEADER_BYTES)];
        self.read(&mut head)?;
        if head.iter().all(|byte| *byte == 0) {
            return self.only_zeros_follow();
        }
        let header = match BatchHeader::parse(&head) {
            Ok(header) => header,
            Err(error) => return Ok(Err(self.broken(error.to_string()))),
        };
        let size = header.size_in_bytes();
        if size as u64 > left {
            let problem = format!("the batch has {size} bytes, the file only {left} more");
            return Ok(Err(self.broken(problem)));
        }
        let mut bytes = head;
        bytes.resize(size, 0);
        if let Some(rest) = bytes.get_mut(HEADER_BYTES..) {
            self.read(rest)?;
        }
        let position = self.position;
        match Batch::new(Bytes::from(bytes)) {
            Ok(batch) => {
                self.position += size as u64;
                Ok(Ok(Some(BatchAt { position, batch })))
            }
            Err(error) => Ok(Err(self.broken(error.to_string()))),
        }
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<(), InspectError> {
        self.file.read_exact(buffer).map_err(InspectError::io(&self.path))
    }

    fn broken(&self, problem: String) -> Broken {
        Broken { position: self.position, problem }
    }

    /// Space that is reserved holds zeros to the end of the file.
    fn only_zeros_follow(&mut self) -> Result<Result<Option<BatchAt>, Broken>, InspectError> {
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = self.file.read(&mut buffer).map_err(InspectError::io(&self.path))?;
            let chunk = buffer.get(..read).unwrap_or_default();
            if chunk.is_empty() {
                return Ok(Ok(None));
            }
            if chunk.iter().any(|byte| *byte != 0) {
                let problem = "zeros where a batch should be, and more bytes behind them".to_owned();
                return Ok(Err(self.broken(problem)));
            }
        }
    }
}
