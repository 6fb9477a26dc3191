//! The settings as DescribeConfigs and CreateTopics show them: value, source, synonyms (`ConfigHelper` in Kafka).

use std::collections::BTreeMap;

use crate::broker::BrokerSettings;
use crate::error::ConfigError;
use crate::layers::Layers;
use crate::setting::{Kind, Setting, Update};
use crate::table;
use crate::topic::Values;
use crate::value::Value;

/// Where a value comes from, as the protocol says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Set on the topic.
    Topic,
    /// Set on this broker while it ran.
    Broker,
    /// Set for all brokers while they ran.
    ClusterDefault,
    /// Given to this broker at start.
    Static,
    /// Given nowhere.
    Default,
    /// Set on the subscription of client metrics.
    ClientMetrics,
    /// Set on the group.
    Group,
}

impl Source {
    /// The number in the protocol (`DescribeConfigsResponse.ConfigSource`).
    pub const fn code(self) -> i8 {
        match self {
            Source::Topic => 1,
            Source::Broker => 2,
            Source::ClusterDefault => 3,
            Source::Static => 4,
            Source::Default => 5,
            Source::ClientMetrics => 7,
            Source::Group => 8,
        }
    }
}

/// A value that would count if those above it were taken away; the first is the one that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Synonym {
    /// The setting that gives the value.
    pub name: String,
    /// The value; `None` where it is a secret.
    pub value: Option<String>,
    /// Where it comes from.
    pub source: Source,
}

/// One setting of one resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// The value in force; `None` where there is none, or where it is a secret.
    pub value: Option<String>,
    /// Where it comes from.
    pub source: Source,
    /// Whether it cannot be changed while the broker runs.
    pub read_only: bool,
    /// Whether it is a secret.
    pub sensitive: bool,
    /// Its type; `None` for a setting that nobody knows.
    pub kind: Option<Kind>,
    /// What it does.
    pub doc: &'static str,
    /// Where the value comes from, and what it covers.
    pub synonyms: Vec<Synonym>,
}

impl Entry {
    /// The number of the type in the protocol; 0 is unknown.
    pub fn kind_code(&self) -> i8 {
        self.kind.map_or(0, Kind::code)
    }

    fn of(setting: &'static Setting, value: Option<String>, synonyms: Vec<Synonym>) -> Entry {
        Entry {
            name: setting.name.to_owned(),
            value: value.filter(|_| !setting.sensitive()),
            source: synonyms.first().map_or(Source::Default, |first| first.source),
            read_only: false,
            sensitive: setting.sensitive(),
            kind: Some(setting.kind),
            doc: setting.doc,
            synonyms,
        }
    }
}

/// Every setting of a topic with these overrides. Those that Kafka does not know are shown where they are set, so
/// that the list is Kafka's for everybody who does not use them.
pub fn topic_entries(
    broker: &BrokerSettings,
    overrides: &BTreeMap<String, String>,
) -> Result<Vec<Entry>, ConfigError> {
    let values = Values::merge(broker, overrides)?;
    let shown = table::topics().filter(|setting| !setting.own || overrides.contains_key(setting.name));
    let entry = |setting: &'static Setting| {
        let value = values.get(setting.name).map(Value::to_text);
        let mut synonyms = Vec::new();
        if overrides.contains_key(setting.name) {
            let name = setting.name.to_owned();
            synonyms.push(Synonym { name, value: value.clone(), source: Source::Topic });
        }
        if let Some(name) = table::broker_name_of_topic(setting.name) {
            synonyms.extend(broker_synonyms(&broker.layers, name));
        }
        Entry::of(setting, value, synonyms)
    };
    Ok(shown.map(entry).collect())
}

/// Every setting of this broker: the table, ours where they are set, and what nobody knows but somebody set.
pub fn broker_entries(broker: &BrokerSettings) -> Vec<Entry> {
    let layers = &broker.layers;
    let shown = table::brokers().filter(|setting| !setting.own || layers.given(setting.name).is_some());
    let mut entries: Vec<Entry> = shown.map(|setting| broker_entry(layers, setting)).collect();
    let dynamic = layers.cluster.keys().chain(layers.broker.keys());
    for name in dynamic.filter(|name| table::broker(name).is_none()) {
        if !entries.iter().any(|entry| &entry.name == name) {
            let given = [(Source::Broker, &layers.broker), (Source::ClusterDefault, &layers.cluster)];
            let given = given.into_iter().filter(|(_, layer)| layer.contains_key(name));
            entries.push(unknown_entry(name, given.map(|(source, _)| source)));
        }
    }
    entries
}

/// What is set for all brokers: the answer for a broker without a name.
pub fn cluster_entries(broker: &BrokerSettings) -> Vec<Entry> {
    let layers = &broker.layers;
    let entry = |(name, text): (&String, &String)| match table::broker(name) {
        Some(setting) => {
            let mut entry = broker_entry(layers, setting);
            entry.value = Some(text.clone()).filter(|_| !setting.sensitive());
            entry.synonyms.retain(|synonym| synonym.source == Source::ClusterDefault);
            entry.source = entry.synonyms.first().map_or(Source::Default, |first| first.source);
            entry
        }
        None => unknown_entry(name, [Source::ClusterDefault]),
    };
    layers.cluster.iter().map(entry).collect()
}

/// Every setting of a group with these overrides.
pub fn group_entries(
    broker: &BrokerSettings,
    overrides: &BTreeMap<String, String>,
) -> Result<Vec<Entry>, ConfigError> {
    table::groups().map(|setting| group_entry(broker, overrides, setting)).collect()
}

/// Every setting of a subscription of client metrics (KIP-714) with these overrides.
pub fn client_metrics_entries(overrides: &BTreeMap<String, String>) -> Vec<Entry> {
    let entry = |setting: &'static Setting| {
        let own = overrides.get(setting.name);
        let value = own.cloned().or(setting.default.map(str::to_owned));
        let set = own.map(|text| Synonym {
            name: setting.name.to_owned(),
            value: Some(text.clone()),
            source: Source::ClientMetrics,
        });
        Entry::of(setting, value, set.into_iter().collect())
    };
    table::client_metrics().map(entry).collect()
}

fn group_entry(
    broker: &BrokerSettings,
    overrides: &BTreeMap<String, String>,
    setting: &'static Setting,
) -> Result<Entry, ConfigError> {
    let mut synonyms = Vec::new();
    let mut value = None;
    if let Some(text) = overrides.get(setting.name) {
        value = Some(Value::parse(setting, text)?.to_text());
        let name = setting.name.to_owned();
        synonyms.push(Synonym { name, value: value.clone(), source: Source::Group });
    }
    match table::broker_name_of_group(setting.name) {
        Some(name) => {
            synonyms.extend(broker_synonyms(&broker.layers, name));
            value = value.or_else(|| broker.value(name).map(|value| value.to_text()));
        }
        None => synonyms.extend(default_synonym(setting)),
    }
    let value = value.or(setting.default.map(str::to_owned));
    Ok(Entry::of(setting, value, synonyms))
}

fn broker_entry(layers: &Layers, setting: &'static Setting) -> Entry {
    let value = layers.value(setting).ok().flatten().map(|value| value.to_text());
    let mut entry = Entry::of(setting, value, broker_synonyms(layers, setting.name));
    entry.read_only = setting.update == Update::Restart;
    entry
}

/// A setting of unknown type might be a secret, so it is shown as one. `sources` give it a value, the deciding one first.
fn unknown_entry(name: &str, sources: impl IntoIterator<Item = Source>) -> Entry {
    let synonym = |source| Synonym { name: name.to_owned(), value: None, source };
    let synonyms: Vec<Synonym> = sources.into_iter().map(synonym).collect();
    Entry {
        name: name.to_owned(),
        value: None,
        source: synonyms.first().map_or(Source::Default, |first| first.source),
        read_only: true,
        sensitive: true,
        kind: None,
        doc: "",
        synonyms,
    }
}

/// Every place that gives the setting a value, the deciding one first. Values given by a synonym alone do not
/// count as the setting's own, and so a list that does not reach the setting itself is empty, as in Kafka.
fn broker_synonyms(layers: &Layers, name: &'static str) -> Vec<Synonym> {
    let only = [name];
    let names = match table::broker_synonyms(name) {
        [] => &only[..],
        several => several,
    };
    let mut synonyms = Vec::new();
    let mut add = |source: Source, text_of: &dyn Fn(&'static str) -> Option<String>| {
        for name in names {
            let sensitive = table::broker(name).is_some_and(Setting::sensitive);
            if let Some(text) = text_of(name) {
                let value = Some(text).filter(|_| !sensitive);
                synonyms.push(Synonym { name: (*name).to_owned(), value, source });
            }
        }
    };
    add(Source::Broker, &|name| layers.broker.get(name).cloned());
    add(Source::ClusterDefault, &|name| layers.cluster.get(name).cloned());
    add(Source::Static, &|name| layers.fixed.get(name).map(|given| given.text.clone()));
    add(Source::Default, &|name| table::broker(name).and_then(|setting| setting.default).map(str::to_owned));
    synonyms.into_iter().skip_while(|synonym| synonym.name != name).collect()
}

fn default_synonym(setting: &Setting) -> Option<Synonym> {
    let value = setting.default?.to_owned();
    Some(Synonym { name: setting.name.to_owned(), value: Some(value), source: Source::Default })
}
