//! `thalweg topic alter` and `add-partitions`

use clap::Args;

use super::pair;
use super::shown::{ShownSetting, ShownTopic};
use crate::failure::{Failure, Status};
use crate::output::Output;
use crate::remote::Remote;

/// Change settings of a topic
#[derive(Args, Debug)]
#[command(
    after_help = "Example: thalweg topic alter orders --config retention.ms=3600000 --unset segment.ms"
)]
pub struct Alter {
    /// The name
    name: String,
    /// Give a setting a value; may be repeated
    #[arg(short, long, value_name = "KEY=VALUE", value_parser = pair, required_unless_present = "unset")]
    config: Vec<(String, String)>,
    /// Return a setting to its default; may be repeated
    #[arg(short, long, value_name = "KEY")]
    unset: Vec<String>,
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    output: Output,
}

/// Give a topic more partitions
#[derive(Args, Debug)]
#[command(after_help = "Records with the same key may lie in another partition than before.")]
pub struct AddPartitions {
    /// The name
    name: String,
    /// How many partitions it is to have in all
    #[arg(short, long, value_name = "TOTAL", value_parser = clap::value_parser!(i32).range(1..))]
    partitions: i32,
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    output: Output,
}

pub async fn alter(arguments: Alter) -> Result<(), Failure> {
    if let Some((key, _)) = arguments.config.iter().find(|(key, _)| arguments.unset.contains(key)) {
        return Err(Failure::new(Status::Usage, format!("{key} is to be both set and unset")));
    }
    let client = arguments.remote.connect().await?;
    let mut changed: Vec<String> = arguments.config.iter().map(|(key, _)| key.clone()).collect();
    changed.extend(arguments.unset.iter().cloned());
    let set = arguments.config.into_iter().collect();
    let admin = client.admin();
    if let Err(error) = admin.update_topic(&arguments.name, set, arguments.unset).await {
        return Err(Failure::of_topic(&client, &arguments.name, error).await);
    }
    let settings = admin.topic(&arguments.name).await?.configs.into_iter();
    let settings = settings.filter(|setting| changed.contains(&setting.name)).map(ShownSetting::from);
    arguments.output.list(&settings.collect::<Vec<_>>())
}

pub async fn add_partitions(arguments: AddPartitions) -> Result<(), Failure> {
    let client = arguments.remote.connect().await?;
    let admin = client.admin();
    if let Err(error) = admin.add_partitions(&arguments.name, arguments.partitions).await {
        return Err(Failure::of_topic(&client, &arguments.name, error).await);
    }
    arguments.output.one(&ShownTopic::from(admin.topic(&arguments.name).await?.topic))
}
