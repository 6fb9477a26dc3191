//! `thalweg produce`: lines, or records as JSON, into a topic.

use std::collections::{BTreeMap, VecDeque};
use std::io::IsTerminal;
use std::path::PathBuf;

use bytes::Bytes;
use clap::{Args, ValueEnum};
use futures_util::FutureExt;
use serde::Serialize;
use thalweg_client::{Ack, Acks, Client, Compression, Error, Header, Producer, Record, Ticket};

use crate::failure::{Failure, Status};
use crate::json::JsonRecord;
use crate::lines;
use crate::output::{Format, Output, Row};
use crate::progress::Progress;
use crate::remote::Remote;
use crate::template::unescape;

/// Bytes that may wait for their acknowledgement; enough to keep a broker busy, little enough to stay small.
const UNACKED_BYTES: usize = 16 << 20;

/// Arguments of `produce`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The topic
    topic: String,
    /// The file to read; - is standard input
    #[arg(default_value = "-", hide_default_value = true)]
    file: PathBuf,
    /// Give every record this key
    #[arg(short, long)]
    key: Option<String>,
    /// Split each line at the first SEPARATOR into key and value; a line without it has no key
    #[arg(long, value_name = "SEPARATOR", value_parser = separator, conflicts_with = "key")]
    key_sep: Option<Separator>,
    /// Add a header to every record; may be repeated
    #[arg(short = 'H', long = "header", value_name = "NAME=VALUE", value_parser = header)]
    headers: Vec<(String, String)>,
    /// Send to this partition instead of the one that the key chooses
    #[arg(short, long, value_parser = clap::value_parser!(i32).range(0..))]
    partition: Option<i32>,
    /// Compress batches: none, gzip, snappy, lz4 or zstd
    #[arg(short = 'z', long = "compression", value_name = "CODEC", default_value = "none")]
    codec: Compression,
    /// When a record counts as stored: 0 sent, 1 and all durable
    #[arg(long, value_enum, default_value_t = AcksArgument::All)]
    acks: AcksArgument,
    /// Read a JSON object a line, as `consume --json` writes them; all but `value` may be missing
    #[arg(long, conflicts_with = "key_sep")]
    json: bool,
    /// Tell afterwards what was stored where, in this format
    #[arg(short = 'O', long = "output", value_enum)]
    output: Option<Format>,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum AcksArgument {
    #[value(name = "0")]
    None,
    #[value(name = "1")]
    Leader,
    #[value(name = "all", alias = "-1")]
    All,
}

impl From<AcksArgument> for Acks {
    fn from(acks: AcksArgument) -> Self {
        match acks {
            AcksArgument::None => Self::None,
            AcksArgument::Leader => Self::Leader,
            AcksArgument::All => Self::All,
        }
    }
}

/// Bytes between key and value.
#[derive(Clone, Debug)]
struct Separator(Vec<u8>);

fn separator(text: &str) -> Result<Separator, String> {
    match unescape(text)? {
        bytes if bytes.is_empty() => Err("a separator has one character at least".to_owned()),
        bytes => Ok(Separator(bytes)),
    }
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Sends everything, and waits until it is stored.
pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    let source = lines::open(&arguments.file).map_err(Failure::io(arguments.file.display().to_string()))?;
    let client = arguments.remote.connect().await?;
    let producer = client
        .producer()
        .acks(arguments.acks.into())
        .compression(arguments.codec)
        .max_unacked_bytes(UNACKED_BYTES)
        .build();
    // Who types does not want to be talked over.
    let typing = arguments.file.as_os_str() == "-" && std::io::stdin().is_terminal();
    let mut progress = Progress::new(!typing);
    let mut feed = Feed::new(&arguments, producer);
    let mut chunks = lines::read_ahead(source);
    let mut stopped = None;
    while let Some(chunk) = chunks.recv().await {
        let sent = match chunk {
            Ok(chunk) => feed.send(chunk, &mut progress).await,
            Err(error) => Err(Failure::io(arguments.file.display().to_string())(error)),
        };
        if let Err(failure) = sent {
            stopped = Some(failure);
            break;
        }
    }
    let report = feed.finish().await;
    progress.end();
    if let Some(format) = arguments.output {
        Output { format }.list(&report.stored.values().cloned().collect::<Vec<_>>())?;
    }
    match outcome(&client, &arguments.topic, &report, stopped).await {
        Some(failure) => Err(failure),
        None => Ok(()),
    }
}

/// What was stored in one partition.
#[derive(Clone, Debug, Serialize)]
struct Stored {
    topic: String,
    partition: i32,
    records: u64,
    first_offset: i64,
    last_offset: i64,
}

impl Row for Stored {
    const COLUMNS: &'static [&'static str] =
        &["topic", "partition", "records", "first offset", "last offset"];

    fn cells(&self) -> Vec<String> {
        let numbers = [i64::from(self.partition), self.records as i64, self.first_offset, self.last_offset];
        std::iter::once(self.topic.clone()).chain(numbers.map(|number| number.to_string())).collect()
    }

    fn name(&self) -> String {
        format!("{}-{}", self.topic, self.partition)
    }
}

/// What became of the records.
#[derive(Default)]
struct Report {
    stored: BTreeMap<i32, Stored>,
    succeeded: u64,
    failed: u64,
    first_error: Option<Error>,
}

impl Report {
    fn take(&mut self, outcome: Result<Ack, Error>) {
        let ack = match outcome {
            Ok(ack) => ack,
            Err(error) => {
                self.failed += 1;
                self.first_error.get_or_insert(error);
                return;
            }
        };
        self.succeeded += 1;
        let stored = self.stored.entry(ack.partition).or_insert_with(|| Stored {
            topic: ack.topic.to_string(),
            partition: ack.partition,
            records: 0,
            first_offset: ack.offset,
            last_offset: ack.offset,
        });
        stored.records += 1;
        stored.last_offset = stored.last_offset.max(ack.offset);
    }
}

/// Why the command fails, if it does.
async fn outcome(client: &Client, topic: &str, report: &Report, stopped: Option<Failure>) -> Option<Failure> {
    let failure = match (stopped, &report.first_error) {
        (Some(failure), _) => failure,
        (None, Some(error)) => Failure::of_topic(client, topic, error.clone()).await,
        (None, None) => return None,
    };
    if report.succeeded == 0 {
        return Some(failure);
    }
    let count = |count: u64| format!("{count} {}", if count == 1 { "record" } else { "records" });
    let stored = count(report.succeeded);
    let message = match report.failed {
        0 => format!("{failure}; {stored} stored before"),
        failed => format!("{} not stored, {stored} stored: {failure}", count(failed)),
    };
    Some(match failure.hint() {
        Some(hint) => Failure::with_hint(Status::Partly, message, hint),
        None => Failure::new(Status::Partly, message),
    })
}

/// Makes records of lines and follows them to their end.
struct Feed<'a> {
    arguments: &'a Arguments,
    producer: Producer,
    template: Record,
    tickets: VecDeque<Ticket>,
    report: Report,
    line: u64,
}

impl<'a> Feed<'a> {
    fn new(arguments: &'a Arguments, producer: Producer) -> Self {
        let mut template = Record::new(arguments.topic.as_str());
        template.partition = arguments.partition;
        template.key = arguments.key.clone().map(Bytes::from);
        let header = |(key, value): &(String, String)| Header {
            key: key.clone(),
            value: Some(Bytes::from(value.clone())),
        };
        template.headers = arguments.headers.iter().map(header).collect();
        Self { arguments, producer, template, tickets: VecDeque::new(), report: Report::default(), line: 0 }
    }

    async fn send(&mut self, chunk: Bytes, progress: &mut Progress) -> Result<(), Failure> {
        for line in lines::split(chunk) {
            self.line += 1;
            let bytes = line.len();
            let record = self.record(line)?;
            let ticket = match self.producer.enqueue(record).await {
                Ok(ticket) => ticket,
                // One record too large for anybody's budget; the others may still go.
                Err(error @ Error::TooLarge { .. }) => {
                    self.report.take(Err(error));
                    continue;
                }
                Err(error) => return Err(self.refused(error)),
            };
            self.tickets.push_back(ticket);
            progress.moved(bytes);
        }
        self.collect();
        Ok(())
    }

    fn record(&self, line: Bytes) -> Result<Record, Failure> {
        let mut record = self.template.clone();
        if self.arguments.json {
            let parsed = JsonRecord::parse(&line);
            let wrong = |error| Failure::new(Status::Failed, format!("line {}: {error}", self.line));
            parsed.map_err(wrong)?.fill(&mut record);
            return Ok(record);
        }
        let found = self.arguments.key_sep.as_ref().and_then(|Separator(separator)| {
            let start = find(&line, separator)?;
            Some((line.slice(..start), line.slice(start + separator.len()..)))
        });
        match found {
            Some((key, value)) => {
                record.key = Some(key);
                record.value = Some(value);
            }
            None => record.value = Some(line),
        }
        Ok(record)
    }

    fn refused(&self, error: Error) -> Failure {
        match error {
            Error::NoSuchPartition { .. } => Failure::new(Status::NotFound, error.to_string()),
            other => other.into(),
        }
    }

    /// Takes the outcomes that are known, in order.
    fn collect(&mut self) {
        while let Some(mut ticket) = self.tickets.pop_front() {
            match (&mut ticket).now_or_never() {
                Some(outcome) => self.report.take(outcome),
                None => return self.tickets.push_front(ticket),
            }
        }
    }

    async fn finish(mut self) -> Report {
        // Its error is that of a record, which the record's ticket tells.
        let _ = self.producer.close().await;
        for ticket in self.tickets {
            let outcome = ticket.await;
            self.report.take(outcome);
        }
        self.report
    }
}

fn find(line: &[u8], separator: &[u8]) -> Option<usize> {
    match separator {
        [byte] => line.iter().position(|other| other == byte),
        _ => line.windows(separator.len()).position(|window| window == separator),
    }
}
