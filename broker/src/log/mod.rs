//! Partitions: durable logs of Kafka v2 record batches, in memory-mapped segments.
//!
//! Everything here is synchronous and knows neither sockets nor threads, but those that open many partitions at a
//! start: the engine decides when to append, flush and compact. Files have Apache Kafka's names and formats, so that its
//! tools read them; what those formats do not hold (the durable mark) lies in a file of our own beside them.
//! `docs/STORAGE.md` draws the bytes.

mod aborted;
mod ages;
mod checkpoint;
mod compact;
mod epochs;
mod error;
mod flush;
mod identity;
mod index;
pub mod inspect;
mod lookup;
mod maintain;
mod manager;
mod marks;
mod names;
mod open;
mod outlook;
mod partition;
mod producers;
mod read;
mod recover;
mod retention;
mod retired;
mod roll;
mod segment;
mod snapshot;
#[cfg(test)]
mod tests;
mod types;
mod validate;
mod view;
mod walk;

pub use compact::{Compacted, Debt, Limits, OffsetRuns, Proof, Purge, PurgeError, PurgedSegment, Survey};
pub use error::{AppendError, LogError, ReadError, RecordError};
pub use lookup::TimedOffset;
pub use maintain::DeleteError;
pub use manager::{Manager, Options};
pub use open::Wanted;
pub use partition::Partition;
pub use retention::Dropped;
pub use types::{
    AbortedTransaction, Appended, Fetched, Isolation, Offsets, Origin, ProducerState, TopicPartition,
};
