//! What the tests of all parts of the machine have in common: the topics around it, and requests as plain clients make them.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use bytes::Bytes;
use uuid::Uuid;

use super::classic::Join;
use super::offsets::{CommitOffsets, CommitPartition};
use super::{Env, Shard, Step, Surroundings, TopicFacts};

/// The topics that there are, and ids for whoever asks.
pub struct Topics {
    by_name: BTreeMap<Arc<str>, TopicFacts>,
    version: u64,
    /// What is configured for every group.
    pub configs: BTreeMap<String, String>,
    ids: Box<dyn Fn() -> Uuid>,
}

impl Topics {
    /// No topics, and ids from `ids`.
    pub fn with_ids(ids: impl Fn() -> Uuid + 'static) -> Self {
        Self { by_name: BTreeMap::new(), version: 1, configs: BTreeMap::new(), ids: Box::new(ids) }
    }

    /// Puts a topic in the place of one of the same name, which is returned.
    pub fn put(&mut self, name: &str, id: Uuid, partitions: i32) -> Option<TopicFacts> {
        let name: Arc<str> = name.into();
        self.version += 1;
        self.by_name.insert(name.clone(), TopicFacts { name, id, partitions })
    }

    /// Takes a topic away.
    pub fn remove(&mut self, name: &str) -> Option<TopicFacts> {
        self.version += 1;
        self.by_name.remove(name)
    }
}

/// Ids are counted.
impl Default for Topics {
    fn default() -> Self {
        let last = Cell::new(0);
        Self::with_ids(move || {
            last.set(last.get() + 1);
            Uuid::from_u128(last.get())
        })
    }
}

impl Deref for Topics {
    type Target = BTreeMap<Arc<str>, TopicFacts>;

    fn deref(&self) -> &Self::Target {
        &self.by_name
    }
}

impl Surroundings for Topics {
    fn topic(&self, name: &str) -> Option<TopicFacts> {
        self.get(name).cloned()
    }

    fn topic_by_id(&self, id: Uuid) -> Option<TopicFacts> {
        self.values().find(|topic| topic.id == id).cloned()
    }

    fn topic_names(&self) -> Arc<[Arc<str>]> {
        self.keys().cloned().collect()
    }

    fn topics_version(&self) -> u64 {
        self.version
    }

    fn group_configs(&self, _: &str) -> BTreeMap<String, String> {
        self.configs.clone()
    }

    fn new_id(&self) -> Uuid {
        (self.ids)()
    }
}

impl Shard {
    /// The next thing that is to be done without anybody asking for it: what a deadline asks for, or the end of a resolution,
    /// which is worked at here and now.
    pub fn next_due(&mut self, env: &Env<'_>) -> Option<Step> {
        self.expire(env).or_else(|| {
            let mut resolution = self.resolutions.pop()?;
            while !resolution.advance() {}
            Some(self.expressions_resolved(env, resolution))
        })
    }
}

/// A consumer that joins a classic group with one assignor, `range`.
pub fn join(group: &str, member: &str, subscription: Bytes) -> Join {
    Join {
        group: group.into(),
        member: member.into(),
        instance: None,
        client_id: "client".into(),
        client_host: "/127.0.0.1".into(),
        protocol_type: "consumer".into(),
        protocols: vec![("range".into(), subscription)],
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: 60_000,
        requires_known_member: false,
        can_skip_assignment: true,
        reason: None,
    }
}

/// A commit of a consumer that is no member.
pub fn commit(group: &str, topic: &str, topic_id: Uuid, partition: i32, offset: i64) -> CommitOffsets {
    let partition = CommitPartition {
        topic: topic.into(),
        topic_id,
        partition,
        offset,
        leader_epoch: 3,
        metadata: String::new(),
    };
    CommitOffsets {
        group: group.into(),
        generation_or_epoch: -1,
        member: "".into(),
        instance: None,
        retention_ms: None,
        partitions: vec![partition],
        version: 9,
    }
}
