//! `thalweg group …`

mod delete;
mod describe;
mod seek;
mod shown;

use clap::{Args, Subcommand};

use crate::failure::Failure;
use crate::output::Output;
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
    let partitions = match client.admin().group_lag(&arguments.group).await {
        Ok(partitions) => partitions,
        Err(error) => return Err(Failure::of_group(&client, &arguments.group, error).await),
    };
    let rows: Vec<ShownLag> = partitions.into_iter().map(ShownLag::from).collect();
    arguments.output.list(&rows)
}
