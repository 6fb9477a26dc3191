//! `thalweg topic purge-key`

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, ValueEnum};
use serde::Serialize;
use thalweg_client::{Purge, PurgeProof, PurgedPartition, PurgedSegment};

use crate::confirm::Confirm;
use crate::failure::{Failure, Status};
use crate::output::{Output, Row, columns};
use crate::progress::WorkLine;
use crate::remote::Remote;

/// Runs of offsets that a table shows; the other formats show all.
const SHOWN_RUNS: usize = 8;

/// Remove every record of a key, and show that none is left
#[derive(Args, Debug)]
#[command(after_help = "\
Every record of the key goes: values, tombstones, records of open and aborted transactions. Offsets of other records stay as they
are. Afterwards every segment is looked through, the newest included; the report says what was looked at, and what is left. It
ends with status 7 unless nothing is left. Records that come meanwhile are reported, not removed: run it again.

Copies elsewhere are out of its reach: other topics, backups, what consumers have read.

Examples: thalweg topic purge-key customers --key jane@example.org --dry-run
          thalweg topic purge-key customers --key jane@example.org --yes")]
pub struct PurgeKey {
    /// The topic
    name: String,
    /// The key
    #[arg(short, long, allow_hyphen_values = true)]
    key: String,
    /// How the key is written
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    key_format: KeyFormat,
    /// Only in these partitions; may be repeated
    #[arg(short, long = "partition", value_name = "N", value_parser = clap::value_parser!(i32).range(0..))]
    partitions: Vec<i32>,
    /// Keep one tombstone, appended where there is none, so that consumers learn of the deletion; it holds the key. Run it again
    /// without this when they have read it. For compacted topics only
    #[arg(long)]
    tombstone: bool,
    /// Show what would be done, and do nothing: the segments and offsets that would go, and what there is of the key
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    confirm: Confirm,
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    output: Output,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum KeyFormat {
    /// As it stands
    #[default]
    Text,
    /// Two digits a byte
    Hex,
    /// Base64, as keys that are not UTF-8 stand in `consume --json`
    Base64,
}

impl KeyFormat {
    fn decode(self, key: &str) -> Result<Vec<u8>, Failure> {
        let wrong = |form: &str| Failure::new(Status::Usage, format!("the key is not {form}"));
        match self {
            KeyFormat::Text => Ok(key.as_bytes().to_vec()),
            KeyFormat::Hex => unhex(key).ok_or_else(|| wrong("hexadecimal")),
            KeyFormat::Base64 => STANDARD.decode(key).map_err(|_| wrong("base64")),
        }
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    };
    text.as_bytes().chunks(2).map(pair).collect()
}

#[derive(Serialize)]
struct Whole<'a> {
    topic: &'a str,
    dry_run: bool,
    complete: bool,
    partitions: &'a [ShownPartition],
    segments: &'a [ShownSegment],
    notes: &'a [String],
}

#[derive(Serialize)]
struct ShownPartition {
    partition: i32,
    found: i64,
    removed: i64,
    segments_rewritten: usize,
    tombstone: Option<i64>,
    segments_scanned: Option<i64>,
    records_scanned: Option<i64>,
    bytes_scanned: Option<i64>,
    proved_to: Option<i64>,
    remaining: Option<Vec<(i64, i64)>>,
    files_still_read: i32,
    strange_files: Vec<String>,
    complete: bool,
    error: Option<String>,
}

#[derive(Serialize)]
struct ShownSegment {
    partition: i32,
    segment: i64,
    removed: Vec<(i64, i64)>,
    bytes_before: i64,
    bytes_after: i64,
}

impl From<&PurgedPartition> for ShownPartition {
    fn from(purged: &PurgedPartition) -> Self {
        let proof = purged.proof.as_ref().ok();
        let number = |number: fn(&PurgeProof) -> i64| proof.map(number);
        ShownPartition {
            partition: purged.partition,
            found: purged.records_found,
            removed: purged.records_removed,
            segments_rewritten: purged.segments.len(),
            tombstone: purged.tombstone_offset,
            segments_scanned: number(|proof| proof.segments),
            records_scanned: number(|proof| proof.records),
            bytes_scanned: number(|proof| proof.bytes),
            proved_to: number(|proof| proof.up_to_offset),
            remaining: proof.map(|proof| proof.remaining.clone()),
            files_still_read: proof.map_or(0, |proof| proof.files_still_read),
            strange_files: proof.map(|proof| proof.strange_files.clone()).unwrap_or_default(),
            complete: purged.is_complete(),
            error: purged.proof.as_ref().err().map(ToString::to_string),
        }
    }
}

impl ShownSegment {
    fn new(partition: i32, segment: &PurgedSegment) -> Self {
        ShownSegment {
            partition,
            segment: segment.base_offset,
            removed: segment.removed.clone(),
            bytes_before: segment.bytes_before,
            bytes_after: segment.bytes_after,
        }
    }
}

impl Row for ShownPartition {
    const COLUMNS: &'static [&'static str] = &[
        "partition",
        "found",
        "removed",
        "rewritten",
        "segments_scanned",
        "records_scanned",
        "left",
        "proved_to",
        "complete",
        "error",
    ];

    fn cells(&self) -> Vec<String> {
        let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
        let left =
            self.remaining.as_ref().map(|runs| runs.iter().map(|(first, last)| last - first + 1).sum());
        vec![
            self.partition.to_string(),
            self.found.to_string(),
            self.removed.to_string(),
            self.segments_rewritten.to_string(),
            number(self.segments_scanned),
            number(self.records_scanned),
            number(left),
            number(self.proved_to),
            if self.complete { "yes" } else { "no" }.to_owned(),
            self.error.clone().unwrap_or_default(),
        ]
    }

    fn name(&self) -> String {
        self.partition.to_string()
    }
}

impl Row for ShownSegment {
    const COLUMNS: &'static [&'static str] =
        &["partition", "segment", "bytes_before", "bytes_after", "offsets_removed"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.partition.to_string(),
            self.segment.to_string(),
            self.bytes_before.to_string(),
            self.bytes_after.to_string(),
            shown_runs(&self.removed),
        ]
    }

    fn name(&self) -> String {
        self.segment.to_string()
    }
}

/// The first runs, and how many more there are.
fn shown_runs(runs: &[(i64, i64)]) -> String {
    let one = |(first, last): &(i64, i64)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    };
    let mut shown: Vec<String> = runs.iter().take(SHOWN_RUNS).map(one).collect();
    if runs.len() > SHOWN_RUNS {
        shown.push(format!("and {} more", runs.len() - SHOWN_RUNS));
    }
    shown.join(",")
}

/// What the numbers do not say.
fn notes(partitions: &[ShownPartition], dry_run: bool) -> Vec<String> {
    if dry_run {
        return vec!["nothing was changed: this is what would be done".to_owned()];
    }
    let mut notes = Vec::new();
    for shown in partitions {
        let partition = shown.partition;
        if let Some(tombstone) = shown.tombstone {
            notes.push(format!(
                "partition {partition}: the tombstone at offset {tombstone} holds the key; run this again without --tombstone \
                 when consumers have read it"
            ));
        }
        if let Some(remaining) = shown.remaining.as_ref().filter(|remaining| !remaining.is_empty()) {
            let offsets = shown_runs(remaining);
            notes
                .push(format!("partition {partition}: records came meanwhile, at {offsets}; run this again"));
        }
        if shown.files_still_read > 0 {
            notes.push(format!(
                "partition {partition}: {} replaced segments are still read; their bytes leave the disk when the readers go",
                shown.files_still_read
            ));
        }
        if !shown.strange_files.is_empty() {
            let files = shown.strange_files.join(", ");
            notes.push(format!("partition {partition}: files that were not looked at: {files}"));
        }
    }
    notes
}

pub async fn run(arguments: PurgeKey) -> Result<(), Failure> {
    let key = arguments.key_format.decode(&arguments.key)?;
    let what =
        format!("remove every record of the key {:?} from topic \"{}\"", arguments.key, arguments.name);
    if !arguments.dry_run {
        arguments.confirm.ask(&what)?;
    }
    let client = arguments.remote.connect().await?;
    let mut purge = Purge::new(arguments.name.as_str(), key).partitions(arguments.partitions.as_slice());
    (purge.tombstone, purge.dry_run) = (arguments.tombstone, arguments.dry_run);
    let mut line = WorkLine::new();
    let done = client.admin().purge_key(purge, |progress| line.tell(&progress)).await;
    line.end();
    let done = match done {
        Ok(done) => done,
        Err(error) => return Err(Failure::of_topic(&client, &arguments.name, error).await),
    };
    report(&arguments.name, arguments.dry_run, &done, arguments.output)
}

fn report(topic: &str, dry_run: bool, done: &[PurgedPartition], output: Output) -> Result<(), Failure> {
    let partitions: Vec<ShownPartition> = done.iter().map(ShownPartition::from).collect();
    let of_partition = |purged: &PurgedPartition| {
        purged.segments.iter().map(|segment| ShownSegment::new(purged.partition, segment)).collect()
    };
    let segments: Vec<ShownSegment> = done.iter().flat_map::<Vec<_>, _>(of_partition).collect();
    let notes = notes(&partitions, dry_run);
    let whole = Whole {
        topic,
        dry_run,
        complete: partitions.iter().all(|shown| shown.complete),
        partitions: &partitions,
        segments: &segments,
        notes: &notes,
    };
    let mut parts = vec![columns(&partitions)];
    if !segments.is_empty() {
        parts.push(columns(&segments));
    }
    output.whole(&whole, topic, &parts)?;
    if output.format == crate::output::Format::Table {
        let lines: String = notes.iter().map(|note| format!("note: {note}\n")).collect();
        // A terminal that is gone needs no notes.
        let _ = std::io::stderr().write_all(lines.as_bytes());
    }
    let total = partitions.len();
    if dry_run {
        let failed = partitions.iter().filter(|shown| shown.error.is_some()).count();
        return partly(failed, format!("{failed} of {total} partitions could not be looked through"));
    }
    let incomplete = partitions.iter().filter(|shown| !shown.complete).count();
    partly(incomplete, format!("the key is not shown to be gone from {incomplete} of {total} partitions"))
}

fn partly(failed: usize, message: String) -> Result<(), Failure> {
    if failed == 0 { Ok(()) } else { Err(Failure::new(Status::Partly, message)) }
}
