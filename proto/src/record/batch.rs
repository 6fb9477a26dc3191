//! The fixed header of a record batch.

use bytes::{Buf, BufMut};

use super::compress::Compression;
use super::error::RecordError;

/// Bytes before the first record.
pub const HEADER_BYTES: usize = 61;
/// Bytes that the length field does not count: the base offset and the length itself.
pub const LENGTH_OVERHEAD: usize = 12;
/// The only message format in use since Kafka 4.0.
pub const MAGIC: i8 = 2;
/// The first byte that the checksum covers: the attributes.
pub const CRC_COVERS_FROM: usize = 21;
/// Producer id of a batch without idempotence.
pub const NO_PRODUCER_ID: i64 = -1;
/// Producer epoch of a batch without idempotence.
pub const NO_PRODUCER_EPOCH: i16 = -1;
/// Base sequence of a batch without idempotence, and of control batches.
pub const NO_SEQUENCE: i32 = -1;
/// Timestamp of records that carry none.
pub const NO_TIMESTAMP: i64 = -1;

pub(super) const COMPRESSION_MASK: i16 = 0x07;
pub(super) const LOG_APPEND_TIME_BIT: i16 = 0x08;
pub(super) const TRANSACTIONAL_BIT: i16 = 0x10;
pub(super) const CONTROL_BIT: i16 = 0x20;
pub(super) const DELETE_HORIZON_BIT: i16 = 0x40;

/// Whose clock the timestamps of a batch come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimestampType {
    /// The producer's; every record has its own.
    #[default]
    CreateTime,
    /// The broker's, at the append; all records share the batch's maximum timestamp.
    LogAppendTime,
}

/// The 61 bytes in front of a batch's records, field by field in the order of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchHeader {
    /// Offset of the first record; assigned by the broker.
    pub base_offset: i64,
    /// Bytes after this field.
    pub batch_length: i32,
    /// Epoch of the leader that appended the batch; outside the checksum.
    pub partition_leader_epoch: i32,
    /// Message format; always 2 here.
    pub magic: i8,
    /// CRC-32C of everything from the attributes to the end of the batch.
    pub crc: u32,
    /// Compression (bits 0-2), timestamp type (3), transactional (4), control (5), delete horizon (6).
    pub attributes: i16,
    /// Offset of the last record, relative to the base; kept by compaction even when that record is gone.
    pub last_offset_delta: i32,
    /// What the records' timestamps are relative to, in milliseconds; or the delete horizon.
    pub base_timestamp: i64,
    /// Largest timestamp of the batch in milliseconds.
    pub max_timestamp: i64,
    /// Id of an idempotent producer, or -1.
    pub producer_id: i64,
    /// Epoch of an idempotent producer, or -1.
    pub producer_epoch: i16,
    /// Sequence number of the first record, or -1.
    pub base_sequence: i32,
    /// Number of records.
    pub records_count: i32,
}

impl BatchHeader {
    /// Reads the header at the front of `bytes`; the records need not be there yet.
    ///
    /// # Errors
    /// Too few bytes, a magic other than 2, a length below that of a header, or a negative record count.
    pub fn parse(bytes: &[u8]) -> Result<Self, RecordError> {
        let Some(mut fields) = bytes.first_chunk::<HEADER_BYTES>().map(<[u8; HEADER_BYTES]>::as_slice) else {
            return Err(Self::why_too_short(bytes));
        };
        let header = Self {
            base_offset: fields.get_i64(),
            batch_length: fields.get_i32(),
            partition_leader_epoch: fields.get_i32(),
            magic: fields.get_i8(),
            crc: fields.get_u32(),
            attributes: fields.get_i16(),
            last_offset_delta: fields.get_i32(),
            base_timestamp: fields.get_i64(),
            max_timestamp: fields.get_i64(),
            producer_id: fields.get_i64(),
            producer_epoch: fields.get_i16(),
            base_sequence: fields.get_i32(),
            records_count: fields.get_i32(),
        };
        if header.magic != MAGIC {
            return Err(RecordError::UnsupportedMagic(header.magic));
        }
        if header.size_in_bytes() < HEADER_BYTES {
            return Err(RecordError::InvalidBatchLength(header.batch_length));
        }
        if header.records_count < 0 {
            let bytes = header.size_in_bytes() - HEADER_BYTES;
            return Err(RecordError::InvalidRecordCount { count: header.records_count, bytes });
        }
        Ok(header)
    }

    /// An old message set may be shorter than a header: its magic is the better explanation.
    fn why_too_short(bytes: &[u8]) -> RecordError {
        match bytes.get(16) {
            Some(&magic) if magic as i8 != MAGIC => RecordError::UnsupportedMagic(magic as i8),
            _ => RecordError::Truncated { needed: HEADER_BYTES, available: bytes.len() },
        }
    }

    /// Writes the 61 bytes.
    pub fn encode_into(&self, output: &mut [u8; HEADER_BYTES]) {
        let mut fields = output.as_mut_slice();
        fields.put_i64(self.base_offset);
        fields.put_i32(self.batch_length);
        fields.put_i32(self.partition_leader_epoch);
        fields.put_i8(self.magic);
        fields.put_u32(self.crc);
        fields.put_i16(self.attributes);
        fields.put_i32(self.last_offset_delta);
        fields.put_i64(self.base_timestamp);
        fields.put_i64(self.max_timestamp);
        fields.put_i64(self.producer_id);
        fields.put_i16(self.producer_epoch);
        fields.put_i32(self.base_sequence);
        fields.put_i32(self.records_count);
    }

    /// Bytes of the whole batch, header included; 0 when the length field is negative.
    #[must_use]
    pub fn size_in_bytes(&self) -> usize {
        usize::try_from(self.batch_length).map_or(0, |length| length.saturating_add(LENGTH_OVERHEAD))
    }

    /// Offset of the last record.
    #[must_use]
    pub fn last_offset(&self) -> i64 {
        self.base_offset.saturating_add(i64::from(self.last_offset_delta))
    }

    /// Offset of the record after this batch.
    #[must_use]
    pub fn next_offset(&self) -> i64 {
        self.last_offset().saturating_add(1)
    }

    /// Sequence number of the last record; wraps to 0 after `i32::MAX` as Kafka's do. -1 without idempotence.
    #[must_use]
    pub fn last_sequence(&self) -> i32 {
        if self.base_sequence == NO_SEQUENCE {
            return NO_SEQUENCE;
        }
        let sum = i64::from(self.base_sequence) + i64::from(self.last_offset_delta);
        (sum % (i64::from(i32::MAX) + 1)) as i32
    }

    /// The codec of the records.
    ///
    /// # Errors
    /// [`RecordError::UnknownCompression`] for the unassigned values 5 to 7.
    pub fn compression(&self) -> Result<Compression, RecordError> {
        Compression::from_id((self.attributes & COMPRESSION_MASK) as u8)
    }

    /// Whose clock the timestamps come from.
    #[must_use]
    pub fn timestamp_type(&self) -> TimestampType {
        match self.attributes & LOG_APPEND_TIME_BIT {
            0 => TimestampType::CreateTime,
            _ => TimestampType::LogAppendTime,
        }
    }

    /// Whether the batch belongs to a transaction.
    #[must_use]
    pub fn is_transactional(&self) -> bool {
        self.attributes & TRANSACTIONAL_BIT != 0
    }

    /// Whether the batch holds control records (transaction markers), which clients never see.
    #[must_use]
    pub fn is_control(&self) -> bool {
        self.attributes & CONTROL_BIT != 0
    }

    /// When tombstones and markers of this batch may go, in milliseconds, if compaction has set it (KIP-534).
    #[must_use]
    pub fn delete_horizon(&self) -> Option<i64> {
        (self.attributes & DELETE_HORIZON_BIT != 0).then_some(self.base_timestamp)
    }

    /// Whether an idempotent or transactional producer wrote the batch.
    #[must_use]
    pub fn has_producer(&self) -> bool {
        self.producer_id > NO_PRODUCER_ID
    }
}
