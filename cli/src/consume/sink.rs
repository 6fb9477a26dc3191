//! Records on standard output.

use std::io::{self, BufWriter, StdoutLock, Write};

use thalweg_client::Message;

use super::Arguments;
use crate::failure::{Failure, Status};
use crate::json::JsonMessage;
use crate::output::Format;
use crate::template::Template;

const BUFFER_BYTES: usize = 256 << 10;

enum Style {
    Template(Template),
    Lines,
    Array { begun: bool },
    Yaml,
    Name,
}

/// Standard output, in the style that was asked for.
pub(super) struct Sink {
    output: BufWriter<StdoutLock<'static>>,
    style: Style,
}

impl Sink {
    pub fn new(arguments: &Arguments) -> Self {
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

    pub fn write(&mut self, message: &Message) -> Result<(), Failure> {
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

    pub fn flush(&mut self) -> Result<(), Failure> {
        self.output.flush().map_err(unwritable)
    }

    pub fn end(mut self) -> Result<(), Failure> {
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
