//! `thalweg topic compact`

use std::io::Write;

use clap::Args;
use serde::Serialize;
use thalweg_client::{CompactedPartition, CompactionOutcome};

use crate::failure::{Failure, Status};
use crate::output::{Output, Row};
use crate::progress::WorkLine;
use crate::remote::Remote;

/// Compact a topic now, however little of it is dirty
#[derive(Args, Debug)]
#[command(after_help = "\
The newest segment is ended first, so that all that is durable is compacted, but for what is younger than
min.compaction.lag.ms and what waits for an open transaction.

Example: thalweg topic compact orders --wait")]
pub struct Compact {
    /// The name
    name: String,
    /// Only these partitions; may be repeated
    #[arg(short, long = "partition", value_name = "N", value_parser = clap::value_parser!(i32).range(0..))]
    partitions: Vec<i32>,
    /// Wait until it is done, and tell what was done
    #[arg(short, long)]
    wait: bool,
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    output: Output,
}

#[derive(Serialize)]
struct Compacted {
    partition: i32,
    outcome: &'static str,
    compacted_to: Option<i64>,
    end: i64,
    bytes_before: Option<i64>,
    bytes_after: Option<i64>,
    records_before: Option<i64>,
    records_after: Option<i64>,
    milliseconds: Option<u64>,
    error: Option<String>,
}

impl From<CompactedPartition> for Compacted {
    fn from(done: CompactedPartition) -> Self {
        let CompactedPartition { partition, run, end_offset: end } = done;
        let is_done = run.outcome == CompactionOutcome::Done;
        let known = is_done || run.outcome == CompactionOutcome::Nothing;
        let of_done = |number: i64| is_done.then_some(number);
        Compacted {
            partition,
            outcome: outcome(&run.outcome),
            compacted_to: known.then_some(run.compacted_to),
            end,
            bytes_before: of_done(run.bytes_before),
            bytes_after: of_done(run.bytes_after),
            records_before: of_done(run.records_before),
            records_after: of_done(run.records_after),
            milliseconds: known.then_some(u64::try_from(run.took.as_millis()).unwrap_or(u64::MAX)),
            error: match run.outcome {
                CompactionOutcome::Failed(error) => Some(error.to_string()),
                _ => None,
            },
        }
    }
}

impl Compacted {
    /// What could not be compacted yet.
    fn note(&self) -> Option<String> {
        let from = self.compacted_to.filter(|to| *to < self.end)?;
        let partition = self.partition;
        Some(format!(
            "note: partition {partition}: records from offset {from} on are younger than min.compaction.lag.ms, or wait for an \
             open transaction\n"
        ))
    }
}

/// What became of a compaction, in a word.
pub fn outcome(outcome: &CompactionOutcome) -> &'static str {
    match outcome {
        CompactionOutcome::Done => "done",
        CompactionOutcome::Nothing => "nothing",
        CompactionOutcome::Started => "started",
        CompactionOutcome::Failed(_) => "failed",
    }
}

impl Row for Compacted {
    const COLUMNS: &'static [&'static str] = &[
        "partition",
        "outcome",
        "compacted_to",
        "end",
        "bytes_before",
        "bytes_after",
        "records_before",
        "records_after",
        "ms",
        "error",
    ];

    fn cells(&self) -> Vec<String> {
        let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
        vec![
            self.partition.to_string(),
            self.outcome.to_owned(),
            number(self.compacted_to),
            self.end.to_string(),
            number(self.bytes_before),
            number(self.bytes_after),
            number(self.records_before),
            number(self.records_after),
            self.milliseconds.map(|ms| ms.to_string()).unwrap_or_default(),
            self.error.clone().unwrap_or_default(),
        ]
    }

    fn name(&self) -> String {
        self.partition.to_string()
    }
}

pub async fn run(arguments: Compact) -> Result<(), Failure> {
    let client = arguments.remote.connect().await?;
    let mut line = WorkLine::new();
    let told = |progress: thalweg_client::WorkProgress| line.tell(&progress);
    let done = client.admin().compact(&arguments.name, &arguments.partitions, arguments.wait, told).await;
    line.end();
    let rows: Vec<Compacted> = match done {
        Ok(done) => done.into_iter().map(Compacted::from).collect(),
        Err(error) if error.code() == Some(thalweg_client::ErrorCode::PolicyViolation) => {
            let hint = format!("thalweg topic alter {} --config cleanup.policy=compact", arguments.name);
            return Err(Failure::with_hint(Status::Conflict, error.to_string(), hint));
        }
        Err(error) => return Err(Failure::of_topic(&client, &arguments.name, error).await),
    };
    arguments.output.list(&rows)?;
    let young: String = rows.iter().filter_map(Compacted::note).collect();
    // A terminal that is gone needs no notes.
    let _ = std::io::stderr().write_all(young.as_bytes());
    let failed = rows.iter().filter(|row| row.error.is_some()).count();
    Failure::of_parts(failed, rows.len(), "partitions were compacted")
}
