//! Whole scenarios over the shard's operations, on virtual time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod members;
mod random;
mod scenarios;

use std::sync::Arc;
use std::time::Duration;

use thalweg_config::{BrokerSettings, GroupSettings};
use thalweg_proto::error::ErrorCode;
use uuid::Uuid;

use super::*;
use crate::coordinator::group::testing::{self, Topics};
use crate::coordinator::group::{Env, Record, Shard, Step, Surroundings};

const BEGINNING: i64 = 1_700_000_000_000;
const MINUTE: i64 = 60_000;
/// Of every topic.
const PARTITIONS: i32 = 100;
const DAY: i64 = 24 * 60 * MINUTE;

/// A shard with its log, its topics and its clock.
struct Coordinator {
    shard: Shard,
    log: Vec<Record>,
    topics: Topics,
    settings: GroupSettings,
    wall_ms: i64,
    now: Duration,
}

impl Coordinator {
    fn new() -> Self {
        let mut topics = Topics::default();
        for (id, name) in (1_u128..).zip(["orders", "clicks"]) {
            topics.put(name, Uuid::from_u128(id), PARTITIONS);
        }
        Self {
            shard: Shard::default(),
            log: Vec::new(),
            topics,
            settings: BrokerSettings::default().groups,
            wall_ms: BEGINNING,
            now: Duration::from_secs(1),
        }
    }

    /// Runs an operation as the host does: its records are appended, then applied.
    fn run<R>(&mut self, operation: impl FnOnce(&mut Shard, &Env<'_>) -> Step<R>) -> R {
        let Self { shard, log, topics, settings, wall_ms, now } = self;
        let env = Env { now: *now, wall_ms: *wall_ms, settings, around: topics };
        let step = operation(shard, &env);
        for record in step.records {
            log.push(record.clone());
            shard.apply(&env, &record);
        }
        step.reply
    }

    fn read<R>(&self, operation: impl FnOnce(&Shard, &Env<'_>) -> R) -> R {
        let Self { shard, topics, settings, wall_ms, now, .. } = self;
        operation(shard, &Env { now: *now, wall_ms: *wall_ms, settings, around: topics })
    }

    /// Both clocks go on.
    fn pass(&mut self, ms: i64) {
        self.wall_ms += ms;
        self.now += Duration::from_millis(ms.unsigned_abs());
    }

    fn commit(&mut self, group: &str, topic: &str, partition: i32, offset: i64) -> ErrorCode {
        let commit = self.to_commit(group, topic, partition, offset);
        self.run(|shard, env| shard.commit_offsets(env, commit))[0]
    }

    /// A commit of a consumer that is no member.
    fn to_commit(&self, group: &str, topic: &str, partition: i32, offset: i64) -> CommitOffsets {
        testing::commit(group, topic, self.topics.topic(topic).unwrap().id, partition, offset)
    }

    /// All that a group has committed.
    fn committed(&self, group: &str) -> Vec<(String, i32, i64)> {
        let fetch = FetchOffsets {
            group: group.into(),
            member: None,
            member_epoch: -1,
            topics: None,
            require_stable: true,
        };
        let all = self.read(|shard, _| shard.fetch_offsets(&fetch)).unwrap();
        let each = all.iter().flat_map(|(topic, offsets)| {
            offsets.iter().map(|offset| (topic.to_string(), offset.partition, offset.offset))
        });
        each.collect()
    }

    fn groups(&self) -> Vec<String> {
        let mut groups: Vec<_> = self
            .read(|shard, _| shard.list_groups())
            .into_iter()
            .map(|group| group.group.to_string())
            .collect();
        groups.sort();
        groups
    }

    fn expire(&mut self) {
        self.run(|shard, env| shard.expire_offsets(env));
    }

    fn delete_topic(&mut self, name: &str) -> Uuid {
        let id = self.topics.remove(name).unwrap().id;
        self.run(|shard, _| shard.topic_deleted(name, id));
        id
    }

    /// The broker stops and starts again.
    fn restart(&mut self) {
        self.shard = replayed(&self.log);
        self.run(|shard, env| shard.loaded(env));
    }
}

fn replayed(log: &[Record]) -> Shard {
    let mut shard = Shard::default();
    log.iter().for_each(|record| shard.replay(record));
    shard
}
