//! The settings of the broker, typed for those who act on them.

use std::collections::BTreeMap;

use crate::error::{ConfigError, Names};
use crate::layers::{Given, Layers};
use crate::setting::Update;
use crate::table;
use crate::topic::{TopicSettings, Values};
use crate::value::Value;

mod groups;
mod listener;
mod log;
mod network;
mod transactions;

pub use groups::{GroupKind, GroupSettings, OffsetSettings, ShareSettings};
pub use listener::{Listener, Protocol};
pub use log::{LogSettings, TopicRules};
pub use network::NetworkSettings;
pub use transactions::TransactionSettings;

/// Everything the broker was told, with defaults filled in. Made once per change, shared behind an `Arc`.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokerSettings {
    /// `node.id`
    pub node_id: i32,
    /// `broker.rack`
    pub rack: Option<String>,
    /// Where clients come in, and what they are told.
    pub network: NetworkSettings,
    /// Data directory and upkeep of the logs.
    pub log: LogSettings,
    /// What holds for topics at their creation.
    pub topics: TopicRules,
    /// The settings of a topic that sets none.
    pub topic_defaults: TopicSettings,
    /// Consumer, share and streams groups.
    pub groups: GroupSettings,
    /// Transactions and idempotent producers.
    pub transactions: TransactionSettings,
    /// The values by name, as given.
    pub layers: Layers,
}

impl BrokerSettings {
    /// Reads and checks every value in these layers.
    pub fn new(mut layers: Layers) -> Result<BrokerSettings, ConfigError> {
        for setting in table::brokers() {
            layers.value(setting)?;
        }
        let topic_values = Values::over(&layers, &BTreeMap::new())?;
        topic_values.check()?;
        let node_id = node_id(&layers)?;
        // Kafka's brokers always show both names of their number, as given at start.
        for name in ["node.id", "broker.id"] {
            let given = Given { text: node_id.to_string(), origin: layers.origin("node.id") };
            layers.fixed.entry(name.to_owned()).or_insert(given);
        }
        Ok(BrokerSettings {
            node_id,
            rack: layers.text("broker.rack")?,
            network: NetworkSettings::read(&layers)?,
            log: LogSettings::read(&layers)?,
            topics: TopicRules::read(&layers)?,
            topic_defaults: topic_values.typed()?,
            groups: GroupSettings::read(&layers)?,
            transactions: TransactionSettings::read(&layers)?,
            layers,
        })
    }

    /// The same broker under other dynamic settings: the defaults of the cluster, and its own.
    pub fn with_dynamic(
        &self,
        cluster: &BTreeMap<String, String>,
        broker: &BTreeMap<String, String>,
    ) -> Result<BrokerSettings, ConfigError> {
        let layers =
            Layers { fixed: self.layers.fixed.clone(), cluster: cluster.clone(), broker: broker.clone() };
        BrokerSettings::new(layers)
    }

    /// The dynamic defaults that a new cluster begins with: Kafka records the replicas that must be in sync when it
    /// is formatted (KIP-966), and clients look for it there.
    pub fn first_cluster_settings(&self) -> BTreeMap<String, String> {
        let replicas = self.topic_defaults.min_insync_replicas.to_string();
        BTreeMap::from([("min.insync.replicas".to_owned(), replicas)])
    }

    /// The value in force for a broker setting; `None` where it has none.
    pub fn value(&self, name: &str) -> Option<Value> {
        table::broker(name).and_then(|setting| self.layers.value(setting).ok().flatten())
    }
}

impl Default for BrokerSettings {
    /// The defaults of the table.
    fn default() -> Self {
        match BrokerSettings::new(Layers::default()) {
            Ok(settings) => settings,
            Err(error) => unreachable!("the defaults of the table are valid: {error}"),
        }
    }
}

/// Refuses dynamic settings that the running broker cannot take: fixed ones, and those of one broker where all
/// brokers are meant (`DynamicBrokerConfig.validateConfigs`). Unknown names are nobody's business and pass, as in Kafka.
pub fn check_dynamic(settings: &BTreeMap<String, String>, for_one_broker: bool) -> Result<(), ConfigError> {
    let named = |wanted: fn(Update) -> bool| -> Vec<String> {
        let known = settings.keys().filter_map(|name| table::broker(name));
        known.filter(|setting| wanted(setting.update)).map(|setting| setting.name.to_owned()).collect()
    };
    let fixed = named(|update| update == Update::Restart);
    if !fixed.is_empty() {
        return Err(ConfigError::NotDynamic(Names(fixed)));
    }
    let per_broker = named(|update| update == Update::Broker);
    if !for_one_broker && !per_broker.is_empty() {
        return Err(ConfigError::PerBrokerOnly(Names(per_broker)));
    }
    for (name, text) in settings {
        if let Some(setting) = table::broker(name) {
            Value::parse(setting, text)?;
        }
    }
    Ok(())
}

/// `node.id`, which `broker.id` may also give, but not differently.
fn node_id(layers: &Layers) -> Result<i32, ConfigError> {
    let node: i32 = layers.number("node.id")?;
    let broker: i32 = layers.number("broker.id")?;
    match (layers.given("node.id").is_some(), layers.given("broker.id").is_some()) {
        (true, true) if node != broker => {
            Err(ConfigError::Refused("You must set `node.id` to the same value as `broker.id`.".to_owned()))
        }
        (false, true) if broker >= 0 => Ok(broker),
        _ => Ok(node),
    }
}
