//! The few bytes of a stored batch that the broker writes, changed in place.

use super::batch::{BatchHeader, CRC_COVERS_FROM, HEADER_BYTES, LOG_APPEND_TIME_BIT};
use super::crc::crc32c;
use super::error::RecordError;

/// Writes the base offset and the leader epoch, both outside the checksum, into the batch at the front of `bytes`.
///
/// # Errors
/// [`RecordError::Truncated`] when `bytes` holds no header.
pub fn assign(bytes: &mut [u8], base_offset: i64, leader_epoch: i32) -> Result<(), RecordError> {
    if bytes.len() < HEADER_BYTES {
        return Err(RecordError::Truncated { needed: HEADER_BYTES, available: bytes.len() });
    }
    if let Some(field) = bytes.get_mut(..8) {
        field.copy_from_slice(&base_offset.to_be_bytes());
    }
    if let Some(field) = bytes.get_mut(12..16) {
        field.copy_from_slice(&leader_epoch.to_be_bytes());
    }
    Ok(())
}

/// Makes the batch at the front of `bytes` one of LogAppendTime `timestamp` (milliseconds) and renews its checksum.
///
/// # Errors
/// The header's faults, or fewer bytes than the batch has.
pub fn set_log_append_time(bytes: &mut [u8], timestamp: i64) -> Result<(), RecordError> {
    let mut header = BatchHeader::parse(bytes)?;
    header.attributes |= LOG_APPEND_TIME_BIT;
    header.max_timestamp = timestamp;
    seal(bytes, header)
}

/// Gives the batch at the front of `bytes` another idempotent producer and sequence, and renews its checksum.
///
/// # Errors
/// The header's faults, or fewer bytes than the batch has.
pub fn set_producer(
    bytes: &mut [u8],
    producer_id: i64,
    producer_epoch: i16,
    base_sequence: i32,
) -> Result<(), RecordError> {
    let mut header = BatchHeader::parse(bytes)?;
    header.producer_id = producer_id;
    header.producer_epoch = producer_epoch;
    header.base_sequence = base_sequence;
    seal(bytes, header)
}

/// Makes the batch at the front of `bytes` one of CreateTime with this largest timestamp and renews its checksum.
///
/// # Errors
/// As [`set_log_append_time`].
pub fn set_create_time(bytes: &mut [u8], max_timestamp: i64) -> Result<(), RecordError> {
    let mut header = BatchHeader::parse(bytes)?;
    header.attributes &= !LOG_APPEND_TIME_BIT;
    header.max_timestamp = max_timestamp;
    seal(bytes, header)
}

/// Writes `header` over the front of `bytes`, with the checksum of what follows.
pub(super) fn seal(bytes: &mut [u8], mut header: BatchHeader) -> Result<(), RecordError> {
    let (needed, available) = (header.size_in_bytes(), bytes.len());
    let batch = bytes.get_mut(..needed).ok_or(RecordError::Truncated { needed, available })?;
    let front =
        batch.first_chunk_mut::<HEADER_BYTES>().ok_or(RecordError::Truncated { needed, available })?;
    header.encode_into(front);
    header.crc = crc32c(batch.get(CRC_COVERS_FROM..).unwrap_or_default());
    if let Some(front) = batch.first_chunk_mut::<HEADER_BYTES>() {
        header.encode_into(front);
    }
    Ok(())
}
