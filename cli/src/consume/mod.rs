//! `thalweg consume`: the records of topics on standard output.

mod group;
mod sink;

use std::io::{self, IsTerminal};

use clap::Args;
use futures_util::{FutureExt, StreamExt};
use thalweg_client::{Client, Error, ReaderBuilder};

use crate::failure::Failure;
use crate::output::Format;
use crate::position::Position;
use crate::progress::Progress;
use crate::remote::Remote;
use crate::template::{HELP, Template};
use sink::Sink;

/// Arguments of `consume`.
#[derive(Args, Debug)]
#[command(after_help = HELP)]
pub struct Arguments {
    /// The topics
    #[arg(required = true, value_name = "TOPIC")]
    topics: Vec<String>,
    /// Read as a member of this consumer group: go on where it left off, share the work with its other members, commit
    /// what has been written
    #[arg(short, long, value_name = "GROUP", conflicts_with = "partition")]
    group: Option<String>,
    /// Begin at the start, the end, offset N, the last N records of each partition (-N), or a time (@TIME:
    /// milliseconds, @-1h, @2026-11-21T13:45:00Z); in a group, where it has committed nothing
    #[arg(
        short,
        long,
        default_value = "start",
        allow_hyphen_values = true,
        value_name = "start|end|N|-N|@TIME"
    )]
    offset: Position,
    /// Read this partition alone; may be repeated
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(i32).range(0..))]
    partition: Vec<i32>,
    /// End after COUNT records
    #[arg(short = 'n', long = "count", value_name = "COUNT")]
    count: Option<u64>,
    /// End where the topics end now; in a group, when there is nothing left to read
    #[arg(short = 'e', long)]
    exit_at_end: bool,
    /// Write each record like this
    #[arg(short, long, conflicts_with_all = ["json", "output"], allow_hyphen_values = true)]
    format: Option<Template>,
    /// Write each record as a JSON object on a line
    #[arg(long, conflicts_with = "output")]
    json: bool,
    /// Write the records as this: json is one array, ndjson as --json, table as without
    #[arg(short = 'O', long = "output", value_enum)]
    output: Option<Format>,
    #[command(flatten)]
    remote: Remote,
}

/// Reads until the count, the end, or for ever.
pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    let client = arguments.remote.connect().await?;
    let mut sink = Sink::new(&arguments);
    if arguments.count == Some(0) {
        return sink.end();
    }
    if let Some(group) = &arguments.group {
        return group::run(&client, &arguments, group, sink).await;
    }
    let mut reader = match builder(&client, &arguments).build().await {
        Ok(reader) => reader,
        Err(error) => return Err(explain(&client, &arguments, error).await),
    };
    let mut left = arguments.count;
    let mut progress = Progress::new(!io::stdout().is_terminal());
    loop {
        let next = match reader.next().now_or_never() {
            Some(next) => next,
            None => {
                // Nothing more for the moment: what there is must be seen.
                sink.flush()?;
                reader.next().await
            }
        };
        match next {
            Some(Ok(message)) => {
                sink.write(&message)?;
                progress.moved(message.value.as_ref().map_or(0, |value| value.len()));
            }
            Some(Err(error)) => {
                progress.end();
                sink.flush()?;
                return Err(explain(&client, &arguments, error).await);
            }
            None => break,
        }
        left = left.map(|left| left - 1);
        if left == Some(0) {
            break;
        }
    }
    progress.end();
    sink.end()
}

fn builder(client: &Client, arguments: &Arguments) -> ReaderBuilder {
    let start = arguments.offset.0;
    let mut builder = client.reader();
    for topic in &arguments.topics {
        if arguments.partition.is_empty() {
            builder = builder.topic(topic.as_str(), start);
        }
        for &partition in &arguments.partition {
            builder = builder.partition(topic.as_str(), partition, start);
        }
    }
    if arguments.exit_at_end { builder.until_end() } else { builder }
}

/// A failure that names the topic which does not exist.
async fn explain(client: &Client, arguments: &Arguments, error: Error) -> Failure {
    Failure::of_topics(client, arguments.topics.iter().map(String::as_str), error).await
}
