//! Records of the machine as batches of its log.

use bytes::Bytes;
use thalweg_proto::error::ErrorCode;
use thalweg_proto::record::build::BatchBuilder;
use thalweg_proto::record::compress::Compression;

use crate::coordinator::group::Record;
use crate::log::AppendError;

/// Where a batch is closed whose records need not stay together.
pub(super) const PART_BYTES: usize = 256 * 1024;

/// A batch, and how many records are in it.
pub(super) struct RecordBatch {
    pub(super) bytes: Bytes,
    pub(super) records: usize,
}

/// Batches of records, in order, each closed when it has `most` bytes.
pub(super) fn batches(
    records: &[Record],
    now_ms: i64,
    codec: Compression,
    most: usize,
) -> Result<Vec<RecordBatch>, ErrorCode> {
    let mut closed = Vec::new();
    let (mut open, mut count) = (BatchBuilder::new(codec), 0_usize);
    for (index, record) in records.iter().enumerate() {
        let (key, value) = record.encode().map_err(unwritable)?;
        open.append(now_ms, Some(&key), value.as_deref(), []).map_err(unwritable)?;
        count = count.saturating_add(1);
        if open.uncompressed_bytes() >= most || index.saturating_add(1) == records.len() {
            let whole = std::mem::replace(&mut open, BatchBuilder::new(codec));
            closed.push(RecordBatch { bytes: whole.build().map_err(unwritable)?, records: count });
            count = 0;
        }
    }
    Ok(closed)
}

fn unwritable(error: impl std::fmt::Display) -> ErrorCode {
    tracing::warn!(%error, "a change of a group has no form in which it could be stored");
    ErrorCode::UnknownServerError
}

/// What a client is told when records could not be appended (Kafka: `CoordinatorOperationExceptionHelper`). A disk that is
/// full is to Kafka's clients what a partition with too few replicas is: something that passes.
pub(super) fn refusal(error: &AppendError, is_online: bool) -> ErrorCode {
    match error.code {
        ErrorCode::KafkaStorageError if is_online => ErrorCode::CoordinatorNotAvailable,
        ErrorCode::KafkaStorageError | ErrorCode::UnknownTopicOrPartition => ErrorCode::NotCoordinator,
        _ => ErrorCode::UnknownServerError,
    }
}
