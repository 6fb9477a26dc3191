//! `thalweg topic describe`

use clap::Args;
use serde::Serialize;

use super::compaction::ShownCompaction;
use super::shown::{ShownPartition, ShownSetting, ShownTopic};
use crate::failure::Failure;
use crate::output::{Output, columns};
use crate::remote::Remote;

/// The source of a value that was set on the topic itself.
const OF_TOPIC: &str = "DYNAMIC_TOPIC_CONFIG";

/// Show a topic: its partitions, what retention and compaction do in them, and the settings that were set on it
#[derive(Args, Debug)]
#[command(after_help = "\
What compactions and purges have removed, and the last compaction, are told since the broker was started; so a compaction of before \
is not among them. Everything else is as it is now.

Example: thalweg topic describe orders -O json")]
pub struct Arguments {
    /// The name
    name: String,
    /// Show every setting, also those that were not set on the topic
    #[arg(short, long)]
    all: bool,
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    output: Output,
}

#[derive(Serialize)]
struct Whole<'a> {
    name: &'a str,
    id: &'a str,
    internal: bool,
    partitions: &'a [ShownPartition],
    configs: &'a [ShownSetting],
}

pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    let client = arguments.remote.connect().await?;
    let found = match client.admin().topic(&arguments.name).await {
        Ok(found) => found,
        Err(error) => return Err(Failure::of_topic(&client, &arguments.name, error).await),
    };
    let topic = ShownTopic::from(found.topic);
    let partitions: Vec<ShownPartition> = found.partitions.into_iter().map(ShownPartition::from).collect();
    let settings = found.configs.into_iter().filter(|setting| arguments.all || setting.source == OF_TOPIC);
    let settings: Vec<ShownSetting> = settings.map(ShownSetting::from).collect();
    let whole = Whole {
        name: &topic.name,
        id: &topic.id,
        internal: topic.internal,
        partitions: &partitions,
        configs: &settings,
    };
    let mut parts = vec![columns(std::slice::from_ref(&topic)), columns(&partitions)];
    let compactions: Vec<ShownCompaction> =
        partitions.iter().filter_map(|shown| shown.compaction.clone()).collect();
    if !compactions.is_empty() {
        parts.push(columns(&compactions));
    }
    if !settings.is_empty() {
        parts.push(columns(&settings));
    }
    arguments.output.whole(&whole, &topic.name, &parts)
}
