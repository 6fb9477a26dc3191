//! `thalweg group seek`

use std::collections::BTreeMap;
use std::str::FromStr;

use clap::{ArgGroup, Args};
use serde::Serialize;
use thalweg_client::{ErrorCode, OffsetReset, ResetTo, Start};

use crate::confirm::Confirm;
use crate::failure::Failure;
use crate::output::{Output, Row, or_dash};
use crate::position::Position;
use crate::remote::Remote;

/// Move the committed offsets of a group without members
#[derive(Args, Debug)]
#[command(
    group = ArgGroup::new("where").required(true).args(["to", "by"]),
    after_help = "Without --topic, every partition that has a committed offset is moved. An offset that is not there any \
more, or not yet, becomes the nearest that is.\n\nExample: thalweg group seek billing --to @-1h --topic orders --dry-run"
)]
pub struct Arguments {
    /// The group; with --topic it need not exist yet
    group: String,
    /// Where to: the start, the end, offset N, or the first record of a time on (@TIME: milliseconds, @-1h,
    /// @2026-11-21T13:45:00Z)
    #[arg(long, value_name = "start|end|N|@TIME", value_parser = target)]
    to: Option<ResetTo>,
    /// By how many records, back if negative
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    by: Option<i64>,
    /// Only in this topic, or in these partitions of it; may be repeated
    #[arg(long = "topic", value_name = "TOPIC[:P,P…]")]
    topics: Vec<Chosen>,
    /// Show what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    confirm: Confirm,
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    output: Output,
}

/// `TOPIC`, `TOPIC:P` or `TOPIC:P,P`
#[derive(Clone, Debug)]
struct Chosen {
    topic: String,
    partitions: Vec<i32>,
}

impl FromStr for Chosen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (topic, partitions) =
            text.split_once(':').map_or((text, None), |(topic, rest)| (topic, Some(rest)));
        let number = |text: &str| match text.parse::<i32>() {
            Ok(partition) if partition >= 0 => Ok(partition),
            _ => Err(format!("{text:?} is no partition: expected TOPIC, TOPIC:0 or TOPIC:0,1")),
        };
        let partitions = match partitions {
            Some(partitions) => partitions.split(',').map(number).collect::<Result<_, _>>()?,
            None => Vec::new(),
        };
        Ok(Self { topic: topic.to_owned(), partitions })
    }
}

fn target(text: &str) -> Result<ResetTo, String> {
    match text.parse::<Position>().map(|position| position.0) {
        Ok(Start::Beginning) => Ok(ResetTo::Start),
        Ok(Start::End) => Ok(ResetTo::End),
        Ok(Start::Offset(offset)) if offset >= 0 => Ok(ResetTo::Offset(offset)),
        Ok(Start::Timestamp(timestamp)) => Ok(ResetTo::Timestamp(timestamp)),
        Ok(Start::Offset(_) | Start::Tail(_)) => Err("--by moves backwards".to_owned()),
        Err(_) if !text.starts_with('@') => {
            Err(format!("{text:?} is none of start, end, an offset N, or a time @TIME"))
        }
        Err(wrong) => Err(wrong),
    }
}

#[derive(Serialize)]
struct ShownReset {
    topic: String,
    partition: i32,
    previous: Option<i64>,
    offset: Option<i64>,
    error: Option<String>,
}

impl From<OffsetReset> for ShownReset {
    fn from(reset: OffsetReset) -> Self {
        let (offset, error) = match reset.outcome {
            Ok(offset) => (Some(offset), None),
            Err(error) => (None, Some(error.to_string())),
        };
        ShownReset {
            topic: reset.partition.topic.to_string(),
            partition: reset.partition.partition,
            previous: reset.previous,
            offset,
            error,
        }
    }
}

impl Row for ShownReset {
    const COLUMNS: &'static [&'static str] = &["topic", "partition", "previous", "offset", "error"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.topic.clone(),
            self.partition.to_string(),
            or_dash(self.previous),
            or_dash(self.offset),
            self.error.clone().unwrap_or_default(),
        ]
    }

    fn name(&self) -> String {
        format!("{}:{}", self.topic, self.partition)
    }
}

pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { group, to, by, topics, dry_run, confirm, remote, output } = arguments;
    let Some(to) = to.or(by.map(ResetTo::Shift)) else { return Ok(()) };
    if !dry_run {
        confirm.ask(&format!("move the offsets of group \"{group}\""))?;
    }
    let client = remote.connect().await?;
    let mut chosen: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for Chosen { topic, partitions } in &topics {
        chosen.entry(topic).or_default().extend(partitions);
    }
    // A topic that is also named without partitions is meant as a whole.
    for Chosen { topic, .. } in topics.iter().filter(|chosen| chosen.partitions.is_empty()) {
        chosen.entry(topic).and_modify(Vec::clear);
    }
    let wanted: Vec<(&str, &[i32])> =
        chosen.iter().map(|(topic, partitions)| (*topic, partitions.as_slice())).collect();
    let resets = match client.admin().reset_group_offsets(&group, &wanted, to, dry_run).await {
        Ok(resets) => resets,
        Err(error) if error.code() == Some(ErrorCode::UnknownTopicOrPartition) => {
            return Err(Failure::of_topics(&client, wanted.iter().map(|(topic, _)| *topic), error).await);
        }
        Err(error) => return Err(Failure::of_group(&client, &group, error).await),
    };
    if let [OffsetReset { outcome: Err(error), .. }] = resets.as_slice() {
        return Err(error.clone().into());
    }
    let rows: Vec<ShownReset> = resets.into_iter().map(ShownReset::from).collect();
    output.list(&rows)?;
    let failed = rows.iter().filter(|row| row.error.is_some()).count();
    Failure::of_parts(failed, rows.len(), "partitions were moved")
}
