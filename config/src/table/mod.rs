//! The one table of settings: those of topics, of the broker and of groups, with the facts of Apache Kafka 4.3.1.
//!
//! Everything else is made from it: the file, the environment, the flags, the sample, DescribeConfigs.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::error::ConfigError;
use crate::setting::Setting;

mod client_metrics;
mod cluster;
mod coordinator;
mod group;
mod groups;
mod log;
mod network;
mod operation;
mod own;
mod remote;
mod sasl;
mod security;
mod synonym;
mod topic;
mod transactions;

pub use synonym::{broker_name_of_group, broker_name_of_topic, broker_synonyms};

type Index = BTreeMap<&'static str, &'static Setting>;

static TOPICS: LazyLock<Index> = LazyLock::new(|| index(&[topic::SETTINGS]));
static GROUPS: LazyLock<Index> = LazyLock::new(|| index(&[group::SETTINGS]));
static BROKERS: LazyLock<Index> = LazyLock::new(|| index(&AREAS.map(|(_, settings)| settings)));

/// The broker's settings by area, in the order in which people read them.
pub static AREAS: [(&str, &[Setting]); 11] = [
    ("Thalweg's own", own::SETTINGS),
    ("Network", network::SETTINGS),
    ("Topics and the log", log::SETTINGS),
    ("Groups and their offsets", groups::SETTINGS),
    ("Coordinators of groups and share groups", coordinator::SETTINGS),
    ("Transactions and producers", transactions::SETTINGS),
    ("Node and cluster", cluster::SETTINGS),
    ("Quotas, metrics and policies", operation::SETTINGS),
    ("TLS and authorization", security::SETTINGS),
    ("SASL", sasl::SETTINGS),
    ("Tiered storage", remote::SETTINGS),
];

fn index(areas: &[&'static [Setting]]) -> Index {
    areas.iter().flat_map(|area| area.iter()).map(|setting| (setting.name, setting)).collect()
}

/// The topic setting of this name.
pub fn topic(name: &str) -> Option<&'static Setting> {
    TOPICS.get(name).copied()
}

/// The broker setting of this name.
pub fn broker(name: &str) -> Option<&'static Setting> {
    BROKERS.get(name).copied()
}

/// The group setting of this name.
pub fn group(name: &str) -> Option<&'static Setting> {
    GROUPS.get(name).copied()
}

/// Every topic setting, by name.
pub fn topics() -> impl Iterator<Item = &'static Setting> {
    TOPICS.values().copied()
}

/// Every broker setting, by name.
pub fn brokers() -> impl Iterator<Item = &'static Setting> {
    BROKERS.values().copied()
}

/// Every group setting, by name.
pub fn groups() -> impl Iterator<Item = &'static Setting> {
    GROUPS.values().copied()
}

/// Every setting of a subscription of client metrics.
pub fn client_metrics() -> impl Iterator<Item = &'static Setting> {
    client_metrics::SETTINGS.iter()
}

/// The error for a broker setting that does not exist, with the nearest that does.
pub fn unknown(name: &str, origin: &str) -> ConfigError {
    ConfigError::UnknownSetting {
        name: name.to_owned(),
        origin: origin.to_owned(),
        nearest: nearest(name, BROKERS.keys().copied()),
    }
}

/// The name most like `name`, if any is like it at all.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let scored = known.map(|candidate| (strsim::jaro_winkler(name, candidate), candidate));
    let best = scored.max_by(|(one, _), (other, _)| one.total_cmp(other));
    best.filter(|(score, _)| *score >= 0.8).map(|(_, candidate)| candidate)
}
