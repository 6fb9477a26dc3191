//! What a batch must be before it is stored: the rules of Kafka's `ProduceRequest.validateRecords`,
//! `UnifiedLog.analyzeAndValidateRecords` and `LogValidator`, in their order, since each answers differently.

use bytes::Bytes;
use thalweg_config::topic::{CompressionType, TimestampType, TopicSettings};
use thalweg_proto::error::ErrorCode;
use thalweg_proto::record::batch::{HEADER_BYTES, NO_TIMESTAMP};
use thalweg_proto::record::{self, Batch, BatchBuilder, BatchHeader, Compression, Record, Records};

use super::error::{AppendError, RecordError};
use super::types::{Origin, TopicPartition};

/// The smallest size field that Kafka takes for a record of any format (`LegacyRecord.RECORD_OVERHEAD_V0`).
const LEAST_SIZE: i32 = 14;
/// Where the size field lies, and what it does not count.
const SIZE_AT: usize = 8;
const SIZE_OVERHEAD: i32 = 12;
const MAGIC_AT: usize = 16;
/// Records at fault that are told one by one: a batch that unfolds to millions must not cost a text for each.
const MOST_FAULTS: usize = 1000;
/// What a compressed batch may unfold to, in bytes.
const MOST_DECOMPRESSED: usize = 128 << 20;

/// What a batch is held against.
pub(super) struct Rules<'a> {
    pub(super) partition: &'a TopicPartition,
    pub(super) settings: &'a TopicSettings,
    pub(super) origin: Origin,
    pub(super) now_ms: i64,
    pub(super) log_start_offset: i64,
}

/// A batch that may be stored, as it is to be stored but for its offset and epoch.
#[derive(Debug)]
pub(super) struct Valid {
    pub(super) header: BatchHeader,
    /// Everything behind the header.
    pub(super) body: Bytes,
    /// The time stamped on it; -1 where the producer's stays.
    pub(super) log_append_time_ms: i64,
}

fn field<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

/// The length of the batch at the front; `None` when no whole one is there.
fn front_batch(bytes: &[u8]) -> Result<Option<usize>, AppendError> {
    let Some(size) = field(bytes, SIZE_AT).map(i32::from_be_bytes) else { return Ok(None) };
    let corrupt = |message| Err(AppendError::with_message(ErrorCode::CorruptMessage, message));
    if size < LEAST_SIZE {
        return corrupt(format!(
            "Record size {size} is less than the minimum record overhead ({LEAST_SIZE})"
        ));
    }
    let Some(magic) = bytes.get(MAGIC_AT).map(|byte| i8::from_be_bytes([*byte])) else { return Ok(None) };
    if !(0..=2).contains(&magic) {
        return corrupt(format!("Invalid magic found in record: {magic}"));
    }
    // Kafka's sum wraps around here, and its buffer refuses the negative length.
    let wrapped = || AppendError::plain(ErrorCode::UnknownServerError);
    let length = size.checked_add(SIZE_OVERHEAD).ok_or_else(wrapped)?;
    let length = usize::try_from(length).unwrap_or_default();
    Ok((length <= bytes.len()).then_some(length))
}

/// The one batch of a partition's data.
fn only_batch(records: &Bytes) -> Result<Bytes, AppendError> {
    let invalid = || AppendError::plain(ErrorCode::InvalidRecord);
    let length = front_batch(records)?.ok_or_else(invalid)?;
    if records.get(MAGIC_AT) != Some(&2) {
        return Err(invalid());
    }
    // Bytes that are no whole batch may follow; a second batch may not.
    if front_batch(records.get(length..).unwrap_or_default())?.is_some() {
        return Err(invalid());
    }
    Ok(records.slice(..length))
}

/// Checks the data of one partition, and prepares what is to be stored.
pub(super) fn validate(records: &Bytes, rules: &Rules<'_>) -> Result<Valid, AppendError> {
    let bytes = only_batch(records)?;
    let invalid = || AppendError::plain(ErrorCode::InvalidRecord).inside(rules.log_start_offset);
    let whole = bytes.len() >= HEADER_BYTES;
    let batch = Batch::new(bytes).map_err(|_| match whole {
        true => invalid(),
        false => AppendError::plain(ErrorCode::CorruptMessage),
    })?;
    let header = *batch.header();
    if rules.origin == Origin::Client && header.base_offset != 0 {
        return Err(invalid());
    }
    let most = match rules.origin {
        Origin::Client => rules.settings.max_message_bytes as usize,
        // What a coordinator has decided must not be lost for its size.
        Origin::Internal => usize::MAX,
    };
    if batch.bytes().len() > most {
        return Err(AppendError::plain(ErrorCode::MessageTooLarge));
    }
    batch.verify_crc().map_err(|_| AppendError::plain(ErrorCode::CorruptMessage))?;
    check_header(&header, rules.origin).map_err(|()| invalid())?;
    if rules.origin == Origin::Internal && header.is_control() {
        return Ok(as_is(&batch));
    }
    let valid = prepare(&batch, rules).map_err(|error| error.inside(rules.log_start_offset))?;
    if HEADER_BYTES + valid.body.len() > most {
        return Err(AppendError::plain(ErrorCode::MessageTooLarge));
    }
    Ok(valid)
}

fn check_header(header: &BatchHeader, origin: Origin) -> Result<(), ()> {
    let by_offsets = i64::from(header.last_offset_delta) + 1;
    let counted = header.records_count > 0 && by_offsets == i64::from(header.records_count);
    let sequenced = !header.has_producer() || header.base_sequence >= 0;
    let allowed = origin == Origin::Internal || (!header.is_control() && sequenced);
    if counted && allowed { Ok(()) } else { Err(()) }
}

fn as_is(batch: &Batch) -> Valid {
    Valid { header: *batch.header(), body: batch.bytes().slice(HEADER_BYTES..), log_append_time_ms: -1 }
}

/// Looks at the records, stamps and recompresses them as the topic says.
fn prepare(batch: &Batch, rules: &Rules<'_>) -> Result<Valid, AppendError> {
    let source = batch.header().compression().map_err(refused)?;
    let records = batch.records(MOST_DECOMPRESSED).map_err(refused)?;
    let largest = check_records(&records, source, rules)?;
    let target = target_codec(rules.settings, source);
    let stamped = rules.settings.message_timestamp_type == TimestampType::LogAppendTime;
    if target != source {
        return rebuild(&records, batch.header(), target, stamped, rules);
    }
    if stamped {
        return patched(batch, |bytes| record::patch::set_log_append_time(bytes, rules.now_ms), rules.now_ms);
    }
    let header = batch.header();
    let marked_late = header.timestamp_type() == record::batch::TimestampType::LogAppendTime;
    if marked_late || header.max_timestamp != largest {
        return patched(batch, |bytes| record::patch::set_create_time(bytes, largest), -1);
    }
    Ok(as_is(batch))
}

/// The answer to a payload that cannot be read: Kafka lets the codec's exceptions through as an unknown error.
fn refused(error: record::RecordError) -> AppendError {
    use record::RecordError::{DecompressedTooLarge, Decompression, OverlongVarint, UnknownCompression};
    AppendError::plain(match error {
        DecompressedTooLarge { .. } => ErrorCode::MessageTooLarge,
        Decompression { .. } | UnknownCompression(_) | OverlongVarint => ErrorCode::UnknownServerError,
        _ => ErrorCode::InvalidRecord,
    })
}

/// Checks every record; the largest timestamp.
fn check_records(records: &Records, source: Compression, rules: &Rules<'_>) -> Result<i64, AppendError> {
    let (mut largest, mut faults, mut untimely) = (NO_TIMESTAMP, Vec::new(), false);
    let mut count: usize = 0;
    for (index, found) in (0_i32..).zip(records) {
        let found = found.map_err(refused)?;
        largest = largest.max(found.timestamp);
        let fault = if source != Compression::None && found.offset_delta != index {
            Some(out_of_step(index, rules))
        } else if rules.settings.cleanup_policy.compact && found.key.is_none() {
            Some(keyless(rules))
        } else {
            let fault = untimely_record(&found, index, rules);
            untimely |= fault.is_some();
            fault
        };
        count = count.saturating_add(usize::from(fault.is_some()));
        faults.extend(fault.filter(|_| count <= MOST_FAULTS).map(|message| RecordError { index, message }));
    }
    if faults.is_empty() { Ok(largest) } else { Err(rejected(faults, count, untimely)) }
}

fn out_of_step(index: i32, rules: &Rules<'_>) -> String {
    format!(
        "Inner record {index} inside the compressed record batch does not have incremental offsets, expected offset is \
         {index} in topic partition {}.",
        rules.partition
    )
}

fn keyless(rules: &Rules<'_>) -> String {
    format!("Compacted topic cannot accept message without key in topic partition {}", rules.partition)
}

fn untimely_record(found: &Record<'_>, index: i32, rules: &Rules<'_>) -> Option<String> {
    let settings = rules.settings;
    if settings.message_timestamp_type == TimestampType::LogAppendTime || found.timestamp == NO_TIMESTAMP {
        return None;
    }
    let earliest = rules.now_ms.saturating_sub(settings.message_timestamp_before_max_ms);
    let latest = rules.now_ms.saturating_add(settings.message_timestamp_after_max_ms);
    (!(earliest..=latest).contains(&found.timestamp)).then(|| {
        format!(
            "Timestamp {} of message with offset {index} is out of range. The timestamp should be within [{earliest}, \
             {latest}]",
            found.timestamp
        )
    })
}

fn rejected(faults: Vec<RecordError>, count: usize, untimely: bool) -> AppendError {
    let (code, message) = if untimely {
        (
            ErrorCode::InvalidTimestamp,
            "One or more records have been rejected due to invalid timestamp".to_owned(),
        )
    } else {
        let shown: Vec<String> = faults
            .iter()
            .take(3)
            .map(|fault| format!("RecordError(batchIndex={}, message='{}')", fault.index, fault.message))
            .collect();
        let shown = shown.join(", ");
        let message = format!(
            "One or more records have been rejected due to {count} record errors in total, and only showing the first \
             three errors at most: [{shown}]"
        );
        (ErrorCode::InvalidRecord, message)
    };
    AppendError { records: faults, ..AppendError::with_message(code, message) }
}

fn target_codec(settings: &TopicSettings, source: Compression) -> Compression {
    match settings.compression_type {
        CompressionType::Producer => source,
        CompressionType::Uncompressed => Compression::None,
        CompressionType::Gzip => Compression::Gzip,
        CompressionType::Snappy => Compression::Snappy,
        CompressionType::Lz4 => Compression::Lz4,
        CompressionType::Zstd => Compression::Zstd,
    }
}

/// The batch with some of its header changed, which needs a copy and a new checksum.
fn patched(
    batch: &Batch,
    patch: impl FnOnce(&mut [u8]) -> Result<(), record::RecordError>,
    log_append_time_ms: i64,
) -> Result<Valid, AppendError> {
    let mut bytes = batch.bytes().to_vec();
    patch(&mut bytes).map_err(refused)?;
    reread(Bytes::from(bytes), log_append_time_ms)
}

fn reread(bytes: Bytes, log_append_time_ms: i64) -> Result<Valid, AppendError> {
    let batch = Batch::new(bytes).map_err(refused)?;
    Ok(Valid { log_append_time_ms, ..as_is(&batch) })
}

/// The same records under the topic's codec.
fn rebuild(
    records: &Records,
    header: &BatchHeader,
    target: Compression,
    stamped: bool,
    rules: &Rules<'_>,
) -> Result<Valid, AppendError> {
    let mut builder = BatchBuilder::new(target).with_capacity(records.bytes().len());
    let level = match target {
        Compression::Gzip => Some(rules.settings.gzip_level),
        Compression::Lz4 => Some(rules.settings.lz4_level),
        Compression::Zstd => Some(rules.settings.zstd_level),
        Compression::None | Compression::Snappy => None,
    };
    builder = builder.with_level(level);
    if stamped {
        builder = builder.log_append_time(rules.now_ms);
    }
    if header.is_transactional() {
        builder = builder.transactional();
    }
    builder.set_producer(header.producer_id, header.producer_epoch, header.base_sequence);
    for found in records {
        let found = found.map_err(refused)?;
        if found.timestamp < NO_TIMESTAMP {
            // Kafka's builder throws where its validation let the timestamp pass.
            return Err(AppendError::plain(ErrorCode::UnknownServerError));
        }
        builder.append(found.timestamp, found.key, found.value, found.headers.iter()).map_err(refused)?;
    }
    reread(builder.build().map_err(refused)?, if stamped { rules.now_ms } else { -1 })
}
