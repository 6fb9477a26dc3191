//! How topics and partitions are shown.

use serde::Serialize;
use thalweg_client::{PartitionState, Setting, Topic};

use super::compaction::{ShownCompaction, from_now};
use crate::output::Row;

#[derive(Serialize)]
pub struct ShownTopic {
    pub name: String,
    pub partitions: i32,
    pub id: String,
    pub internal: bool,
}

impl From<Topic> for ShownTopic {
    fn from(topic: Topic) -> Self {
        ShownTopic { name: topic.name, partitions: topic.partitions, id: topic.id, internal: topic.internal }
    }
}

impl Row for ShownTopic {
    const COLUMNS: &'static [&'static str] = &["name", "partitions", "id"];

    fn cells(&self) -> Vec<String> {
        vec![self.name.clone(), self.partitions.to_string(), self.id.clone()]
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}

#[derive(Serialize)]
pub struct ShownPartition {
    pub partition: i32,
    pub start: i64,
    pub end: i64,
    pub size_bytes: i64,
    pub leader_epoch: i32,
    pub next_expiry: Option<i64>,
    pub compaction: Option<ShownCompaction>,
}

impl From<PartitionState> for ShownPartition {
    fn from(state: PartitionState) -> Self {
        ShownPartition {
            partition: state.partition,
            start: state.log_start_offset,
            end: state.high_watermark,
            size_bytes: state.size_bytes,
            leader_epoch: state.leader_epoch,
            next_expiry: state.next_expiry_ms,
            compaction: state.compaction.map(|compaction| ShownCompaction::new(state.partition, compaction)),
        }
    }
}

impl Row for ShownPartition {
    const COLUMNS: &'static [&'static str] = &["partition", "start", "end", "bytes", "epoch", "next_expiry"];

    fn cells(&self) -> Vec<String> {
        let numbers =
            [self.partition.into(), self.start, self.end, self.size_bytes, self.leader_epoch.into()];
        let mut cells: Vec<String> = numbers.iter().map(i64::to_string).collect();
        cells.push(self.next_expiry.map(from_now).unwrap_or_default());
        cells
    }

    fn name(&self) -> String {
        self.partition.to_string()
    }
}

#[derive(Serialize)]
pub struct ShownSetting {
    pub name: String,
    pub value: Option<String>,
    pub source: String,
}

impl From<Setting> for ShownSetting {
    fn from(setting: Setting) -> Self {
        ShownSetting { name: setting.name, value: setting.value, source: setting.source }
    }
}

impl Row for ShownSetting {
    const COLUMNS: &'static [&'static str] = &["setting", "value", "source"];

    fn cells(&self) -> Vec<String> {
        vec![self.name.clone(), self.value.clone().unwrap_or_default(), self.source.clone()]
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}
