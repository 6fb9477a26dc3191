//! Rows that are written as they are found, however many there are.

use std::io::{self, IsTerminal};

use serde_json::{Map, Value};

use super::{Format, Output, line, pretty, table, write, yaml};
use crate::failure::Failure;

/// A row: names and values, in the order of the columns.
pub type Fields = Map<String, Value>;

/// Writes rows one by one. Only a table for people waits for the last, to know how wide its columns are.
pub struct Rows {
    output: Output,
    written: usize,
    held: Vec<Fields>,
}

impl Rows {
    /// Nothing is written yet.
    pub fn new(output: Output) -> Rows {
        Rows { output, written: 0, held: Vec::new() }
    }

    /// Writes a row. The first field is what it is called.
    pub fn push(&mut self, row: Fields) -> Result<(), Failure> {
        let first = self.written == 0;
        self.written += 1;
        match self.output.format {
            Format::Table if io::stdout().is_terminal() => {
                self.held.push(row);
                Ok(())
            }
            Format::Table => write(&(cells(&row).join("\t") + "\n")),
            Format::Json => {
                let element = pretty(&row)?;
                let indented: Vec<String> = element.lines().map(|line| format!("  {line}")).collect();
                write(&format!("{}{}", if first { "[\n" } else { ",\n" }, indented.join("\n")))
            }
            Format::Ndjson => write(&line(&row)?),
            Format::Yaml => write(&yaml(&[row])?),
            Format::Name => write(&(cells(&row).into_iter().next().unwrap_or_default() + "\n")),
        }
    }

    /// Writes what is left to write.
    pub fn finish(self) -> Result<(), Failure> {
        match self.output.format {
            Format::Json if self.written == 0 => write("[]\n"),
            Format::Json => write("\n]\n"),
            Format::Yaml if self.written == 0 => write("[]\n"),
            Format::Table => match self.held.first() {
                Some(first) => write(&table(first.keys().map(String::as_str), self.held.iter().map(cells))),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }
}

fn cells(row: &Fields) -> Vec<String> {
    let cell = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.replace(['\t', '\n', '\r'], " "),
        other => other.to_string(),
    };
    row.values().map(cell).collect()
}
