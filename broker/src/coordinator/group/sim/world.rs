//! What surrounds the shard: the clocks, the topics, the settings.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use thalweg_config::{BrokerSettings, GroupSettings};
use uuid::Uuid;

use super::random::Random;
use crate::coordinator::group::testing::Topics;
use crate::coordinator::group::{Env, Surroundings};

/// When the wall clock shows at the beginning of a run, in ms.
const BEGINNING: i64 = 1_700_000_000_000;

/// Topics with their ids and numbers of partitions; none for those that are not there.
pub type Facts = BTreeMap<Arc<str>, Option<(Uuid, i32)>>;

pub struct World {
    pub now: Duration,
    pub topics: Topics,
    pub settings: GroupSettings,
    pub random: Rc<Random>,
    /// By group, what its leader last saw when it assigned.
    pub assigned: RefCell<BTreeMap<Arc<str>, Facts>>,
}

impl World {
    pub fn new(seed: u64) -> Self {
        let random = Rc::new(Random::new(seed));
        let mut settings = BrokerSettings::default().groups;
        settings.initial_rebalance_delay_ms = *random.pick(&[0, 0, 500, 3000]);
        settings.min_session_timeout_ms = 100;
        settings.consumer.session_timeout_ms = (10_000, 1000, 60_000);
        settings.consumer.heartbeat_interval_ms = (2000, 100, 5000);
        settings.consumer.assignment_interval_ms = (*random.pick(&[0, 1000]), 0, 10_000);
        settings.consumer_migration_policy = "bidirectional".to_owned();
        let ids = random.clone();
        Self {
            now: Duration::from_secs(1000),
            topics: Topics::with_ids(move || Uuid::from_u64_pair(ids.bits(), ids.bits())),
            settings,
            random,
            assigned: RefCell::default(),
        }
    }

    pub fn env(&self) -> Env<'_> {
        let elapsed = i64::try_from(self.now.as_millis()).unwrap();
        Env { now: self.now, wall_ms: BEGINNING + elapsed, settings: &self.settings, around: &self.topics }
    }

    pub fn create(&mut self, name: &str, partitions: i32) {
        let id = self.topics.new_id();
        assert!(self.topics.put(name, id, partitions).is_none());
    }

    pub fn grow(&mut self, name: &str) {
        let topic = self.topics.topic(name).unwrap();
        self.topics.put(name, topic.id, topic.partitions + 1);
    }

    pub fn delete(&mut self, name: &str) -> Uuid {
        self.topics.remove(name).unwrap().id
    }

    /// The name of the topic with an id, as long as it exists.
    pub fn name(&self, id: Uuid) -> Option<Arc<str>> {
        self.topics.topic_by_id(id).map(|topic| topic.name)
    }
}
