//! Kafka's record batch, format 2 (KIP-98): the unit that producers send, the log stores and consumers fetch.
//!
//! A batch is parsed where it lies. Nothing here copies record bytes except decompression, which is bounded while it
//! runs. Lengths and counts that a peer wrote are checked before they are believed.

pub mod batch;
pub mod build;
pub mod compress;
pub mod control;
pub mod crc;
mod decompress;
pub mod error;
pub mod patch;
pub mod single;
mod snappy;
pub mod varint;
pub mod view;
pub mod visibility;

pub use batch::{
    BatchHeader, HEADER_BYTES, NO_PRODUCER_EPOCH, NO_PRODUCER_ID, NO_SEQUENCE, NO_TIMESTAMP, TimestampType,
};
pub use build::BatchBuilder;
pub use compress::{Compression, compress, decompress_bounded};
pub use control::{ControlKind, ControlRecord};
pub use error::RecordError;
pub use single::{Header, Headers, Record};
pub use view::{Batch, Batches, RecordIter, Records};
pub use visibility::Visibility;

#[cfg(test)]
mod tests;
