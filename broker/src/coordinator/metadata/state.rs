//! What the machine knows.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use uuid::Uuid;

use super::{ConfigResource, ResourceKind};

/// A topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its id; a topic made again under the same name has another.
    pub id: Uuid,
    /// Its name.
    pub name: Arc<str>,
    /// How many partitions it has.
    pub partitions: i32,
    /// The configurations that were set for it.
    pub overrides: BTreeMap<String, String>,
}

/// All topics and all configurations that were set at run time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    pub(super) topics: BTreeMap<Arc<str>, Arc<Topic>>,
    pub(super) names: HashMap<Uuid, Arc<str>>,
    pub(super) collisions: HashMap<String, BTreeSet<Arc<str>>>,
    pub(super) configs: BTreeMap<ConfigResource, BTreeMap<String, String>>,
    pub(super) next_producer_id: i64,
}

impl State {
    /// The topic of a name.
    pub fn topic(&self, name: &str) -> Option<&Arc<Topic>> {
        self.topics.get(name)
    }

    /// The topic of an id.
    pub fn topic_by_id(&self, id: Uuid) -> Option<&Arc<Topic>> {
        self.topics.get(self.names.get(&id)?)
    }

    /// All topics, by name.
    pub fn topics(&self) -> impl ExactSizeIterator<Item = &Arc<Topic>> {
        self.topics.values()
    }

    /// The configurations that were set for a resource; empty if none were.
    pub fn configs_of(&self, resource: &ConfigResource) -> BTreeMap<String, String> {
        let configs = match resource.kind {
            ResourceKind::Topic => self.topic(&resource.name).map(|topic| &topic.overrides),
            _ => self.configs.get(resource),
        };
        configs.cloned().unwrap_or_default()
    }

    /// What was set for resources other than topics.
    pub fn all_configs(&self) -> &BTreeMap<ConfigResource, BTreeMap<String, String>> {
        &self.configs
    }

    /// The first producer id that nobody has yet.
    pub fn next_producer_id(&self) -> i64 {
        self.next_producer_id
    }
}
