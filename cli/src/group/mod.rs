//! `thalweg group …`

mod delete;
mod describe;
mod seek;
mod shown;

use std::io::{self, IsTerminal};
use std::time::Duration;

use clap::{Args, Subcommand};
use futures_util::StreamExt;
use thalweg_client::{Client, Error, PartitionLag};

use crate::failure::Failure;
use crate::output::{self, Output};
use crate::remote::Remote;
use shown::{ShownGroup, ShownLag};

/// List, describe, move and delete consumer groups.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the groups
    List(List),
    /// Show a group: its members, and how far it is behind
    Describe(describe::Arguments),
    /// Show how far a group is behind, partition by partition
    Lag(Lag),
    /// Move the committed offsets of a group without members
    Seek(seek::Arguments),
    /// Delete groups without members, and their offsets
    Delete(delete::Arguments),
}

/// List the groups
#[derive(Args, Debug)]
pub struct List {
    /// Only groups in this state, such as Stable or Empty; may be repeated
    #[arg(long, value_name = "STATE")]
    state: Vec<String>,
    /// Only groups of this type, consumer or classic; may be repeated
    #[arg(long = "type", value_name = "TYPE")]
    types: Vec<String>,
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    output: Output,
}

/// Show how far a group is behind, partition by partition
#[derive(Args, Debug)]
pub struct Lag {
    /// The group
    group: String,
    /// Show it again and again, every second or every so many
    #[arg(short, long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "1")]
    watch: Option<f32>,
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    output: Output,
}

/// Runs a command of this noun.
pub async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::List(arguments) => list(arguments).await,
        Command::Describe(arguments) => describe::run(arguments).await,
        Command::Lag(arguments) => lag(arguments).await,
        Command::Seek(arguments) => seek::run(arguments).await,
        Command::Delete(arguments) => delete::run(arguments).await,
    }
}

async fn list(arguments: List) -> Result<(), Failure> {
    let client = arguments.remote.connect().await?;
    let states: Vec<&str> = arguments.state.iter().map(String::as_str).collect();
    let types: Vec<&str> = arguments.types.iter().map(String::as_str).collect();
    let groups = client.admin().groups(&states, &types).await?;
    let rows: Vec<ShownGroup> = groups.into_iter().map(ShownGroup::from).collect();
    arguments.output.list(&rows)
}

async fn lag(arguments: Lag) -> Result<(), Failure> {
    let client = arguments.remote.connect().await?;
    let show = |partitions: Vec<PartitionLag>| {
        arguments.output.list(&partitions.into_iter().map(ShownLag::from).collect::<Vec<_>>())
    };
    let outcome = match arguments.watch {
        None => client.admin().group_lag(&arguments.group).await.map(show),
        Some(seconds) => watch(&client, &arguments.group, seconds, show).await,
    };
    match outcome {
        Ok(shown) => shown,
        Err(error) => Err(Failure::of_group(&client, &arguments.group, error).await),
    }
}

/// Shows until the broker ends it, or the output is closed.
async fn watch(
    client: &Client,
    group: &str,
    seconds: f32,
    show: impl Fn(Vec<PartitionLag>) -> Result<(), Failure>,
) -> Result<Result<(), Failure>, Error> {
    let interval = Duration::try_from_secs_f32(seconds).unwrap_or_default();
    let mut lags = client.admin().watch_group_lag(group, interval).await?;
    let mut is_first = true;
    while let Some(partitions) = lags.next().await {
        let partitions = partitions?;
        // On a terminal the tables stand apart.
        let apart = if !is_first && io::stdout().is_terminal() { "\n" } else { "" };
        is_first = false;
        if let failed @ Err(_) = output::write(apart).and_then(|()| show(partitions)) {
            return Ok(failed);
        }
    }
    Ok(Ok(()))
}
