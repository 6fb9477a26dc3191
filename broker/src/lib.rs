//! The broker: log, coordinators, engine, and the Kafka and gRPC front ends.

pub mod coordinator;
pub mod engine;
pub mod front;
pub mod log;
pub mod server;
pub mod world;

/// Files of a data directory, looked at while no broker runs.
pub mod storage {
    pub use crate::log::inspect::{BatchAt, Contents, InspectError, PartitionReport, Problem, SegmentReader};
    pub use crate::log::inspect::{MAX_DECOMPRESSED, dump, verify};
}
