//! What may be set at run time for the broker and for subscriptions of client metrics, beyond what the table says.

use std::collections::BTreeSet;
use std::sync::Arc;

use thalweg_config::{BrokerSettings, ConfigError, Kind, Value, check_dynamic};
use thalweg_proto::error::ErrorCode;

use super::catalog::{invalid_config, setting};
use crate::coordinator::metadata::{ConfigResource, Configs, Refusal, ResourceKind, State};

/// The configuration that Kafka keeps per topic and for the whole cluster, but not per broker (KIP-966).
const MIN_INSYNC_REPLICAS: &str = "min.insync.replicas";

/// Pools that may at most double or halve at a time (`DynamicThreadPool`).
const POOLS: [&str; 10] = [
    "log.cleaner.threads",
    "num.network.threads",
    "num.io.threads",
    "num.replica.fetchers",
    "num.recovery.threads.per.data.dir",
    "background.threads",
    "remote.log.manager.copier.thread.pool.size",
    "remote.log.manager.expiration.thread.pool.size",
    "remote.log.manager.follower.thread.pool.size",
    "remote.log.reader.threads",
];

/// Where clients come in cannot change while the broker runs.
const LISTENERS: [&str; 3] = ["listeners", "advertised.listeners", "listener.security.protocol.map"];

/// Limits of replication, in bytes a second, which Kafka keeps apart from its other settings (`QuotaConfig`).
const RATES: [&str; 3] = [
    "leader.replication.throttled.rate",
    "follower.replication.throttled.rate",
    "replica.alter.log.dirs.io.max.bytes.per.second",
];

/// What can be set for a listener of all brokers; everything else of a listener belongs to one broker.
const OF_ALL_LISTENERS: [&str; 3] =
    ["max.connections", "max.connection.creation.rate", "num.network.threads"];

/// Parts of a client that a subscription can match (KIP-714).
const MATCHED: [&str; 6] = [
    "client_instance_id",
    "client_id",
    "client_software_name",
    "client_software_version",
    "client_source_address",
    "client_source_port",
];

/// Bounds of a subscription's interval, in milliseconds.
const INTERVAL_MS: std::ops::RangeInclusive<i32> = 100..=3_600_000;

fn invalid_request(message: impl Into<String>) -> Refusal {
    Refusal::new(ErrorCode::InvalidRequest, message)
}

/// What Kafka's broker finds wrong itself, before it asks the controller, is an invalid request.
pub(super) fn broker(
    start: &BrokerSettings,
    now: &Arc<BrokerSettings>,
    state: &State,
    resource: &ConfigResource,
    configs: &Configs,
    changed: &BTreeSet<&str>,
) -> Result<(), Refusal> {
    let refuse = |error: ConfigError| invalid_request(error.to_string());
    let for_one = !resource.name.is_empty();
    security(configs)?;
    check_dynamic(configs, for_one).map_err(refuse)?;
    listeners(configs, for_one)?;
    rates(configs)?;
    classes(configs)?;
    let fixed: Vec<&str> = LISTENERS.into_iter().filter(|name| configs.contains_key(*name)).collect();
    if !fixed.is_empty() {
        let message = format!("Cannot update these configs dynamically: [{}]", fixed.join(", "));
        return Err(invalid_request(message));
    }
    let other = |name: String| state.configs_of(&ConfigResource { kind: ResourceKind::Broker, name });
    let next = match for_one {
        true => start.with_dynamic(&other(String::new()), configs),
        false => start.with_dynamic(configs, &other(start.node_id.to_string())),
    };
    pools(now, &next.map_err(refuse)?, changed)
}

/// Keys and certificates belong to a listener and are set under its prefix.
fn security(configs: &Configs) -> Result<(), Refusal> {
    let stores = ["ssl.keystore.", "ssl.truststore.", "ssl.key.password"];
    let named: Vec<&str> = configs
        .keys()
        .map(String::as_str)
        .filter(|name| stores.iter().any(|store| name.starts_with(store)))
        .collect();
    match named.is_empty() {
        true => Ok(()),
        false => Err(invalid_request(format!(
            "These security configs can be dynamically updated only per-listener using the listener prefix: [{}]",
            named.join(", ")
        ))),
    }
}

fn listeners(configs: &Configs, for_one: bool) -> Result<(), Refusal> {
    let of_one = |name: &&str| {
        let base = name.strip_prefix("listener.name.").and_then(|rest| rest.split_once('.'));
        base.is_some_and(|(_, base)| !OF_ALL_LISTENERS.contains(&base))
    };
    let named: Vec<&str> = configs.keys().map(String::as_str).filter(of_one).collect();
    match for_one || named.is_empty() {
        true => Ok(()),
        false => Err(invalid_request(format!(
            "Cannot update these configs at default cluster level, broker id must be specified: [{}]",
            named.join(", ")
        ))),
    }
}

fn rates(configs: &Configs) -> Result<(), Refusal> {
    for name in RATES {
        let Some(text) = configs.get(name) else { continue };
        if !text.trim().parse::<i64>().is_ok_and(|rate| rate >= 0) {
            return Err(invalid_request(format!("Invalid value {text} for configuration {name}")));
        }
    }
    Ok(())
}

/// A class of Java is found here as little as one that does not exist is by Kafka, but for those that stand for what the
/// broker does by itself.
fn classes(configs: &Configs) -> Result<(), Refusal> {
    for (name, class) in configs {
        let Some(setting) = setting(ResourceKind::Broker, name) else { continue };
        if setting.kind == Kind::Class && setting.default != Some(class.as_str()) {
            let reason = format!("Class {class} could not be found.");
            return Err(invalid_request(format!("Invalid value {class} for configuration {name}: {reason}")));
        }
    }
    Ok(())
}

fn pools(now: &BrokerSettings, next: &BrokerSettings, changed: &BTreeSet<&str>) -> Result<(), Refusal> {
    for name in POOLS.into_iter().filter(|name| changed.contains(name)) {
        let (Some(Value::Integer(old)), Some(Value::Integer(new))) = (now.value(name), next.value(name))
        else {
            continue;
        };
        let problem = match new {
            _ if new < 1 => "value should be at least 1".to_owned(),
            _ if new > old.saturating_mul(2) => {
                format!("value should not be greater than double the current value {old}")
            }
            _ if new < old / 2 => format!("value should be at least half the current value {old}"),
            _ => continue,
        };
        return Err(invalid_request(format!(
            "Invalid value org.apache.kafka.common.config.ConfigException: Dynamic thread count update validation \
             failed for {name}={new}, {problem} for configuration Invalid dynamic configuration"
        )));
    }
    Ok(())
}

pub(super) fn min_insync_replicas(
    resource: &ConfigResource,
    configs: &Configs,
    changed: &BTreeSet<&str>,
) -> Result<(), Refusal> {
    if !changed.contains(MIN_INSYNC_REPLICAS) {
        return Ok(());
    }
    let reason = match (resource.name.is_empty(), configs.contains_key(MIN_INSYNC_REPLICAS)) {
        (true, true) => return Ok(()),
        (true, false) => "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.",
        (false, _) => "Broker-level min.insync.replicas cannot be altered while ELR is enabled.",
    };
    Err(Refusal::new(ErrorCode::InvalidConfig, reason))
}

/// Kafka: `ClientMetricsConfigs.validate`.
pub(super) fn client_metrics(configs: &Configs) -> Result<(), Refusal> {
    for (name, text) in configs {
        let Some(setting) = setting(ResourceKind::ClientMetrics, name) else {
            return Err(invalid_request(format!("Unknown client metrics configuration: {name}")));
        };
        match (name.as_str(), text.trim().parse::<i32>()) {
            ("interval.ms", Ok(interval)) if !INTERVAL_MS.contains(&interval) => {
                return Err(invalid_request(format!(
                    "Invalid value {interval} for interval.ms, interval must be between 100 and 3600000 (1 hour)"
                )));
            }
            ("match", _) => matching(text)?,
            _ => Value::parse(setting, text).map(drop).map_err(invalid_config)?,
        }
    }
    Ok(())
}

fn matching(patterns: &str) -> Result<(), Refusal> {
    let is_known = |pattern: &&str| {
        let (part, value) = pattern.split_once('=').unwrap_or((pattern, ""));
        let is_value = !value.is_empty() && !value.trim_end_matches('=').contains('=');
        MATCHED.contains(&part.trim()) && is_value
    };
    let patterns = Some(patterns.trim()).filter(|patterns| !patterns.is_empty());
    let mut each = patterns.into_iter().flat_map(|patterns| patterns.split(',')).map(str::trim);
    match each.find(|pattern| !is_known(pattern)) {
        None => Ok(()),
        Some(pattern) => {
            Err(Refusal::new(ErrorCode::InvalidConfig, format!("Illegal client matching pattern: {pattern}")))
        }
    }
}
