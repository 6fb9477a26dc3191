//! `thalweg group delete`

use clap::Args;
use serde::Serialize;

use crate::confirm::Confirm;
use crate::failure::Failure;
use crate::output::{Output, Row};
use crate::remote::Remote;

/// Delete groups without members, and their offsets
#[derive(Args, Debug)]
pub struct Arguments {
    /// The groups
    #[arg(required = true, value_name = "GROUP")]
    groups: Vec<String>,
    #[command(flatten)]
    confirm: Confirm,
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    output: Output,
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

pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    let quoted: Vec<String> = arguments.groups.iter().map(|name| format!("\"{name}\"")).collect();
    let noun = if quoted.len() == 1 { "group" } else { "groups" };
    arguments.confirm.ask(&format!("delete {noun} {}", quoted.join(", ")))?;
    let client = arguments.remote.connect().await?;
    let mut rows = Vec::new();
    let mut failures = Vec::new();
    for name in arguments.groups {
        let failure = match client.admin().delete_group(&name).await {
            Ok(()) => None,
            Err(error) => Some(Failure::of_group(&client, &name, error).await),
        };
        rows.push(Deleted { name, error: failure.as_ref().map(Failure::to_string) });
        failures.extend(failure);
    }
    let (failed, all) = (failures.len(), rows.len());
    match failures.into_iter().next() {
        Some(first) if failed == all => Err(first),
        _ => {
            arguments.output.list(&rows)?;
            Failure::of_parts(failed, all, "groups were deleted")
        }
    }
}
