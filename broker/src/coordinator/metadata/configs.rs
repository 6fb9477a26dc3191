//! Judging changes of configurations (Kafka: `ConfigAdminManager`, `ConfigurationControlManager`).

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Debug;

use thalweg_proto::error::ErrorCode;

use super::{
    ConfigChange, ConfigOperation, ConfigResource, Judgement, Record, Refusal, Reply, ResourceKind, Rules,
    State, validate_topic_name,
};

/// Name and value of configurations that are set.
pub type Configs = BTreeMap<String, String>;

/// Which configurations exist and which values they take. The table of settings implements it, so the machine need not know it.
pub trait Catalog: Debug + Send + Sync {
    /// Whether a configuration is a list, whose values can be added and taken off.
    fn is_list(&self, kind: ResourceKind, name: &str) -> bool;

    /// The value of a configuration that nobody set, out of the table alone.
    fn default(&self, kind: ResourceKind, name: &str) -> Option<&'static str>;

    /// Judges all configurations of a resource as they would be after a change; `changed` names those that were touched.
    fn check(
        &self,
        state: &State,
        resource: &ConfigResource,
        configs: &Configs,
        changed: &BTreeSet<&str>,
    ) -> Result<(), Refusal>;
}

pub(super) fn change(
    state: &State,
    rules: &Rules,
    resource: &ConfigResource,
    changes: &[ConfigChange],
) -> Judgement {
    let mut names = HashSet::new();
    if !changes.iter().all(|change| names.insert(change.name.as_str())) {
        return Err(invalid_request("Error due to duplicate config keys"));
    }
    let lacks_value =
        |change: &&ConfigChange| change.operation != ConfigOperation::Delete && change.value.is_none();
    refuse_nulls(changes.iter().filter(lacks_value).map(|change| change.name.as_str()))?;
    check_resource(rules, resource)?;
    if resource.kind == ResourceKind::BrokerLogger {
        changes.iter().try_for_each(change_logger)?;
    }
    let current = state.configs_of(resource);
    let mut next = current.clone();
    for change in changes {
        match changed_value(rules, resource, change, current.get(&change.name))? {
            Some(value) => next.insert(change.name.clone(), value),
            None => next.remove(&change.name),
        };
    }
    let changed = changes.iter().map(|change| change.name.as_str()).collect();
    finish(state, rules, resource, &current, next, &changed)
}

pub(super) fn replace(
    state: &State,
    rules: &Rules,
    resource: &ConfigResource,
    configs: &[(String, Option<String>)],
) -> Judgement {
    let mut names = HashSet::new();
    if !configs.iter().all(|(name, _)| names.insert(name.as_str())) {
        return Err(invalid_request("Error due to duplicate config keys"));
    }
    refuse_nulls(configs.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| name.as_str()))?;
    if resource.kind == ResourceKind::BrokerLogger {
        return Err(invalid_request(format!("Unknown resource type {}", ResourceKind::BrokerLogger as u8)));
    }
    check_resource(rules, resource)?;
    let current = state.configs_of(resource);
    let next = configs.iter().filter_map(|(name, value)| Some((name.clone(), value.clone()?))).collect();
    let changed = names.into_iter().chain(current.keys().map(String::as_str)).collect();
    finish(state, rules, resource, &current, next, &changed)
}

/// There are no loggers whose level could be set through the protocol: every name is one that does not exist.
fn change_logger(change: &ConfigChange) -> Result<(), Refusal> {
    let verb = match change.operation {
        ConfigOperation::Append => "APPEND",
        ConfigOperation::Subtract => "SUBTRACT",
        _ => {
            let message = format!("Logger {} does not exist!", change.name);
            return Err(Refusal::new(ErrorCode::InvalidConfig, message));
        }
    };
    Err(invalid_request(format!("{verb} operation is not allowed for the BROKER_LOGGER resource")))
}

fn invalid_request(message: impl Into<String>) -> Refusal {
    Refusal::new(ErrorCode::InvalidRequest, message)
}

fn refuse_nulls<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), Refusal> {
    let names: Vec<&str> = names.collect();
    match names.is_empty() {
        true => Ok(()),
        false => Err(invalid_request(format!("Null value not supported for : {}", names.join(", ")))),
    }
}

/// Checks that the resource can be named at all; whether it exists is asked last, as Kafka does.
fn check_resource(rules: &Rules, resource: &ConfigResource) -> Result<(), Refusal> {
    let name = resource.name.as_str();
    match resource.kind {
        ResourceKind::Broker if name.is_empty() => Ok(()),
        ResourceKind::Broker => check_node(rules, name, "Unexpected broker id, expected"),
        ResourceKind::BrokerLogger => check_node(rules, name, "Unexpected node id. Expected"),
        ResourceKind::Topic if name.is_empty() => {
            Err(invalid_request("Default topic resources are not allowed."))
        }
        ResourceKind::Topic => {
            validate_topic_name(name).map_err(|reason| Refusal::new(ErrorCode::InvalidTopicException, reason))
        }
        ResourceKind::Group if name.is_empty() => {
            Err(invalid_request("Default group resources are not allowed."))
        }
        ResourceKind::ClientMetrics if name.is_empty() => {
            Err(invalid_request("Subscription name can't be empty"))
        }
        ResourceKind::Group | ResourceKind::ClientMetrics => Ok(()),
    }
}

fn check_node(rules: &Rules, name: &str, unexpected: &str) -> Result<(), Refusal> {
    let node: i32 = name
        .parse()
        .map_err(|_| invalid_request(format!("Node id must be an integer, but it is: {name}")))?;
    match node == rules.node_id {
        true => Ok(()),
        false => Err(invalid_request(format!("{unexpected} {}, but received {name}", rules.node_id))),
    }
}

/// The value that a change leaves; none if the default is to hold.
fn changed_value(
    rules: &Rules,
    resource: &ConfigResource,
    change: &ConfigChange,
    current: Option<&String>,
) -> Result<Option<String>, Refusal> {
    let verb = match change.operation {
        ConfigOperation::Set => return Ok(change.value.clone()),
        ConfigOperation::Delete => return Ok(None),
        ConfigOperation::Unknown(_) => return Err(Refusal::bare(ErrorCode::UnknownServerError)),
        ConfigOperation::Append => "APPEND",
        ConfigOperation::Subtract => "SUBTRACT",
    };
    if !rules.catalog.is_list(resource.kind, &change.name) {
        let message = match resource.kind {
            ResourceKind::Broker => {
                format!("Config value {} is not allowed for config key: {}", verb.to_lowercase(), change.name)
            }
            _ => format!("Can't {verb} to key {} because its type is not LIST.", change.name),
        };
        return Err(Refusal::new(ErrorCode::InvalidConfig, message));
    }
    let current = current.map(String::as_str).or_else(|| rules.catalog.default(resource.kind, &change.name));
    let mut items: Vec<&str> = items_of(current.unwrap_or_default());
    let named = split(change.value.as_deref().unwrap_or_default());
    if change.operation == ConfigOperation::Subtract {
        items.retain(|item| !named.contains(item));
    } else {
        for item in named {
            if !items.contains(&item) {
                items.push(item);
            }
        }
    }
    Ok(Some(items.join(",")))
}

fn items_of(list: &str) -> Vec<&str> {
    list.split(',').filter(|item| !item.is_empty()).collect()
}

/// The items of a list as Java splits it: empty ones at the end are dropped, others stay and are refused in the end.
fn split(list: &str) -> Vec<&str> {
    match list.trim_end_matches(',') {
        "" if list.is_empty() => vec![""],
        "" => Vec::new(),
        items => items.split(',').collect(),
    }
}

fn finish(
    state: &State,
    rules: &Rules,
    resource: &ConfigResource,
    current: &Configs,
    next: Configs,
    changed: &BTreeSet<&str>,
) -> Judgement {
    rules.catalog.check(state, resource, &next, changed)?;
    if resource.kind == ResourceKind::Topic && state.topic(&resource.name).is_none() {
        let message = format!("The topic '{}' does not exist.", resource.name);
        return Err(Refusal::new(ErrorCode::UnknownTopicOrPartition, message));
    }
    let record = |key: &String, value: Option<&String>| Record::ConfigSet {
        resource: resource.clone(),
        key: key.clone(),
        value: value.cloned(),
    };
    let set = next.iter().filter(|(key, value)| current.get(*key) != Some(*value));
    let mut records: Vec<Record> = set.map(|(key, value)| record(key, Some(value))).collect();
    records.extend(current.keys().filter(|key| !next.contains_key(*key)).map(|key| record(key, None)));
    Ok((records, Reply::ConfigsChanged(resource.clone())))
}
