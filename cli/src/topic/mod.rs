//! `thalweg topic …`

mod change;
mod compact;
mod compaction;
mod describe;
mod purge;
mod remove;
mod shown;

use clap::{Args, Subcommand};
use thalweg_client::{Error, ErrorCode, NewTopic};

use crate::failure::{Failure, Status};
use crate::output::Output;
use crate::remote::Remote;
use shown::ShownTopic;

/// Create, list, describe, change, compact and delete topics.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a topic
    Create(Create),
    /// List the topics
    List(List),
    /// Show a topic: its partitions, and the settings that were set on it
    Describe(describe::Arguments),
    /// Change settings of a topic
    Alter(change::Alter),
    /// Give a topic more partitions
    AddPartitions(change::AddPartitions),
    /// Remove records from the front of a topic
    Trim(remove::Trim),
    /// Compact a topic now, however little of it is dirty
    Compact(compact::Compact),
    /// Remove every record of a key, and show that none is left
    PurgeKey(purge::PurgeKey),
    /// Delete topics and their records
    Delete(remove::Delete),
}

/// Create a topic
#[derive(Args, Debug)]
#[command(after_help = "Example: thalweg topic create orders --partitions 4 --config retention.ms=86400000")]
pub struct Create {
    /// The name: letters, digits, '.', '_' and '-'
    name: String,
    /// How many partitions; the broker's default (num.partitions) unless given
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..))]
    partitions: Option<i32>,
    /// Give it a setting; may be repeated
    #[arg(short, long, value_name = "KEY=VALUE", value_parser = pair)]
    config: Vec<(String, String)>,
    /// Succeed if the topic exists already
    #[arg(long)]
    if_not_exists: bool,
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    output: Output,
}

/// List the topics
#[derive(Args, Debug)]
pub struct List {
    /// Also list the topics in which the broker keeps its own state
    #[arg(long)]
    internal: bool,
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    output: Output,
}

/// Runs a command of this noun.
pub async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Create(arguments) => create(arguments).await,
        Command::List(arguments) => list(arguments).await,
        Command::Describe(arguments) => describe::run(arguments).await,
        Command::Alter(arguments) => change::alter(arguments).await,
        Command::AddPartitions(arguments) => change::add_partitions(arguments).await,
        Command::Trim(arguments) => remove::trim(arguments).await,
        Command::Compact(arguments) => compact::run(arguments).await,
        Command::PurgeKey(arguments) => purge::run(arguments).await,
        Command::Delete(arguments) => remove::delete(arguments).await,
    }
}

async fn create(arguments: Create) -> Result<(), Failure> {
    let client = arguments.remote.connect().await?;
    let admin = client.admin();
    let new = NewTopic {
        name: arguments.name.clone(),
        partitions: arguments.partitions.unwrap_or(0),
        configs: arguments.config.into_iter().collect(),
    };
    let topic = match admin.create_topic(new).await {
        Err(error) if is_taken(&error) && arguments.if_not_exists => {
            admin.topic(&arguments.name).await?.topic
        }
        Err(error) if is_taken(&error) => {
            let message = format!("topic \"{}\" exists", arguments.name);
            return Err(Failure::with_hint(
                Status::Conflict,
                message,
                "--if-not-exists makes that a success",
            ));
        }
        created => created?,
    };
    arguments.output.one(&ShownTopic::from(topic))
}

fn is_taken(error: &Error) -> bool {
    error.code() == Some(ErrorCode::TopicAlreadyExists)
}

async fn list(arguments: List) -> Result<(), Failure> {
    let client = arguments.remote.connect().await?;
    let topics = client.admin().topics(arguments.internal).await?;
    let rows: Vec<ShownTopic> = topics.into_iter().map(ShownTopic::from).collect();
    arguments.output.list(&rows)
}

/// `KEY=VALUE`
pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("expected KEY=VALUE".to_owned()),
    }
}
