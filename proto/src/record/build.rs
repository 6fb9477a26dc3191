//! Building record batches.

use bytes::Bytes;

use super::batch::{
    BatchHeader, CONTROL_BIT, DELETE_HORIZON_BIT, HEADER_BYTES, LENGTH_OVERHEAD, LOG_APPEND_TIME_BIT, MAGIC,
    NO_PRODUCER_EPOCH, NO_PRODUCER_ID, NO_SEQUENCE, NO_TIMESTAMP, TRANSACTIONAL_BIT,
};
use super::compress::{Compression, compress};
use super::control::{ControlKind, ControlRecord};
use super::error::RecordError;
use super::patch::seal;
use super::single::Header;
use super::varint::{put_varint, put_varlong, varint_bytes, varlong_bytes};

/// Collects records and closes them into one batch.
///
/// Records are written once, behind room for the header: an uncompressed batch is built without copying them again.
#[derive(Debug, Clone)]
pub struct BatchBuilder {
    buffer: Vec<u8>,
    header: BatchHeader,
    codec: Compression,
    level: Option<i32>,
    base_timestamp: Option<i64>,
}

impl BatchBuilder {
    /// An empty batch whose records will be compressed with `codec`.
    #[must_use]
    pub fn new(codec: Compression) -> Self {
        let header = BatchHeader {
            base_offset: 0,
            batch_length: 0,
            partition_leader_epoch: -1,
            magic: MAGIC,
            crc: 0,
            attributes: i16::from(codec.id()),
            last_offset_delta: -1,
            base_timestamp: NO_TIMESTAMP,
            max_timestamp: NO_TIMESTAMP,
            producer_id: NO_PRODUCER_ID,
            producer_epoch: NO_PRODUCER_EPOCH,
            base_sequence: NO_SEQUENCE,
            records_count: 0,
        };
        Self { buffer: vec![0; HEADER_BYTES], header, codec, level: None, base_timestamp: None }
    }

    /// Makes room for `bytes` of records at once.
    #[must_use]
    pub fn with_capacity(mut self, bytes: usize) -> Self {
        self.buffer.reserve(bytes);
        self
    }

    /// Compresses at `level`; `None` is the codec's default.
    #[must_use]
    pub fn with_level(mut self, level: Option<i32>) -> Self {
        self.level = level;
        self
    }

    /// Sets the offset of the first record and the leader epoch, for batches that do not pass a broker's append.
    #[must_use]
    pub fn base_offset(mut self, base_offset: i64, leader_epoch: i32) -> Self {
        self.header.base_offset = base_offset;
        self.header.partition_leader_epoch = leader_epoch;
        self
    }

    /// Marks the batch as part of a transaction.
    #[must_use]
    pub fn transactional(mut self) -> Self {
        self.header.attributes |= TRANSACTIONAL_BIT;
        self
    }

    /// Marks the batch as one of control records.
    #[must_use]
    pub fn control(mut self) -> Self {
        self.header.attributes |= CONTROL_BIT;
        self
    }

    /// Gives all records the append time `timestamp`, in milliseconds.
    #[must_use]
    pub fn log_append_time(mut self, timestamp: i64) -> Self {
        self.header.attributes |= LOG_APPEND_TIME_BIT;
        self.header.max_timestamp = timestamp;
        self
    }

    /// Stores a delete horizon, in milliseconds, where the base timestamp stands (KIP-534); before the first record.
    #[must_use]
    pub fn delete_horizon(mut self, horizon: i64) -> Self {
        self.header.attributes |= DELETE_HORIZON_BIT;
        self.base_timestamp = Some(horizon);
        self
    }

    /// Sets the idempotent producer and the sequence number of the first record; may be called until the batch is built.
    pub fn set_producer(&mut self, producer_id: i64, producer_epoch: i16, base_sequence: i32) -> &mut Self {
        self.header.producer_id = producer_id;
        self.header.producer_epoch = producer_epoch;
        self.header.base_sequence = base_sequence;
        self
    }

    /// Sets the offset delta of the batch's end, where compaction has removed the last records.
    pub fn set_last_offset_delta(&mut self, last_offset_delta: i32) -> &mut Self {
        self.header.last_offset_delta = last_offset_delta;
        self
    }

    /// Appends a record at the next offset. `timestamp` is in milliseconds.
    ///
    /// # Errors
    /// [`RecordError::BatchTooLarge`] past the format's 32-bit lengths; the batch is as it was before.
    pub fn append<'h, H>(
        &mut self,
        timestamp: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: H,
    ) -> Result<(), RecordError>
    where
        H: IntoIterator<Item = Header<'h>>,
        H::IntoIter: Clone,
    {
        let offset_delta = self.header.last_offset_delta.checked_add(1).ok_or(RecordError::BatchTooLarge)?;
        self.append_at(offset_delta, timestamp, key, value, headers)
    }

    /// Appends a record at an offset delta of its own, above that of the record before.
    ///
    /// # Errors
    /// As [`BatchBuilder::append`].
    pub fn append_at<'h, H>(
        &mut self,
        offset_delta: i32,
        timestamp: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: H,
    ) -> Result<(), RecordError>
    where
        H: IntoIterator<Item = Header<'h>>,
        H::IntoIter: Clone,
    {
        let headers = headers.into_iter();
        let base_timestamp = self.base_timestamp.unwrap_or(timestamp);
        let timestamp_delta = timestamp.wrapping_sub(base_timestamp);
        let (count, header_bytes) = headers
            .clone()
            .try_fold((0_i32, 0_usize), |(count, bytes), header| {
                Some((count.checked_add(1)?, bytes + slice_bytes(header.key) + nullable_bytes(header.value)))
            })
            .ok_or(RecordError::BatchTooLarge)?;
        let body = 1
            + varlong_bytes(timestamp_delta)
            + varint_bytes(offset_delta)
            + nullable_bytes(key)
            + nullable_bytes(value)
            + varint_bytes(count)
            + header_bytes;
        let length = i32::try_from(body).map_err(|_| RecordError::BatchTooLarge)?;
        if self.buffer.len().saturating_add(body).saturating_add(5) > i32::MAX as usize {
            return Err(RecordError::BatchTooLarge);
        }
        let output = &mut self.buffer;
        output.reserve(body + 5);
        put_varint(output, length);
        output.push(0);
        put_varlong(output, timestamp_delta);
        put_varint(output, offset_delta);
        put_nullable(output, key);
        put_nullable(output, value);
        put_varint(output, count);
        for header in headers {
            put_nullable(output, Some(header.key));
            put_nullable(output, header.value);
        }
        self.base_timestamp = Some(base_timestamp);
        self.header.last_offset_delta = offset_delta;
        self.header.records_count += 1;
        if self.header.attributes & LOG_APPEND_TIME_BIT == 0 {
            self.header.max_timestamp = self.header.max_timestamp.max(timestamp);
        }
        Ok(())
    }

    /// Appends a transaction marker.
    ///
    /// # Errors
    /// As [`BatchBuilder::append`].
    pub fn append_marker(
        &mut self,
        kind: ControlKind,
        coordinator_epoch: i32,
        timestamp: i64,
    ) -> Result<(), RecordError> {
        let (key, value) = ControlRecord::marker(kind, coordinator_epoch);
        self.append(timestamp, Some(&key), Some(&value), [])
    }

    /// Number of records so far.
    #[must_use]
    pub fn len(&self) -> usize {
        usize::try_from(self.header.records_count).unwrap_or_default()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.header.records_count == 0
    }

    /// Bytes of the batch before compression, header included.
    #[must_use]
    pub fn uncompressed_bytes(&self) -> usize {
        self.buffer.len()
    }

    /// Closes the batch: compresses the records, writes the header, computes the checksum.
    ///
    /// # Errors
    /// The codec fails, or the batch exceeds the format's 32-bit length.
    pub fn build(mut self) -> Result<Bytes, RecordError> {
        let mut batch = match self.codec {
            Compression::None => self.buffer,
            codec => {
                let records = self.buffer.get(HEADER_BYTES..).unwrap_or_default();
                let mut output = Vec::with_capacity(HEADER_BYTES + records.len() / 2);
                output.resize(HEADER_BYTES, 0);
                compress(codec, self.level, records, &mut output)?;
                output
            }
        };
        let length = batch.len().saturating_sub(LENGTH_OVERHEAD);
        self.header.batch_length = i32::try_from(length).map_err(|_| RecordError::BatchTooLarge)?;
        self.header.base_timestamp = self.base_timestamp.unwrap_or(NO_TIMESTAMP);
        seal(&mut batch, self.header)?;
        Ok(Bytes::from(batch))
    }
}

/// The batch of this header without its records: it keeps offsets, producer and sequence (`DefaultRecordBatch.writeEmptyHeader`).
#[must_use]
pub fn empty_batch(header: &BatchHeader) -> Bytes {
    let kept = header.attributes & (TRANSACTIONAL_BIT | CONTROL_BIT | LOG_APPEND_TIME_BIT);
    let empty = BatchHeader {
        attributes: kept,
        batch_length: i32::try_from(HEADER_BYTES.saturating_sub(LENGTH_OVERHEAD)).unwrap_or_default(),
        base_timestamp: header.max_timestamp,
        records_count: 0,
        ..*header
    };
    let mut bytes = vec![0; HEADER_BYTES];
    match seal(&mut bytes, empty) {
        Ok(()) => Bytes::from(bytes),
        // A header's bytes hold a header.
        Err(_) => Bytes::new(),
    }
}

fn slice_bytes(slice: &[u8]) -> usize {
    varlong_bytes(slice.len() as i64).saturating_add(slice.len())
}

fn nullable_bytes(slice: Option<&[u8]>) -> usize {
    slice.map_or(1, slice_bytes)
}

/// The caller has checked that the whole record fits 31 bits.
fn put_nullable(output: &mut Vec<u8>, slice: Option<&[u8]>) {
    match slice {
        None => put_varint(output, -1),
        Some(slice) => {
            put_varint(output, slice.len() as i32);
            output.extend_from_slice(slice);
        }
    }
}
