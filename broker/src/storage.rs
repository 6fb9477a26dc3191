//! Files of a data directory, looked at while no broker runs on it: what `thalweg storage` shows.

pub use crate::log::inspect::{
    BatchAt, Contents, InspectError, MAX_DECOMPRESSED, PartitionReport, Problem, SegmentReader, dump, verify,
};
