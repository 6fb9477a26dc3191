//! What the machine asks of the rest of the broker.

use std::collections::BTreeMap;
use std::sync::Arc;

use uuid::Uuid;

use crate::coordinator::group::{Env, Surroundings, TopicFacts};
use crate::engine::metadata::Published;
use crate::engine::{Engine, TopicHandle};

struct Around<'a> {
    engine: &'a Engine,
    published: &'a Published,
}

impl Engine {
    /// Does something at this moment, with what is published now.
    pub(super) fn in_env<T>(&self, work: impl FnOnce(&Env<'_>) -> T) -> T {
        let published = self.metadata.published();
        let around = Around { engine: self, published: &published };
        work(&Env {
            now: self.world.clock.monotonic(),
            wall_ms: self.world.clock.wall_ms(),
            settings: &published.settings.groups,
            around: &around,
        })
    }
}

impl Surroundings for Around<'_> {
    fn topic(&self, name: &str) -> Option<TopicFacts> {
        self.engine.topics.by_name(name).map(|handle| facts(&handle))
    }

    fn topic_by_id(&self, id: Uuid) -> Option<TopicFacts> {
        self.engine.topics.by_id(&id).map(|handle| facts(&handle))
    }

    fn topic_names(&self) -> Arc<[Arc<str>]> {
        self.engine.groups.resolver.names(&self.engine.topics)
    }

    fn topics_version(&self) -> u64 {
        self.engine.topics.version()
    }

    fn group_configs(&self, group: &str) -> BTreeMap<String, String> {
        self.published.group_configs(group)
    }

    fn new_id(&self) -> Uuid {
        self.engine.world.random.uuid()
    }
}

fn facts(handle: &TopicHandle) -> TopicFacts {
    TopicFacts { name: handle.topic.name.clone(), id: handle.topic.id, partitions: handle.topic.partitions }
}
