//! `thalweg group delete`

use clap::Args;

use crate::confirm::Confirm;
use crate::deletion::Deletions;
use crate::failure::Failure;
use crate::output::Output;
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

pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    let mut deletions = Deletions::confirmed("group", &arguments.groups, arguments.confirm)?;
    let client = arguments.remote.connect().await?;
    for name in arguments.groups {
        let failure = match client.admin().delete_group(&name).await {
            Ok(()) => None,
            Err(error) => Some(Failure::of_group(&client, &name, error).await),
        };
        deletions.note(name, failure);
    }
    deletions.report(arguments.output)
}
