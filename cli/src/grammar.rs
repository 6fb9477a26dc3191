//! The grammar of the command line. It is a contract: scripts are written against it.

use clap::{Parser, Subcommand};

use crate::{bench, cluster, completions, config, consume, dev, group, produce, serve, storage, topic};

const EXIT_STATUSES: &str = "\
Exit status: 0 done, 1 failed, 2 usage, 3 not found, 4 exists or conflict, 5 not allowed,
             6 unavailable or timed out, 7 partly done.

Data goes to standard output, everything else to standard error.";

/// A standalone log broker that speaks Kafka's protocol
///
/// `thalweg serve` runs the broker, `thalweg dev` a throwaway one; the other commands talk to a running broker over
/// gRPC or look at files.
#[derive(Debug, Parser)]
#[command(name = "thalweg", version, after_help = EXIT_STATUSES, max_term_width = 100)]
pub struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The nouns, and the verbs that need none.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the broker
    Serve(serve::Arguments),
    /// Run a throwaway broker: its data goes when it stops
    Dev(dev::Arguments),
    /// Create, list, describe, change and delete topics
    #[command(subcommand)]
    Topic(topic::Command),
    /// Send records to a topic: a line each, or a JSON object
    Produce(produce::Arguments),
    /// Read records of topics
    Consume(consume::Arguments),
    /// List, describe, move and delete consumer groups
    #[command(subcommand)]
    Group(group::Command),
    /// Measure a running broker
    #[command(subcommand)]
    Bench(bench::Command),
    /// Show, check and write the settings of a broker
    #[command(subcommand)]
    Config(config::Command),
    /// Tell about a running broker
    #[command(subcommand)]
    Cluster(cluster::Command),
    /// Look at the files of a data directory, without a broker
    #[command(subcommand)]
    Storage(storage::Command),
    /// Write a completion script for a shell
    Completions(completions::Arguments),
}
