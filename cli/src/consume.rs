//! `thalweg consume`: the records of topics on standard output.

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use clap::Args;
use futures_util::{FutureExt, StreamExt};
use thalweg_client::{Client, Error, ErrorCode, Message, ReaderBuilder};

use crate::failure::{Failure, Status};
use crate::json::JsonMessage;
use crate::output::Format;
use crate::position::Position;
use crate::progress::Progress;
use crate::remote::Remote;
use crate::template::{HELP, Template};

const BUFFER_BYTES: usize = 256 << 10;

/// Arguments of `consume`.
#[derive(Args, Debug)]
#[command(after_help = HELP)]
pub struct Arguments {
    /// The topics
    #[arg(required = true, value_name = "TOPIC")]
    topics: Vec<String>,
    /// Begin at the start, the end, offset N, the last N records of each partition (-N), or a time (@TIME:
    /// milliseconds, @-1h, @2026-11-21T13:45:00Z)
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
    /// End where the topics end now
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
    if error.code() == Some(ErrorCode::UnknownTopicOrPartition) {
        let known = client.admin().topics(true).await.unwrap_or_default();
        let is_missing = |topic: &&String| !known.iter().any(|known| known.name == **topic);
        if let Some(missing) = arguments.topics.iter().find(is_missing) {
            return Failure::of_topic(client, missing, error).await;
        }
    }
    error.into()
}

enum Style {
    Template(Template),
    Lines,
    Array { begun: bool },
    Yaml,
    Name,
}

/// Standard output, in the style that was asked for.
struct Sink {
    output: BufWriter<StdoutLock<'static>>,
    style: Style,
}

impl Sink {
    fn new(arguments: &Arguments) -> Self {
        let style = match (&arguments.format, arguments.json, arguments.output) {
            (Some(template), ..) => Style::Template(template.clone()),
            (None, true, _) | (None, _, Some(Format::Ndjson)) => Style::Lines,
            (None, _, Some(Format::Json)) => Style::Array { begun: false },
            (None, _, Some(Format::Yaml)) => Style::Yaml,
            (None, _, Some(Format::Name)) => Style::Name,
            (None, _, Some(Format::Table) | None) => Style::Template(Template::default()),
        };
        Self { output: BufWriter::with_capacity(BUFFER_BYTES, io::stdout().lock()), style }
    }

    fn write(&mut self, message: &Message) -> Result<(), Failure> {
        let output = &mut self.output;
        let written = match &mut self.style {
            Style::Template(template) => template.write(message, output),
            Style::Lines => json(message, output).and_then(|()| output.write_all(b"\n")),
            Style::Array { begun } => {
                let before: &[u8] = if std::mem::replace(begun, true) { b",\n" } else { b"[\n" };
                output.write_all(before).and_then(|()| json(message, output))
            }
            Style::Yaml => {
                let text = serde_yaml_ng::to_string(&JsonMessage::from(message)).map_err(io::Error::other);
                text.and_then(|text| write!(output, "---\n{text}"))
            }
            Style::Name => writeln!(output, "{}-{}", message.topic, message.partition),
        };
        written.map_err(unwritable)
    }

    fn flush(&mut self) -> Result<(), Failure> {
        self.output.flush().map_err(unwritable)
    }

    fn end(mut self) -> Result<(), Failure> {
        let ended = match self.style {
            Style::Array { begun: true } => self.output.write_all(b"\n]\n"),
            Style::Array { begun: false } => self.output.write_all(b"[]\n"),
            _ => Ok(()),
        };
        ended.map_err(unwritable)?;
        self.flush()
    }
}

fn json(message: &Message, output: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer(output, &JsonMessage::from(message)).map_err(io::Error::from)
}

fn unwritable(error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::OutputClosed,
        io::ErrorKind::StorageFull => Failure::new(Status::Failed, "the disk is full"),
        _ => Failure::io("standard output")(error),
    }
}
