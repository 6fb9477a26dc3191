//! What an operation may know of the world around the machine.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use thalweg_config::GroupSettings;
use uuid::Uuid;

/// A topic as the machine sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicFacts {
    /// Its name.
    pub name: Arc<str>,
    /// Its id; a topic made again under the same name has another.
    pub id: Uuid,
    /// How many partitions it has.
    pub partitions: i32,
}

/// What the machine asks of the rest of the broker. Every answer is immediate and from memory.
pub trait Surroundings {
    /// The topic of a name.
    fn topic(&self, name: &str) -> Option<TopicFacts>;

    /// The topic with an id.
    fn topic_by_id(&self, id: Uuid) -> Option<TopicFacts>;

    /// The names of all topics, for subscriptions by regular expression.
    fn topic_names(&self) -> Arc<[Arc<str>]>;

    /// A number that is another whenever a topic has been made, deleted, or given partitions.
    fn topics_version(&self) -> u64;

    /// What was configured for a group at run time (`kafka-configs --entity-type groups`), by name.
    fn group_configs(&self, group: &str) -> BTreeMap<String, String>;

    /// A random id.
    fn new_id(&self) -> Uuid;
}

/// The moment and the surroundings of one operation.
#[derive(Clone, Copy)]
pub struct Env<'a> {
    /// The monotonic clock: every timeout and deadline is in it.
    pub now: Duration,
    /// The wall clock in ms since the epoch: what stands in records.
    pub wall_ms: i64,
    /// The broker's settings of groups.
    pub settings: &'a GroupSettings,
    /// Topics, configurations of groups, randomness.
    pub around: &'a dyn Surroundings,
}

impl Env<'_> {
    /// The moment `ms` milliseconds from now; a negative time is none.
    pub fn after_ms(&self, ms: i32) -> Duration {
        self.now.saturating_add(Duration::from_millis(u64::try_from(ms).unwrap_or(0)))
    }
}
