//! What can be wrong with a record batch.

use super::compress::Compression;

/// Why bytes are not a valid record batch, or a batch cannot be built.
///
/// The variants are facts; which Kafka error code answers which of them is the caller's decision, since Kafka answers
/// the same fault differently on produce, on fetch and at recovery.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// Fewer bytes than the header or its length field ask for.
    #[error("record batch needs {needed} bytes, {available} are there")]
    Truncated {
        /// Bytes that the batch claims to have.
        needed: usize,
        /// Bytes present.
        available: usize,
    },
    /// A message format other than 2.
    #[error("record batch has magic {0}; only 2 is supported")]
    UnsupportedMagic(i8),
    /// The length field is smaller than a header, or negative.
    #[error("record batch length {0} is invalid")]
    InvalidBatchLength(i32),
    /// The checksum does not match the content.
    #[error("record batch has CRC {stored:#010x}, its content {computed:#010x}")]
    CrcMismatch {
        /// The checksum in the header.
        stored: u32,
        /// The checksum of the bytes.
        computed: u32,
    },
    /// The record count is negative, or more than the bytes can hold.
    #[error("record batch claims {count} records in {bytes} bytes")]
    InvalidRecordCount {
        /// The count in the header.
        count: i32,
        /// Uncompressed bytes of records present.
        bytes: usize,
    },
    /// Bytes remain after the last record.
    #[error("{0} bytes remain after the last record of the batch")]
    TrailingBytes(usize),
    /// The compression bits of the attributes name no codec.
    #[error("unknown compression type {0}")]
    UnknownCompression(u8),
    /// The compressed bytes are not what the codec writes.
    #[error("cannot decompress {codec}: {reason}")]
    Decompression {
        /// The codec of the batch.
        codec: Compression,
        /// What the decoder said.
        reason: String,
    },
    /// The codec failed to compress.
    #[error("cannot compress with {codec}: {reason}")]
    CompressionFailed {
        /// The codec asked for.
        codec: Compression,
        /// What the encoder said.
        reason: String,
    },
    /// Decompressed records exceed the caller's bound.
    #[error("decompressed records exceed {limit} bytes")]
    DecompressedTooLarge {
        /// The bound, in bytes.
        limit: usize,
    },
    /// A variable-length integer is cut off, or one inside a record is longer than its type.
    #[error("invalid variable-length integer")]
    InvalidVarint,
    /// A variable-length integer is longer than its type, and not inside a record.
    #[error("variable-length integer is too long")]
    OverlongVarint,
    /// A length inside a record is negative or runs over the record's end.
    #[error("invalid {field} length {length}, {available} bytes are there")]
    InvalidLength {
        /// Which part of the record the length belongs to.
        field: &'static str,
        /// The length read.
        length: i64,
        /// The bytes left.
        available: usize,
    },
    /// A record's own length does not match its content.
    #[error("record of {declared} bytes has {read} bytes of content")]
    RecordSizeMismatch {
        /// The record's length field.
        declared: usize,
        /// Bytes that its fields take.
        read: usize,
    },
    /// A control record whose key is not a version and a type.
    #[error("invalid control record")]
    InvalidControlRecord,
    /// The batch would exceed the format's 32-bit fields.
    #[error("record batch is too large for its format")]
    BatchTooLarge,
}
