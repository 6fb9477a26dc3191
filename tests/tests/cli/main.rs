//! The command line, as a script uses it: the real binary, its output, its exit statuses.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)] // a failed test panics

mod grammar;
mod groups;
mod harness;
mod offline;
mod purge;
mod records;
mod start;
mod topics;
