//! The engine: everything a front end can ask for, in plain typed arguments.
//!
//! A front end decodes, calls the engine, encodes. Both front ends call the same functions, so nothing is decided twice.

mod admin;
mod care;
mod catalog;
mod census;
mod checks;
mod compact;
mod configs;
mod error;
mod fetch;
mod flush;
pub mod groups;
mod leaps;
mod metadata;
mod metadata_log;
mod metrics;
mod offsets;
mod produce;
mod producers;
mod purge;
mod routes;
#[cfg(test)]
mod tests;
mod throttle;
mod topics;
mod upkeep;
mod wait;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use thalweg_config::{BrokerSettings, TopicSettings};
use tokio_util::sync::CancellationToken;

pub use care::{Care, Outlook, Run};
pub use census::TopicCensus;
pub use compact::{Progress, Watch};
pub use configs::{ConfigEdit, ConfigWish};
pub use error::{EngineError, OpenError};
pub use fetch::{Bounds, Diverging, Outcome, Read};
pub use flush::Flusher;
pub use metrics::{CounterByType, Metrics};
pub use offsets::{EpochEnd, FoundOffset, OffsetQuery};
pub use produce::{Acks, Pending, Write, Written};
pub use producers::ProducerIdentity;
pub use purge::Purged;
pub use routes::{Routes, Served, TopicHandle, TopicRef};
pub use topics::{MorePartitions, TopicOutcome};

pub use crate::coordinator::metadata::{
    Assignment, ConfigChange, ConfigOperation, ConfigResource, NewTopic, Refusal, ResourceKind, Topic,
    TopicKey, is_internal, validate_topic_name,
};
pub use crate::log::{
    AbortedTransaction, Appended, Compacted, Debt, Fetched, Isolation, OffsetRuns, Offsets, Proof,
    PurgedSegment,
};

use crate::log;
use crate::world::World;

/// The broker behind its front ends.
pub struct Engine {
    /// The settings that the broker was started with.
    pub settings: Arc<BrokerSettings>,
    /// Clock, disk, network and randomness.
    pub world: World,
    /// All logs on disk.
    pub logs: Arc<log::Manager>,
    /// Which topics are served.
    pub topics: Routes,
    /// Group commit.
    pub flusher: Flusher,
    /// Groups and committed offsets.
    pub groups: groups::Groups,
    /// Counters.
    pub metrics: Arc<Metrics>,
    metadata: metadata::Metadata,
    producer_ids: producers::ProducerIds,
    producer_ids_refill: tokio::sync::Mutex<()>,
    compactions: compact::Compactions,
    leaps: parking_lot::Mutex<leaps::Leaps>,
    census: census::Census,
    stopping: CancellationToken,
}

impl Engine {
    /// Opens the data directories and serves every topic in them.
    pub async fn open(settings: Arc<BrokerSettings>, world: World) -> Result<Arc<Self>, OpenError> {
        let dir = settings.log.directory.clone();
        let options = log::Options { dir, node_id: settings.node_id, cluster_id: None };
        let logs = Arc::new(log::Manager::open(world.clone(), &options)?);
        let (metadata, machine) = metadata::Metadata::open(&logs, &settings, &world)?;
        let metrics = Arc::new(Metrics::default());
        let engine = Arc::new(Self {
            settings,
            world,
            logs,
            topics: Routes::default(),
            flusher: Flusher::new(metrics.clone()),
            groups: groups::Groups::default(),
            metrics,
            metadata,
            producer_ids: producers::ProducerIds::default(),
            producer_ids_refill: tokio::sync::Mutex::default(),
            compactions: compact::Compactions::default(),
            leaps: parking_lot::Mutex::default(),
            census: census::Census::default(),
            stopping: CancellationToken::new(),
        });
        machine.serve_all(&engine)?;
        tokio::spawn(machine.run(Arc::downgrade(&engine)));
        tokio::spawn(upkeep::sync_by_interval(Arc::downgrade(&engine)));
        tokio::spawn(upkeep::run(Arc::downgrade(&engine)));
        let workers =
            if engine.settings.log.cleaner_enabled { engine.settings.log.cleaner_threads } else { 0 };
        for _ in 0..workers {
            tokio::spawn(compact::run(Arc::downgrade(&engine)));
        }
        groups::load::start(&engine);
        tokio::spawn(groups::bell::run(Arc::downgrade(&engine)));
        tokio::spawn(groups::resolver::run(Arc::downgrade(&engine)));
        Ok(engine)
    }

    /// Opens a topic's partitions, making those that do not exist, and serves them. Partitions that are served already
    /// stay as they are, with the new settings. When this returns, the topic can be produced to.
    pub fn serve_topic(
        &self,
        topic: Arc<Topic>,
        settings: Arc<TopicSettings>,
    ) -> Result<Arc<TopicHandle>, EngineError> {
        let before = self.topics.by_id(&topic.id);
        let mut partitions = before.map(|handle| handle.partitions.clone()).unwrap_or_default();
        for served in &partitions {
            served.set_config(settings.clone());
        }
        let known = i32::try_from(partitions.len()).unwrap_or(i32::MAX);
        for partition in known..topic.partitions {
            let id = log::TopicPartition { topic: topic.name.clone(), partition };
            let log = self.logs.open_partition(id, topic.id, settings.clone())?;
            partitions.push(Served::new(log));
        }
        let handle = Arc::new(TopicHandle { topic, settings, partitions });
        self.topics.install(handle.clone());
        if *handle.topic.name == *groups::LOG_TOPIC {
            self.groups.serve(&handle);
        }
        Ok(handle)
    }

    /// Serves a topic no longer and removes its partitions from the disk. Whoever waits for it is told.
    pub fn remove_topic(&self, id: &uuid::Uuid) -> Result<(), EngineError> {
        let Some(handle) = self.topics.retire(id) else { return Ok(()) };
        if *handle.topic.name == *groups::LOG_TOPIC {
            self.groups.withdraw();
        }
        // One that fails does not keep the others: nobody would ever come back for them.
        let mut outcome = Ok(());
        for served in &handle.partitions {
            outcome = outcome.and(self.logs.delete_partition(served.id()));
        }
        Ok(outcome?)
    }

    /// Ends every long poll with what there is, and lets none begin: the broker is about to stop.
    pub fn end_long_polls(&self) {
        self.stopping.cancel();
    }

    /// Syncs everything, marks the data directory as cleanly closed, and gives it up. Nothing may be produced any more.
    pub async fn close(&self) -> Result<(), EngineError> {
        self.flusher.stop();
        let logs = self.logs.clone();
        let closed = tokio::task::spawn_blocking(move || logs.close()).await;
        Ok(closed.map_err(|error| EngineError::Storage(error.to_string().into()))??)
    }

    /// Sleeps on the world's clock.
    pub fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let clock = self.world.clock.clone();
        let deadline = clock.monotonic().saturating_add(duration);
        clock.sleep_until(deadline)
    }
}
