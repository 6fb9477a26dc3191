//! The metadata machine at work: one task judges commands in turn, makes their records durable, and then lets the outcome
//! be seen. Commands that arrive while a sync is under way share the next one.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Weak};

use arc_swap::ArcSwap;
use thalweg_config::{BrokerSettings, TopicSettings};
use thalweg_proto::error::ErrorCode;
use tokio::sync::{mpsc, oneshot};

use super::catalog::{SettingsCatalog, effective};
use super::metadata_log::{CommitError, MetadataLog};
use super::{Engine, EngineError};
use crate::coordinator::metadata::{
    Command, ConfigResource, Configs, Record, Refusal, Reply, ResourceKind, Rules, State, Topic,
};
use crate::log;
use crate::world::World;

/// How many waiting requests are taken into one sync.
const REQUESTS_PER_SYNC: usize = 256;

/// What became of a command.
pub(super) type Outcome = Result<Reply, Refusal>;

/// The way to the machine, and what everybody may know of it.
pub struct Metadata {
    requests: mpsc::UnboundedSender<Request>,
    published: ArcSwap<Published>,
}

/// The part of the machine's state that is not routing: seen by all once it is durable.
pub(super) struct Published {
    /// The broker's settings with those laid over them that were set at run time.
    pub(super) settings: Arc<BrokerSettings>,
    /// The settings of a topic that sets none.
    pub(super) topic_defaults: Arc<TopicSettings>,
    /// What was set for resources other than topics.
    pub(super) configs: BTreeMap<ConfigResource, Configs>,
    /// Of these, the groups'.
    groups: HashMap<String, Configs>,
}

impl Published {
    fn new(settings: Arc<BrokerSettings>, state: &State) -> Self {
        let topic_defaults = Arc::new(settings.topic_defaults.clone());
        let configs = state.all_configs().clone();
        let is_group = |resource: &ConfigResource| resource.kind == ResourceKind::Group;
        let groups = configs.iter().filter(|(resource, _)| is_group(resource));
        let groups = groups.map(|(resource, configs)| (resource.name.clone(), configs.clone())).collect();
        Self { settings, topic_defaults, configs, groups }
    }

    /// What was set for a group.
    pub(super) fn group_configs(&self, group: &str) -> Configs {
        self.groups.get(group).cloned().unwrap_or_default()
    }

    /// The settings of a topic. What no longer fits (a newer release may be stricter) does not keep it from being served.
    fn settings_of(&self, topic: &Topic) -> Arc<TopicSettings> {
        if topic.overrides.is_empty() {
            return self.topic_defaults.clone();
        }
        match TopicSettings::resolve(&self.settings, &topic.overrides) {
            Ok(settings) => Arc::new(settings),
            Err(error) => {
                tracing::error!(topic = %topic.name, %error, "a topic's configuration is not valid, the defaults hold");
                self.topic_defaults.clone()
            }
        }
    }
}

struct Request {
    commands: Vec<Command>,
    validate_only: bool,
    answer: oneshot::Sender<Vec<Outcome>>,
}

/// The machine itself. It belongs to its task.
pub(super) struct Machine {
    requests: mpsc::UnboundedReceiver<Request>,
    state: State,
    log: MetadataLog,
    settings: Arc<BrokerSettings>,
    rules: Rules,
    is_new: bool,
    failed: bool,
}

impl Metadata {
    /// Rebuilds the machine from its log.
    pub(super) fn open(
        logs: &log::Manager,
        settings: &Arc<BrokerSettings>,
        world: &World,
    ) -> Result<(Self, Machine), EngineError> {
        let now_ms = world.clock.wall_ms();
        let (mut log, mut state) = MetadataLog::open(logs, now_ms)?;
        let is_new = log.is_new();
        if is_new {
            found_cluster(&mut log, &mut state, settings, now_ms)?;
        }
        let (sender, requests) = mpsc::unbounded_channel();
        let published = Published::new(effective(settings, &state), &state);
        let rules = rules(settings, &published.settings);
        let machine =
            Machine { requests, state, log, settings: settings.clone(), rules, is_new, failed: false };
        Ok((Self { requests: sender, published: ArcSwap::from_pointee(published) }, machine))
    }

    pub(super) fn published(&self) -> Arc<Published> {
        self.published.load_full()
    }
}

/// The first records of a new cluster.
fn found_cluster(
    log: &mut MetadataLog,
    state: &mut State,
    settings: &BrokerSettings,
    now_ms: i64,
) -> Result<(), EngineError> {
    let resource = ConfigResource { kind: ResourceKind::Broker, name: String::new() };
    let configs = settings.first_cluster_settings().into_iter();
    let record = |(key, value)| Record::ConfigSet { resource: resource.clone(), key, value: Some(value) };
    let records: Vec<Record> = configs.map(record).collect();
    log.commit(&records, now_ms)?;
    records.iter().for_each(|record| state.apply(record));
    Ok(())
}

fn rules(start: &Arc<BrokerSettings>, now: &Arc<BrokerSettings>) -> Rules {
    Rules {
        node_id: now.node_id,
        num_partitions: now.topics.partitions,
        replication_factor: i16::try_from(now.topics.replication_factor).unwrap_or(i16::MAX),
        delete_topics: now.topics.delete_allowed,
        catalog: Arc::new(SettingsCatalog { start: start.clone(), now: now.clone() }),
    }
}

impl Engine {
    /// The broker's settings as they are now: those of its start, with what was set at run time laid over them.
    pub fn current_settings(&self) -> Arc<BrokerSettings> {
        self.metadata.published().settings.clone()
    }

    /// Has commands carried out, in their order, each by itself. When this returns, what succeeded is durable and in force.
    pub(super) async fn command(&self, commands: Vec<Command>, validate_only: bool) -> Vec<Outcome> {
        let count = commands.len();
        if count == 0 {
            return Vec::new();
        }
        let (answer, outcomes) = oneshot::channel();
        let sent = self.metadata.requests.send(Request { commands, validate_only, answer });
        match (sent, outcomes.await) {
            (Ok(()), Ok(outcomes)) => outcomes,
            _ => vec![Err(Refusal::new(ErrorCode::KafkaStorageError, "The broker is stopping.")); count],
        }
    }

    /// Reserves producer ids that no other producer ever gets; the first of `count`.
    pub async fn allocate_producer_ids(&self, count: i64) -> Result<i64, EngineError> {
        match self.command(vec![Command::AllocateProducerIds { count }], false).await.pop() {
            Some(Ok(Reply::ProducerIdsAllocated { first })) => Ok(first),
            Some(Err(refusal)) => Err(refusal.into()),
            _ => Err(EngineError::refused(ErrorCode::UnknownServerError, "the machine gave another answer")),
        }
    }
}

impl Machine {
    /// Serves every topic that the log knows of. What else lies there is set aside, unless this is the first start: then it
    /// belongs to somebody else.
    pub(super) fn serve_all(&self, engine: &Engine) -> Result<(), EngineError> {
        let published = engine.metadata.published();
        let topics = self.state.topics();
        let wanted = topics.flat_map(|topic| wanted(topic, &published.settings_of(topic)));
        engine.logs.open_partitions(&wanted.collect::<Vec<_>>())?;
        for topic in self.state.topics() {
            engine.serve_topic(topic.clone(), published.settings_of(topic))?;
        }
        if !self.is_new {
            engine.logs.set_strays_aside()?;
        }
        Ok(())
    }

    /// Works until the engine is gone.
    pub(super) async fn run(mut self, engine: Weak<Engine>) {
        let mut waiting = Vec::new();
        while self.requests.recv_many(&mut waiting, REQUESTS_PER_SYNC).await > 0 {
            let Some(engine) = engine.upgrade() else { return };
            let requests = std::mem::take(&mut waiting);
            let work = tokio::task::spawn_blocking(move || {
                self.carry_out(&engine, requests);
                self
            });
            self = match work.await {
                Ok(machine) => machine,
                Err(error) => return tracing::error!(%error, "the metadata machine has stopped"),
            };
        }
    }

    fn carry_out(&mut self, engine: &Engine, requests: Vec<Request>) {
        let now_ms = engine.world.clock.wall_ms();
        let mut records = Vec::new();
        let mut judged = Vec::new();
        for Request { commands, validate_only, answer } in requests {
            let judge = |command| self.judge(command, validate_only, &mut records);
            let outcomes: Vec<Outcome> = commands.into_iter().map(judge).collect();
            judged.push((outcomes, validate_only, answer));
        }
        let refused = self.commit(&records, now_ms).err();
        for (outcomes, validate_only, answer) in judged {
            let outcomes = outcomes.into_iter().map(|outcome| match (outcome, validate_only) {
                (Ok(_), false) if refused.is_some() => {
                    refused.clone().map_or_else(|| Err(storage_failed()), Err)
                }
                (Ok(reply), false) => self.put_in_force(engine, reply, now_ms),
                (outcome, _) => outcome,
            });
            let outcomes: Vec<Outcome> = outcomes.collect();
            if !validate_only {
                engine.tell_groups(&outcomes);
            }
            // Nobody may be waiting any more; what was done is done.
            let _ = answer.send(outcomes);
        }
        if self.failed {
            return;
        }
        match self.log.trim(&self.state, now_ms) {
            Ok(()) => {}
            Err(CommitError::Refused(error)) => {
                tracing::warn!(%error, "the metadata log could not be trimmed")
            }
            Err(CommitError::Failed(error)) => {
                tracing::error!(%error, "the metadata log has failed in the middle of a snapshot");
                self.failed = true;
            }
        }
    }

    fn judge(&mut self, command: Command, validate_only: bool, records: &mut Vec<Record>) -> Outcome {
        if self.failed {
            return Err(storage_failed());
        }
        let (made, reply) = self.state.decide(&self.rules, command)?;
        if !validate_only {
            made.iter().for_each(|record| self.state.apply(record));
            if matches!(&reply, Reply::ConfigsChanged(resource) if resource.kind == ResourceKind::Broker) {
                self.rules = rules(&self.settings, &effective(&self.settings, &self.state));
            }
            records.extend(made);
        }
        Ok(reply)
    }

    /// Makes records durable that have been applied. If that cannot be, the state is what it was before them.
    fn commit(&mut self, records: &[Record], now_ms: i64) -> Result<(), Refusal> {
        if records.is_empty() {
            return Ok(());
        }
        let Err(error) = self.log.commit(records, now_ms) else { return Ok(()) };
        match (&error, self.log.reread()) {
            (CommitError::Refused(reason), Ok(state)) => {
                tracing::warn!(%error, "topics and configurations could not be changed");
                self.state = state;
                self.rules = rules(&self.settings, &effective(&self.settings, &self.state));
                Err(Refusal::new(ErrorCode::KafkaStorageError, reason.to_string()))
            }
            _ => {
                tracing::error!(%error, "the metadata log has failed: topics and configurations cannot be changed");
                self.failed = true;
                Err(storage_failed())
            }
        }
    }

    /// Lets a durable change be seen. A topic that cannot be stored is taken back.
    fn put_in_force(&mut self, engine: &Engine, reply: Reply, now_ms: i64) -> Outcome {
        if self.failed {
            return Err(storage_failed());
        }
        match &reply {
            Reply::TopicCreated(topic) => self.serve(engine, topic).map_err(|error| {
                let undo = Record::TopicDeleted { id: topic.id };
                self.take_back(engine, topic, undo, &error, now_ms)
            })?,
            Reply::PartitionsAdded(topic) => self.serve(engine, topic).map_err(|error| {
                let served = engine.topics.by_id(&topic.id).map_or(0, |handle| handle.topic.partitions);
                let undo = Record::PartitionsAdded { id: topic.id, partitions: served };
                self.take_back(engine, topic, undo, &error, now_ms)
            })?,
            Reply::TopicDeleted(topic) => {
                if let Err(error) = engine.remove_topic(&topic.id) {
                    tracing::error!(topic = %topic.name, %error, "the files of a deleted topic could not be removed");
                }
            }
            Reply::ConfigsChanged(resource) => self.configs_changed(engine, resource),
            Reply::ProducerIdsAllocated { .. } => {}
        }
        Ok(reply)
    }

    fn serve(&self, engine: &Engine, topic: &Arc<Topic>) -> Result<(), EngineError> {
        let settings = engine.metadata.published().settings_of(topic);
        engine.serve_topic(topic.clone(), settings).map(drop)
    }

    fn take_back(
        &mut self,
        engine: &Engine,
        topic: &Topic,
        undo: Record,
        error: &EngineError,
        now_ms: i64,
    ) -> Refusal {
        tracing::error!(topic = %topic.name, %error, "a topic cannot be stored");
        let served = engine.topics.by_id(&topic.id).map_or(0, |handle| handle.topic.partitions);
        for partition in served..topic.partitions {
            // Whatever was made of it goes; what was never made is no error.
            let _ = engine.logs.delete_partition(&log::TopicPartition::new(topic.name.clone(), partition));
        }
        self.state.apply(&undo);
        match self.commit(&[undo], now_ms) {
            Ok(()) => Refusal::new(error.code(), error.to_string()),
            Err(refusal) => refusal,
        }
    }

    fn configs_changed(&self, engine: &Engine, resource: &ConfigResource) {
        if resource.kind == ResourceKind::Topic {
            if let Some(topic) = self.state.topic(&resource.name) {
                self.serve_or_log(engine, topic);
            }
            return;
        }
        let settings = match resource.kind {
            ResourceKind::Broker => effective(&self.settings, &self.state),
            _ => engine.current_settings(),
        };
        engine.metadata.published.store(Arc::new(Published::new(settings, &self.state)));
        if resource.kind == ResourceKind::Broker {
            self.state.topics().for_each(|topic| self.serve_or_log(engine, topic));
        }
    }

    fn serve_or_log(&self, engine: &Engine, topic: &Arc<Topic>) {
        if let Err(error) = self.serve(engine, topic) {
            tracing::error!(topic = %topic.name, %error, "a topic does not follow its configuration");
        }
    }
}

/// The partitions of a topic, as its logs are asked for.
fn wanted(topic: &Topic, settings: &Arc<TopicSettings>) -> Vec<log::Wanted> {
    let wanted = |partition| log::Wanted {
        id: log::TopicPartition { topic: topic.name.clone(), partition },
        topic_id: topic.id,
        settings: settings.clone(),
    };
    (0..topic.partitions).map(wanted).collect()
}

fn storage_failed() -> Refusal {
    Refusal::new(ErrorCode::KafkaStorageError, "The metadata log has failed; the broker must be restarted.")
}
