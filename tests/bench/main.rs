//! Speed and size beside Apache Kafka, on the same machine in the same run: `make bench`.
//!
//! One JSON line a figure on standard output, with the ratio Thalweg : Kafka (below 1 is less). Broker CPU stands beside throughput:
//! clients and broker share the cores, so the wall clock says more about the client than about the broker.
//! The run fails where a stated limit is exceeded. `BENCH_MIB` is the amount of data (1024), `BENCH_ONLY` names some of
//! the figures: start, memory, throughput, latency, groups, compaction.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)] // a benchmark that cannot run says why

mod client;
mod compaction;
mod figure;
mod groups;
mod latency;
mod process;
mod start;
mod throughput;

fn main() -> std::process::ExitCode {
    let only = std::env::var("BENCH_ONLY").unwrap_or_default();
    let wanted = |name: &str| only.is_empty() || only.split(',').any(|o| o == name);
    if wanted("start") {
        start::first_answer();
        start::first_answer_of_many();
    }
    if wanted("memory") {
        start::idle_memory();
    }
    if wanted("throughput") {
        throughput::produce_and_fetch();
    }
    if wanted("latency") {
        latency::acknowledgement();
    }
    if wanted("groups") {
        groups::heartbeats();
    }
    if wanted("compaction") {
        compaction::compaction();
    }
    if figure::all_kept() { std::process::ExitCode::SUCCESS } else { std::process::ExitCode::FAILURE }
}
