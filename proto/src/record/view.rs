//! A batch seen in place, and the records in it.

use bytes::Bytes;

use super::batch::{BatchHeader, CRC_COVERS_FROM, HEADER_BYTES, TimestampType};
use super::compress::{Compression, decompress_bounded};
use super::crc::crc32c;
use super::error::RecordError;
use super::single::{MIN_RECORD_BYTES, Record, take_record};

/// One whole batch: its bytes, and its header parsed.
#[derive(Debug, Clone)]
pub struct Batch {
    header: BatchHeader,
    bytes: Bytes,
}

impl Batch {
    /// The batch at the front of `bytes`; what follows it is left out. The checksum is not looked at.
    ///
    /// # Errors
    /// The header's faults ([`BatchHeader::parse`]), or fewer bytes than the batch has.
    pub fn new(bytes: Bytes) -> Result<Self, RecordError> {
        let header = BatchHeader::parse(&bytes)?;
        let (needed, available) = (header.size_in_bytes(), bytes.len());
        if available < needed {
            return Err(RecordError::Truncated { needed, available });
        }
        Ok(Self { header, bytes: bytes.slice(..needed) })
    }

    /// The parsed header.
    #[must_use]
    pub fn header(&self) -> &BatchHeader {
        &self.header
    }

    /// The whole batch.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Checks the stored CRC-32C against the content.
    ///
    /// # Errors
    /// [`RecordError::CrcMismatch`].
    pub fn verify_crc(&self) -> Result<(), RecordError> {
        let computed = crc32c(self.bytes.get(CRC_COVERS_FROM..).unwrap_or_default());
        if computed == self.header.crc {
            return Ok(());
        }
        Err(RecordError::CrcMismatch { stored: self.header.crc, computed })
    }

    /// The records, decompressed into at most `max_decompressed` bytes if they are compressed.
    ///
    /// # Errors
    /// The codec is unknown, the compressed bytes are malformed or exceed the bound, or the record count cannot be.
    pub fn records(&self, max_decompressed: usize) -> Result<Records, RecordError> {
        let stored = self.bytes.slice(HEADER_BYTES..);
        let bytes = match self.header.compression()? {
            Compression::None => stored,
            codec => Bytes::from(decompress_bounded(codec, &stored, max_decompressed)?),
        };
        let count = self.header.records_count;
        let possible = bytes.len() / MIN_RECORD_BYTES;
        if !usize::try_from(count).is_ok_and(|count| count <= possible) {
            return Err(RecordError::InvalidRecordCount { count, bytes: bytes.len() });
        }
        Ok(Records { header: self.header, bytes })
    }
}

/// The uncompressed records of one batch; iterate over a reference to it.
#[derive(Debug, Clone)]
pub struct Records {
    header: BatchHeader,
    bytes: Bytes,
}

impl Records {
    /// The records in order, borrowed.
    #[must_use]
    pub fn iter(&self) -> RecordIter<'_> {
        RecordIter { header: &self.header, rest: &self.bytes, left: self.header.records_count, failed: false }
    }

    /// An owned handle on `part`, a slice that a record of these lent: shares the bytes, copies nothing.
    #[must_use]
    pub fn share(&self, part: &[u8]) -> Bytes {
        self.bytes.slice_ref(part)
    }

    /// The uncompressed bytes of all records.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

impl<'a> IntoIterator for &'a Records {
    type Item = Result<Record<'a>, RecordError>;
    type IntoIter = RecordIter<'a>;

    fn into_iter(self) -> RecordIter<'a> {
        self.iter()
    }
}

/// Iterator of [`Records`]; ends after the first error.
#[derive(Debug, Clone)]
pub struct RecordIter<'a> {
    header: &'a BatchHeader,
    rest: &'a [u8],
    left: i32,
    failed: bool,
}

impl<'a> RecordIter<'a> {
    fn take(&mut self) -> Result<Record<'a>, RecordError> {
        let raw = take_record(&mut self.rest)?;
        let timestamp = match self.header.timestamp_type() {
            // Wrapping, as the Java client's sum is: its difference wrapped the other way.
            TimestampType::CreateTime => self.header.base_timestamp.wrapping_add(raw.timestamp_delta),
            TimestampType::LogAppendTime => self.header.max_timestamp,
        };
        Ok(Record {
            offset: self.header.base_offset.saturating_add(i64::from(raw.offset_delta)),
            offset_delta: raw.offset_delta,
            timestamp,
            key: raw.key,
            value: raw.value,
            headers: raw.headers,
        })
    }
}

impl<'a> Iterator for RecordIter<'a> {
    type Item = Result<Record<'a>, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let result = if self.left > 0 {
            self.left -= 1;
            self.take()
        } else if self.rest.is_empty() {
            return None;
        } else {
            Err(RecordError::TrailingBytes(self.rest.len()))
        };
        self.failed = result.is_err();
        Some(result)
    }
}

/// The batches that lie one after another in some bytes: a produce request's records, a fetched slice, a segment.
#[derive(Debug, Clone)]
pub struct Batches {
    rest: Bytes,
}

impl Batches {
    /// The batches of `bytes`. The iterator ends after the first error; a batch that is cut off at the end, as a fetch
    /// may leave one, is [`RecordError::Truncated`].
    #[must_use]
    pub fn new(bytes: Bytes) -> Self {
        Self { rest: bytes }
    }
}

impl Iterator for Batches {
    type Item = Result<Batch, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        match Batch::new(self.rest.clone()) {
            Ok(batch) => {
                self.rest = self.rest.slice(batch.bytes.len()..);
                Some(Ok(batch))
            }
            Err(error) => {
                self.rest = Bytes::new();
                Some(Err(error))
            }
        }
    }
}
