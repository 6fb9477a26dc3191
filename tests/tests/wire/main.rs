//! The wire: every message in every version against an independent implementation, and against hostile bytes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
// A test that meets something unexpected must stop there.

mod catalog;
mod group_records;
mod headers;
mod hostile;
mod messages;
mod splice;
