//! Deleting by name: what is asked before, and what is told after, whatever it is that goes.

use serde::Serialize;

use crate::confirm::Confirm;
use crate::failure::Failure;
use crate::output::{Output, Row};

/// What became of each name.
pub struct Deletions {
    /// What is deleted, in the singular.
    noun: &'static str,
    rows: Vec<Deleted>,
    failures: Vec<Failure>,
}

#[derive(Serialize)]
struct Deleted {
    name: String,
    error: Option<String>,
}

impl Row for Deleted {
    const COLUMNS: &'static [&'static str] = &["name", "error"];

    fn cells(&self) -> Vec<String> {
        vec![self.name.clone(), self.error.clone().unwrap_or_default()]
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}

impl Deletions {
    /// Begins, if the user wants it.
    pub fn confirmed(noun: &'static str, names: &[String], confirm: Confirm) -> Result<Self, Failure> {
        let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
        let plural = if quoted.len() == 1 { "" } else { "s" };
        confirm.ask(&format!("delete {noun}{plural} {}", quoted.join(", ")))?;
        Ok(Self { noun, rows: Vec::new(), failures: Vec::new() })
    }

    /// Takes note of what became of a name.
    pub fn note(&mut self, name: String, failure: Option<Failure>) {
        self.rows.push(Deleted { name, error: failure.as_ref().map(Failure::to_string) });
        self.failures.extend(failure);
    }

    /// Tells it. Where nothing went, the first reason is the failure of the whole.
    pub fn report(self, output: Output) -> Result<(), Failure> {
        let (failed, all) = (self.failures.len(), self.rows.len());
        match self.failures.into_iter().next() {
            Some(first) if failed == all => Err(first),
            _ => {
                output.list(&self.rows)?;
                Failure::of_parts(failed, all, &format!("{}s were deleted", self.noun))
            }
        }
    }
}
