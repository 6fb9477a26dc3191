//! What comes out: for people a table, for programs JSON, YAML, names, or columns with tabs between them.

mod rows;

use std::io::{self, IsTerminal, Write};

use clap::{Args, ValueEnum};
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use crate::failure::{Failure, Status};
pub use rows::{Fields, Rows};

/// A format of output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Columns: aligned with headings on a terminal, separated by tabs elsewhere
    #[default]
    Table,
    /// One JSON document
    Json,
    /// One JSON object a line
    Ndjson,
    /// One YAML document
    Yaml,
    /// Names only, one a line
    Name,
}

/// The flag that chooses the format; part of every command that gives data.
#[derive(Args, Clone, Copy, Debug)]
pub struct Output {
    /// How to write the result
    #[arg(
        short = 'O',
        long = "output",
        value_enum,
        default_value_t,
        env = "THALWEG_OUTPUT",
        hide_env_values = true
    )]
    pub format: Format,
}

/// One thing that can be listed.
pub trait Row: Serialize {
    /// The headings.
    const COLUMNS: &'static [&'static str];
    /// The text under each heading.
    fn cells(&self) -> Vec<String>;
    /// What it is called.
    fn name(&self) -> String;
}

/// The text of a cell that may have nothing in it.
pub fn or_dash(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

impl Output {
    /// Writes several things.
    pub fn list<T: Row>(self, rows: &[T]) -> Result<(), Failure> {
        match self.format {
            Format::Table => write(&columns(rows)),
            Format::Json => write(&pretty(&rows)?),
            Format::Ndjson => rows.iter().try_for_each(|row| write(&line(row)?)),
            Format::Yaml => write(&yaml(&rows)?),
            Format::Name => rows.iter().try_for_each(|row| write(&format!("{}\n", row.name()))),
        }
    }

    /// Writes one thing.
    pub fn one<T: Row>(self, row: &T) -> Result<(), Failure> {
        match self.format {
            Format::Json => write(&pretty(row)?),
            Format::Yaml => write(&yaml(row)?),
            _ => self.list(std::slice::from_ref(row)),
        }
    }

    /// Writes one thing with parts: as a whole for programs; for people `parts`, made by [`columns`], in their order.
    pub fn whole<T: Serialize>(self, whole: &T, name: &str, parts: &[String]) -> Result<(), Failure> {
        match self.format {
            Format::Table => write(&parts.join("\n")),
            Format::Json => write(&pretty(whole)?),
            Format::Ndjson => write(&line(whole)?),
            Format::Yaml => write(&yaml(whole)?),
            Format::Name => write(&format!("{name}\n")),
        }
    }
}

/// The rows as columns: a table with headings on a terminal; elsewhere the same columns, whole, with tabs between.
pub fn columns<T: Row>(rows: &[T]) -> String {
    if io::stdout().is_terminal() {
        return table(T::COLUMNS.iter().copied(), rows.iter().map(Row::cells));
    }
    let plain = |cell: String| cell.replace(['\t', '\n', '\r'], " ");
    let line = |row: &T| row.cells().into_iter().map(plain).collect::<Vec<_>>().join("\t") + "\n";
    rows.iter().map(line).collect()
}

/// A table for people.
fn table<'a>(headings: impl Iterator<Item = &'a str>, rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(headings.map(|heading| heading.replace('_', " ").to_uppercase()));
    for row in rows {
        table.add_row(row);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    format!("{}\n", table.trim_fmt())
}

fn pretty<T: Serialize + ?Sized>(value: &T) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map(|text| text + "\n").map_err(unwritable)
}

fn line<T: Serialize + ?Sized>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value).map(|text| text + "\n").map_err(unwritable)
}

fn yaml<T: Serialize + ?Sized>(value: &T) -> Result<String, Failure> {
    serde_yaml_ng::to_string(value).map_err(unwritable)
}

fn unwritable(error: impl std::fmt::Display) -> Failure {
    Failure::new(Status::Failed, format!("the result cannot be written: {error}"))
}

/// Writes text to standard output; a reader who left is no error worth telling.
pub fn write(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::OutputClosed,
        _ => Failure::Io { what: "standard output".to_owned(), source: error },
    })
}
