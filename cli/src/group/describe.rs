//! `thalweg group describe`

use clap::Args;
use serde::Serialize;

use super::shown::{ShownGroup, ShownLag, ShownMember};
use crate::failure::Failure;
use crate::output::{Output, columns};
use crate::remote::Remote;

/// Show a group: its members, and how far it is behind
#[derive(Args, Debug)]
pub struct Arguments {
    /// The group
    group: String,
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    output: Output,
}

#[derive(Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    group: &'a ShownGroup,
    assignor: &'a str,
    epoch: Option<i32>,
    assignment_epoch: Option<i32>,
    members: &'a [ShownMember],
    partitions: &'a [ShownLag],
}

pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    let client = arguments.remote.connect().await?;
    let admin = client.admin();
    let found =
        async { Ok((admin.group(&arguments.group).await?, admin.group_lag(&arguments.group).await?)) };
    let (details, lag) = match found.await {
        Ok(found) => found,
        Err(error) => return Err(Failure::of_group(&client, &arguments.group, error).await),
    };
    let group = ShownGroup::from(details.group);
    let members: Vec<ShownMember> = details.members.into_iter().map(ShownMember::from).collect();
    let partitions: Vec<ShownLag> = lag.into_iter().map(ShownLag::from).collect();
    let whole = Whole {
        group: &group,
        assignor: &details.assignor,
        epoch: details.epoch,
        assignment_epoch: details.assignment_epoch,
        members: &members,
        partitions: &partitions,
    };
    let mut parts = vec![columns(std::slice::from_ref(&group))];
    if !members.is_empty() {
        parts.push(columns(&members));
    }
    if !partitions.is_empty() {
        parts.push(columns(&partitions));
    }
    arguments.output.whole(&whole, &group.name, &parts)
}
