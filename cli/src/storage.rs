//! `thalweg storage …`: looking at a data directory while no broker runs on it.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use thalweg_broker::storage::{self, BatchAt, Contents, InspectError, MAX_DECOMPRESSED, SegmentReader};

use crate::failure::{Failure, Status};
use crate::output::{Fields, Output, Rows};

/// Look at the files of a data directory.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show what a file says
    Dump(Dump),
    /// Check that everything in a directory is whole and fits together
    Verify(Verify),
}

const DUMP_HELP: &str = "\
Files: segments (.log), their indexes (.index, .timeindex, .txnindex), snapshots of producers (.snapshot),
leader-epoch-checkpoint, partition.metadata, meta.properties, the checkpoints of offsets, thalweg-durable-marks.";

/// Show what a file says
#[derive(Args, Debug)]
#[command(after_help = DUMP_HELP)]
pub struct Dump {
    /// The file; its name tells what it is
    file: PathBuf,
    /// Of a segment, show the records instead of the batches
    #[arg(short, long)]
    records: bool,
    #[command(flatten)]
    output: Output,
}

const VERIFY_HELP: &str = "\
Reads every batch and every record, follows every entry of the indexes, and changes nothing. A broker must not run on
the directory. Exit status 1 if anything is wrong; what, goes to standard error.";

/// Check that everything in a directory is whole and fits together
#[derive(Args, Debug)]
#[command(after_help = VERIFY_HELP)]
pub struct Verify {
    /// A data directory, or the directory of one partition
    directory: PathBuf,
    #[command(flatten)]
    output: Output,
}

/// Runs a command of this noun.
pub fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Dump(arguments) => dump(&arguments),
        Command::Verify(arguments) => verify(&arguments),
    }
}

fn dump(arguments: &Dump) -> Result<(), Failure> {
    let mut rows = Rows::new(arguments.output);
    let damage = match storage::dump(&arguments.file)? {
        Contents::Entries(entries) => {
            for entry in entries {
                rows.push(entry.into_iter().map(|(name, text)| (name.to_owned(), typed(text))).collect())?;
            }
            None
        }
        Contents::Batches(reader) => batches(reader, arguments.records, &mut rows)?,
    };
    rows.finish()?;
    match damage {
        Some(problem) => {
            let text = format!("{}: {problem}", arguments.file.display());
            Err(Failure::new(Status::Failed, text))
        }
        None => Ok(()),
    }
}

/// Shows every batch, or every record, up to the first that cannot be read; tells why it cannot.
fn batches(mut reader: SegmentReader, deep: bool, rows: &mut Rows) -> Result<Option<String>, Failure> {
    while let Some(found) = reader.read_next()? {
        let found = match found {
            Ok(found) => found,
            Err(problem) => return Ok(Some(problem)),
        };
        if !deep {
            rows.push(batch_row(&found))?;
            continue;
        }
        if let Err(problem) = records(&found, rows)? {
            return Ok(Some(format!("at byte {}: {problem}", found.position)));
        }
    }
    Ok(None)
}

fn batch_row(found: &BatchAt) -> Fields {
    let header = found.batch.header();
    let compression = header.compression().map_or_else(|error| error.to_string(), |codec| codec.to_string());
    fields([
        ("base_offset", json!(header.base_offset)),
        ("last_offset", json!(header.last_offset())),
        ("position", json!(found.position)),
        ("bytes", json!(header.size_in_bytes())),
        ("records", json!(header.records_count)),
        ("compression", json!(compression)),
        ("timestamp", json!(header.max_timestamp)),
        ("leader_epoch", json!(header.partition_leader_epoch)),
        ("producer_id", json!(header.producer_id)),
        ("producer_epoch", json!(header.producer_epoch)),
        ("base_sequence", json!(header.base_sequence)),
        ("transactional", json!(header.is_transactional())),
        ("control", json!(header.is_control())),
        ("crc", json!(if found.batch.verify_crc().is_ok() { "ok" } else { "wrong" })),
    ])
}

/// Shows the records of a batch; the inner error is what is wrong with it.
fn records(found: &BatchAt, rows: &mut Rows) -> Result<Result<(), String>, Failure> {
    if let Err(error) = found.batch.verify_crc() {
        return Ok(Err(error.to_string()));
    }
    let records = match found.batch.records(MAX_DECOMPRESSED) {
        Ok(records) => records,
        Err(error) => return Ok(Err(error.to_string())),
    };
    for record in &records {
        let record = match record {
            Ok(record) => record,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let mut headers = Vec::new();
        for header in record.headers.iter() {
            headers.push(json!([text(Some(header.key)), text(header.value)]));
        }
        rows.push(fields([
            ("offset", json!(record.offset)),
            ("timestamp", json!(record.timestamp)),
            ("key", text(record.key)),
            ("value", text(record.value)),
            ("headers", Value::Array(headers)),
        ]))?;
    }
    Ok(Ok(()))
}

/// Bytes as the rest of the command line shows them: text where they are text.
fn text(bytes: Option<&[u8]>) -> Value {
    use base64::Engine;
    match bytes.map(|bytes| (std::str::from_utf8(bytes), bytes)) {
        None => Value::Null,
        Some((Ok(text), _)) => json!(text),
        Some((Err(_), bytes)) => json!({ "base64": base64::engine::general_purpose::STANDARD.encode(bytes) }),
    }
}

fn verify(arguments: &Verify) -> Result<(), Failure> {
    let reports = storage::verify(&arguments.directory)?;
    let mut rows = Rows::new(arguments.output);
    let mut problems = 0;
    for report in reports {
        problems += report.problems.len();
        let place = |position: Option<u64>| position.map_or_else(String::new, |at| format!(" at byte {at}"));
        let lines = report.problems.iter();
        let lines =
            lines.map(|found| format!("{}{}: {}", found.file.display(), place(found.position), found.text));
        let lines: Vec<String> = lines.collect();
        for line in &lines {
            // The exit status says it too, should nobody read this.
            let _ = writeln!(io::stderr(), "error: {line}");
        }
        rows.push(fields([
            ("partition", json!(report.name)),
            ("segments", json!(report.segments)),
            ("batches", json!(report.batches)),
            ("records", json!(report.records)),
            ("bytes", json!(report.bytes)),
            ("start", json!(report.start)),
            ("end", json!(report.end)),
            ("problems", json!(lines.len())),
        ]))?;
    }
    rows.finish()?;
    match problems {
        0 => Ok(()),
        1 => Err(Failure::new(Status::Failed, "1 problem was found")),
        several => Err(Failure::new(Status::Failed, format!("{several} problems were found"))),
    }
}

fn fields<const N: usize>(pairs: [(&str, Value); N]) -> Fields {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A number where the text is one.
fn typed(text: String) -> Value {
    text.parse::<i64>().map_or(Value::String(text), |number| json!(number))
}

impl From<InspectError> for Failure {
    fn from(error: InspectError) -> Self {
        let status = match (&error, error.io_kind()) {
            (InspectError::UnknownFile(_), _) => Status::Usage,
            (InspectError::Locked(_), _) => Status::Conflict,
            (InspectError::NoPartitions(_), _) => Status::NotFound,
            (_, Some(io::ErrorKind::NotFound)) => Status::NotFound,
            (_, Some(io::ErrorKind::PermissionDenied)) => Status::NotAllowed,
            _ => Status::Failed,
        };
        Failure::new(status, error.to_string())
    }
}
