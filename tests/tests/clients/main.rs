//! Other people's programs against the broker: their clients, Kafka's own tools, recorded conversations with Kafka.
//!
//! `make parity` runs this; `cargo test` alone leaves it out, for it needs more than Rust. `FULL=1` takes all data.
//! `ORACLE=1` puts Apache Kafka in the broker's place where a test needs nothing of ours: so the harness itself is checked.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)] // a test says what is wrong by panicking

mod compaction;
mod comparison;
mod consumer_groups;
mod consumers;
mod engines;
mod groups;
mod harness;
mod kafkajs;
mod kcat;
mod restart;
mod shared_group;
mod suites;
mod tools;
