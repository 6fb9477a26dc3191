//! The offsets that groups have committed.

mod apply;
mod operations;
mod request;
mod state;

pub use request::{CommitOffsets, CommitPartition, DeleteOffsets, FetchOffsets, FetchedOffset};
pub use state::{CommittedOffset, Offsets};
