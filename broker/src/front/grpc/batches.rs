//! Between messages and record batches, for clients that do not speak Kafka's format.

use bytes::Bytes;
use thalweg_proto::error::ErrorCode;
use thalweg_proto::grpc::v1;
use thalweg_proto::record::{BatchBuilder, Batches, Compression, Header, RecordError, Visibility};

use crate::engine::{AbortedTransaction, EngineError};

/// Bytes at most that one stored batch may decompress to for a reader of messages.
const MAX_DECOMPRESSED_BYTES: usize = 64 << 20;

/// One uncompressed batch of `records`; those without a timestamp get `now_ms`.
pub(super) fn encode(records: &[v1::Record], now_ms: i64) -> Result<Bytes, EngineError> {
    let mut builder = BatchBuilder::new(Compression::None);
    for record in records {
        let headers = record
            .headers
            .iter()
            .map(|header| Header { key: header.key.as_bytes(), value: header.value.as_deref() });
        let timestamp = record.timestamp_ms.unwrap_or(now_ms);
        builder
            .append(timestamp, record.key.as_deref(), record.value.as_deref(), headers)
            .map_err(|error| refused(&error))?;
    }
    builder.build().map_err(|error| refused(&error))
}

fn refused(error: &RecordError) -> EngineError {
    EngineError::refused(ErrorCode::MessageTooLarge, error.to_string())
}

/// The records from `offset` on in stored batches, and the offset after them.
pub(super) fn decode(
    slices: &[Bytes],
    offset: i64,
    aborted: &[AbortedTransaction],
) -> Result<(Vec<v1::FetchedRecord>, i64), EngineError> {
    let mut visibility = Visibility::default();
    visibility.set_aborted(aborted.iter().map(|aborted| (aborted.producer_id, aborted.first_offset)));
    let mut fetched = Vec::new();
    let mut next_offset = offset;
    for batch in slices.iter().flat_map(|slice| Batches::new(slice.clone())) {
        let batch = batch.map_err(|error| corrupt(&error))?;
        next_offset = next_offset.max(batch.header().next_offset());
        if visibility.hides(&batch).map_err(|error| corrupt(&error))? {
            continue;
        }
        let records = batch.records(MAX_DECOMPRESSED_BYTES).map_err(|error| corrupt(&error))?;
        for record in &records {
            let record = record.map_err(|error| corrupt(&error))?;
            if record.offset < offset {
                continue;
            }
            let headers = record.headers.iter().map(|header| v1::Header {
                key: String::from_utf8_lossy(header.key).into_owned(),
                value: header.value.map(|value| records.share(value)),
            });
            fetched.push(v1::FetchedRecord {
                offset: record.offset,
                timestamp_ms: record.timestamp,
                key: record.key.map(|key| records.share(key)),
                value: record.value.map(|value| records.share(value)),
                headers: headers.collect(),
            });
        }
    }
    Ok((fetched, next_offset))
}

fn corrupt(error: &RecordError) -> EngineError {
    EngineError::refused(ErrorCode::CorruptMessage, error.to_string())
}

/// The offset after the last batch of `slices`, `offset` if there is none. Looks at headers alone.
pub(super) fn next_offset(slices: &[Bytes], offset: i64) -> i64 {
    let batches = slices.iter().flat_map(|slice| Batches::new(slice.clone()));
    batches.flatten().last().map_or(offset, |batch| batch.header().next_offset().max(offset))
}
