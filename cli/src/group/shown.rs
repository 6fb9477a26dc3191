//! How groups, members and lag are shown.

use std::collections::BTreeMap;

use serde::Serialize;
use thalweg_client::{Group, GroupMember, PartitionLag, TopicPartition};

use crate::output::{Row, or_dash};

#[derive(Serialize)]
pub struct ShownGroup {
    pub name: String,
    pub state: String,
    pub r#type: String,
    pub protocol_type: String,
}

impl From<Group> for ShownGroup {
    fn from(group: Group) -> Self {
        ShownGroup {
            name: group.name,
            state: group.state,
            r#type: group.kind,
            protocol_type: group.protocol_type,
        }
    }
}

impl Row for ShownGroup {
    const COLUMNS: &'static [&'static str] = &["name", "state", "type", "protocol_type"];

    fn cells(&self) -> Vec<String> {
        vec![self.name.clone(), self.state.clone(), self.r#type.clone(), self.protocol_type.clone()]
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}

#[derive(Serialize)]
pub struct ShownPlace {
    pub topic: String,
    pub partition: i32,
}

fn places(partitions: &[TopicPartition]) -> Vec<ShownPlace> {
    let place =
        |place: &TopicPartition| ShownPlace { topic: place.topic.to_string(), partition: place.partition };
    partitions.iter().map(place).collect()
}

#[derive(Serialize)]
pub struct ShownMember {
    pub member: String,
    pub instance: Option<String>,
    pub client: String,
    pub host: String,
    pub protocol: &'static str,
    pub epoch: Option<i32>,
    pub topics: Vec<String>,
    pub pattern: Option<String>,
    pub assigned: Vec<ShownPlace>,
    pub target: Vec<ShownPlace>,
}

impl From<GroupMember> for ShownMember {
    fn from(member: GroupMember) -> Self {
        ShownMember {
            member: member.id,
            instance: member.instance_id,
            client: member.client_id,
            host: member.client_host,
            protocol: if member.classic { "classic" } else { "consumer" },
            epoch: member.epoch,
            topics: member.topics,
            pattern: member.pattern,
            assigned: places(&member.assigned),
            target: places(&member.target),
        }
    }
}

impl Row for ShownMember {
    const COLUMNS: &'static [&'static str] =
        &["member", "instance", "client", "host", "protocol", "epoch", "assigned"];

    fn cells(&self) -> Vec<String> {
        let mut topics: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for place in &self.assigned {
            topics.entry(&place.topic).or_default().push(place.partition.to_string());
        }
        let assigned: Vec<String> =
            topics.iter().map(|(topic, partitions)| format!("{topic}:{}", partitions.join(","))).collect();
        vec![
            self.member.clone(),
            self.instance.clone().unwrap_or_default(),
            self.client.clone(),
            self.host.clone(),
            self.protocol.to_owned(),
            self.epoch.map(|epoch| epoch.to_string()).unwrap_or_default(),
            assigned.join(" "),
        ]
    }

    fn name(&self) -> String {
        self.member.clone()
    }
}

#[derive(Serialize)]
pub struct ShownLag {
    pub topic: String,
    pub partition: i32,
    pub committed: Option<i64>,
    pub start: Option<i64>,
    pub end: Option<i64>,
    pub lag: Option<i64>,
    pub member: Option<String>,
    pub client: Option<String>,
    pub host: Option<String>,
}

impl From<PartitionLag> for ShownLag {
    fn from(told: PartitionLag) -> Self {
        let (member, client, host) = match told.member {
            Some((member, client, host)) => (Some(member), Some(client), Some(host)),
            None => (None, None, None),
        };
        ShownLag {
            topic: told.partition.topic.to_string(),
            partition: told.partition.partition,
            committed: told.committed,
            start: told.start,
            end: told.end,
            lag: told.lag,
            member,
            client,
            host,
        }
    }
}

impl Row for ShownLag {
    const COLUMNS: &'static [&'static str] =
        &["topic", "partition", "committed", "end", "lag", "member", "client", "host"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.topic.clone(),
            self.partition.to_string(),
            or_dash(self.committed),
            or_dash(self.end),
            or_dash(self.lag),
            or_dash(self.member.as_ref()),
            or_dash(self.client.as_ref()),
            or_dash(self.host.as_ref()),
        ]
    }

    fn name(&self) -> String {
        format!("{}:{}", self.topic, self.partition)
    }
}
