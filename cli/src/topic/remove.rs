//! `thalweg topic trim` and `delete`

use clap::Args;
use serde::Serialize;
use thalweg_client::{Client, OffsetAt, Start};

use crate::confirm::Confirm;
use crate::deletion::Deletions;
use crate::failure::Failure;
use crate::output::{Output, Row};
use crate::position::Position;
use crate::remote::Remote;

/// Remove records from the front of a topic
#[derive(Args, Debug)]
#[command(after_help = "Example: thalweg topic trim orders --before @-7d --yes")]
pub struct Trim {
    /// The name
    name: String,
    /// The first records to stay: those from an offset on, of a time on (@TIME: milliseconds, @-7d,
    /// @2026-11-21T13:45:00Z), the last N (-N), or none (end)
    #[arg(long, value_name = "N|-N|@TIME|end", allow_hyphen_values = true)]
    before: Position,
    /// Only in these partitions; may be repeated
    #[arg(short, long = "partition", value_name = "N", value_parser = clap::value_parser!(i32).range(0..))]
    partitions: Vec<i32>,
    #[command(flatten)]
    confirm: Confirm,
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    output: Output,
}

/// Delete topics and their records
#[derive(Args, Debug)]
pub struct Delete {
    /// The names
    #[arg(required = true)]
    names: Vec<String>,
    #[command(flatten)]
    confirm: Confirm,
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    output: Output,
}

#[derive(Serialize)]
struct Trimmed {
    partition: i32,
    start: Option<i64>,
    error: Option<String>,
}

impl Row for Trimmed {
    const COLUMNS: &'static [&'static str] = &["partition", "start", "error"];

    fn cells(&self) -> Vec<String> {
        let start = self.start.map(|offset| offset.to_string());
        vec![self.partition.to_string(), start.unwrap_or_default(), self.error.clone().unwrap_or_default()]
    }

    fn name(&self) -> String {
        self.partition.to_string()
    }
}

pub async fn trim(arguments: Trim) -> Result<(), Failure> {
    arguments.confirm.ask(&format!("remove records of topic \"{}\"", arguments.name))?;
    let client = arguments.remote.connect().await?;
    let found = match client.admin().topic(&arguments.name).await {
        Ok(found) => found,
        Err(error) => return Err(Failure::of_topic(&client, &arguments.name, error).await),
    };
    let partitions = match arguments.partitions.as_slice() {
        [] => (0..found.topic.partitions).collect(),
        some => some.to_vec(),
    };
    let cuts = resolve(&client, &arguments.name, &partitions, arguments.before).await?;
    let outcomes = client.admin().trim(&arguments.name, &cuts).await?;
    let row = |(partition, outcome): (i32, Result<i64, thalweg_client::Error>)| match outcome {
        Ok(start) => Trimmed { partition, start: Some(start), error: None },
        Err(error) => Trimmed { partition, start: None, error: Some(error.to_string()) },
    };
    let only_error = match outcomes.as_slice() {
        [(_, Err(error))] => Some(error.clone()),
        _ => None,
    };
    let rows: Vec<Trimmed> = outcomes.into_iter().map(row).collect();
    if let Some(error) = only_error {
        return Err(error.into());
    }
    arguments.output.list(&rows)?;
    let failed = rows.iter().filter(|row| row.error.is_some()).count();
    Failure::of_parts(failed, rows.len(), "partitions were trimmed")
}

/// The offset before which each partition is cut; -1 is its end.
async fn resolve(
    client: &Client,
    topic: &str,
    partitions: &[i32],
    before: Position,
) -> Result<Vec<(i32, i64)>, Failure> {
    let same = |offset: i64| Ok(partitions.iter().map(|partition| (*partition, offset)).collect());
    let (at, last) = match before.0 {
        Start::Beginning => return same(0),
        Start::End => return same(-1),
        Start::Offset(offset) => return same(offset),
        Start::Tail(count) => (OffsetAt::End, i64::try_from(count).unwrap_or(i64::MAX)),
        Start::Timestamp(time) => (OffsetAt::Timestamp(time), 0),
    };
    let queries: Vec<_> = partitions.iter().map(|partition| (topic, *partition, at)).collect();
    let offsets = client.admin().offsets(&queries).await?;
    // Where nothing is that young, everything goes.
    let cut = |found: Option<i64>| found.map_or(-1, |offset| offset.saturating_sub(last).max(0));
    Ok(partitions.iter().zip(offsets).map(|(partition, found)| (*partition, cut(found))).collect())
}

pub async fn delete(arguments: Delete) -> Result<(), Failure> {
    let mut deletions = Deletions::confirmed("topic", &arguments.names, arguments.confirm)?;
    let client = arguments.remote.connect().await?;
    for name in arguments.names {
        let failure = match client.admin().delete_topic(&name).await {
            Ok(()) => None,
            Err(error) => Some(Failure::of_topic(&client, &name, error).await),
        };
        deletions.note(name, failure);
    }
    deletions.report(arguments.output)
}
