//! Which topics are served, by name and by id, with the partitions behind them.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::{Mutex, RwLock};
use thalweg_config::TopicSettings;
use thalweg_proto::error::ErrorCode;
use uuid::Uuid;

use super::care::Care;
use super::error::EngineError;
use super::flush::FlushState;
use super::wait::{Durability, Polls};
use crate::coordinator::metadata::{Topic, validate_topic_name};
use crate::log;

/// A partition that is served: its log, those who wait for it, and its place in the flusher's queue.
pub struct Served {
    pub(crate) log: Arc<log::Partition>,
    pub(super) durability: Mutex<Durability>,
    pub(super) polls: Mutex<Polls>,
    pub(super) flush: FlushState,
    pub(super) care: Mutex<Care>,
    retired: AtomicBool,
}

impl Served {
    pub(super) fn new(log: Arc<log::Partition>) -> Arc<Self> {
        let served = Arc::new(Self {
            log,
            durability: Mutex::default(),
            polls: Mutex::default(),
            flush: FlushState::default(),
            care: Mutex::default(),
            retired: AtomicBool::new(false),
        });
        let weak = Arc::downgrade(&served);
        served.log.on_advance(move |_| {
            if let Some(served) = weak.upgrade() {
                served.advanced();
            }
        });
        served
    }

    /// Whether the partition's topic has been deleted since the partition was looked up.
    pub fn is_retired(&self) -> bool {
        self.retired.load(Ordering::Acquire)
    }

    fn retire(&self) {
        self.retired.store(true, Ordering::Release);
        self.fail_waiters(&EngineError::Deleted);
    }
}

impl Deref for Served {
    type Target = log::Partition;

    fn deref(&self) -> &log::Partition {
        &self.log
    }
}

/// A topic as it is served: what is known of it, and its partitions in order.
pub struct TopicHandle {
    /// Name, id, number of partitions, and what was configured for it.
    pub topic: Arc<Topic>,
    /// Its configuration in force.
    pub settings: Arc<TopicSettings>,
    /// Partition `i` stands at index `i`.
    pub partitions: Vec<Arc<Served>>,
}

impl TopicHandle {
    /// The partition with this number.
    pub fn partition(&self, partition: i32) -> Result<&Arc<Served>, EngineError> {
        usize::try_from(partition)
            .ok()
            .and_then(|index| self.partitions.get(index))
            .ok_or_else(|| EngineError::UnknownPartition { topic: self.topic.name.clone(), partition })
    }
}

/// How a client names a topic: older versions of an API by name, newer ones by id (KIP-516).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TopicRef {
    /// By name.
    Name(Arc<str>),
    /// By id.
    Id(Uuid),
}

#[derive(Default)]
struct Tables {
    by_name: HashMap<Arc<str>, Arc<TopicHandle>>,
    by_id: HashMap<Uuid, Arc<TopicHandle>>,
}

/// The routing table. Its lock is held for a look-up or a replacement only.
#[derive(Default)]
pub struct Routes {
    tables: RwLock<Tables>,
    version: AtomicU64,
}

impl Routes {
    /// The topic of this name, if it is served.
    pub fn by_name(&self, name: &str) -> Option<Arc<TopicHandle>> {
        self.tables.read().by_name.get(name).cloned()
    }

    /// The topic of this name; a name that no topic can have is an error of its own.
    pub fn by_valid_name(&self, name: &str) -> Result<Arc<TopicHandle>, EngineError> {
        validate_topic_name(name)
            .map_err(|reason| EngineError::refused(ErrorCode::InvalidTopicException, reason))?;
        self.by_name(name).ok_or_else(|| EngineError::UnknownTopic(name.into()))
    }

    /// The topic with this id, if it is served.
    pub fn by_id(&self, id: &Uuid) -> Option<Arc<TopicHandle>> {
        self.tables.read().by_id.get(id).cloned()
    }

    /// The topic that a client means.
    pub fn find(&self, topic: &TopicRef) -> Result<Arc<TopicHandle>, EngineError> {
        match topic {
            TopicRef::Name(name) => self.by_name(name).ok_or_else(|| EngineError::UnknownTopic(name.clone())),
            TopicRef::Id(id) => self.by_id(id).ok_or(EngineError::UnknownTopicId(*id)),
        }
    }

    /// A number that is another whenever a topic has been made, deleted, or given partitions.
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// Every topic that is served, in no particular order.
    pub fn all(&self) -> Vec<Arc<TopicHandle>> {
        self.tables.read().by_id.values().cloned().collect()
    }

    /// Serves a topic, or serves it with more partitions or another configuration.
    pub fn install(&self, handle: Arc<TopicHandle>) {
        let mut tables = self.tables.write();
        tables.by_name.insert(handle.topic.name.clone(), handle.clone());
        let partitions = handle.topic.partitions;
        let before = tables.by_id.insert(handle.topic.id, handle);
        if before.is_none_or(|before| before.topic.partitions != partitions) {
            self.version.fetch_add(1, Ordering::Release);
        }
    }

    /// Serves a topic no longer: who looks it up finds nothing, who waits for it is told.
    pub fn retire(&self, id: &Uuid) -> Option<Arc<TopicHandle>> {
        let handle = {
            let mut tables = self.tables.write();
            let handle = tables.by_id.remove(id)?;
            if tables.by_name.get(&handle.topic.name).is_some_and(|named| named.topic.id == *id) {
                tables.by_name.remove(&handle.topic.name);
            }
            self.version.fetch_add(1, Ordering::Release);
            handle
        };
        for partition in &handle.partitions {
            partition.retire();
        }
        Some(handle)
    }
}
