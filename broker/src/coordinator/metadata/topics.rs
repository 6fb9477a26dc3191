//! Judging commands about topics and partitions (Kafka: `ReplicationControlManager`).

use std::collections::HashSet;
use std::sync::Arc;

use thalweg_proto::error::ErrorCode;

use super::{
    Assignment, ConfigResource, Configs, Judgement, LOG_TOPIC, NewTopic, Record, Refusal, Reply,
    ResourceKind, Rules, State, Topic, TopicKey, collision_key, is_internal, validate_topic_name,
};

/// Most partitions that one request may make. More would stall everybody else for too long.
pub const MAX_PARTITIONS_PER_REQUEST: i64 = 10_000;

/// Refuses a request that makes too many partitions altogether. Kafka refuses the whole request, not the topic.
pub fn check_request_size<'a>(
    topics: impl IntoIterator<Item = &'a NewTopic>,
    num_partitions: i32,
) -> Result<(), Refusal> {
    let partitions = |topic: &NewTopic| match (topic.assignments.len(), topic.partitions) {
        (0, -1) => i64::from(num_partitions),
        (0, count) => i64::from(count.max(0)),
        (assigned, _) => i64::try_from(assigned).unwrap_or(i64::MAX),
    };
    let (mut all, mut records) = (0_i64, 0_i64);
    for topic in topics {
        let partitions = partitions(topic);
        let configs = i64::try_from(topic.configs.len()).unwrap_or(i64::MAX);
        all = all.saturating_add(partitions);
        records = records.saturating_add(partitions).saturating_add(configs).saturating_add(1);
    }
    if all > MAX_PARTITIONS_PER_REQUEST {
        return Err(too_many_partitions());
    }
    // Kafka writes a record for each partition, configuration and topic, and all of them at once.
    match records > MAX_PARTITIONS_PER_REQUEST {
        false => Ok(()),
        true => Err(Refusal::new(
            ErrorCode::PolicyViolation,
            "Unable to perform excessively large batch operation.",
        )),
    }
}

fn too_many_partitions() -> Refusal {
    Refusal::new(ErrorCode::PolicyViolation, "Excessively large number of partitions per request.")
}

pub(super) fn create(state: &State, rules: &Rules, new: NewTopic) -> Judgement {
    check_name(state, &new.name, new.by_broker)?;
    let configs = configs_of_new_topic(state, &new, rules)?;
    let partitions = partitions_of_new_topic(&new, rules)?;
    let record =
        Record::TopicCreated { id: new.id, name: new.name.clone(), partitions, configs: configs.clone() };
    let topic = Topic { id: new.id, name: new.name.into(), partitions, overrides: configs };
    Ok((vec![record], Reply::TopicCreated(Arc::new(topic))))
}

/// An existing topic is reported before a bad name, as Kafka does. The logs of the coordinators are theirs to make: as plain
/// topics, which Kafka allows, they would keep groups and transactions from ever working.
fn check_name(state: &State, name: &str, by_broker: bool) -> Result<(), Refusal> {
    if name == LOG_TOPIC {
        let message = format!("Creation of internal topic {LOG_TOPIC} is prohibited.");
        return Err(Refusal::new(ErrorCode::InvalidRequest, message));
    }
    if state.topic(name).is_some() || (is_internal(name) && !by_broker) {
        return Err(Refusal::new(ErrorCode::TopicAlreadyExists, format!("Topic '{name}' already exists.")));
    }
    validate_topic_name(name).map_err(|reason| Refusal::new(ErrorCode::InvalidTopicException, reason))?;
    let key = collision_key(name);
    let colliding = key.and_then(|key| state.collisions.get(&key)).and_then(|names| names.first());
    match colliding {
        None => Ok(()),
        Some(other) => Err(Refusal::new(
            ErrorCode::InvalidTopicException,
            format!("Topic '{name}' collides with existing topic: {other}"),
        )),
    }
}

fn configs_of_new_topic(state: &State, new: &NewTopic, rules: &Rules) -> Result<Configs, Refusal> {
    let missing: Vec<&str> =
        new.configs.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| name.as_str()).collect();
    if !missing.is_empty() {
        let message = format!("Null value not supported for topic configs: {}", missing.join(","));
        return Err(Refusal::new(ErrorCode::InvalidConfig, message));
    }
    let configs: Configs =
        new.configs.iter().filter_map(|(name, value)| Some((name.clone(), value.clone()?))).collect();
    let changed = configs.keys().map(String::as_str).collect();
    rules.catalog.check(
        state,
        &ConfigResource { kind: ResourceKind::Topic, name: new.name.clone() },
        &configs,
        &changed,
    )?;
    Ok(configs)
}

fn partitions_of_new_topic(new: &NewTopic, rules: &Rules) -> Result<i32, Refusal> {
    if !new.assignments.is_empty() {
        return assigned_partitions(new, rules);
    }
    if new.replication_factor < -1 || new.replication_factor == 0 {
        return Err(Refusal::new(
            ErrorCode::InvalidReplicationFactor,
            "Replication factor must be larger than 0, or -1 to use the default value.",
        ));
    }
    if new.partitions < -1 || new.partitions == 0 {
        return Err(Refusal::new(
            ErrorCode::InvalidPartitions,
            "Number of partitions was set to an invalid non-positive value.",
        ));
    }
    let replicas =
        if new.replication_factor == -1 { rules.replication_factor } else { new.replication_factor };
    if replicas > 1 {
        let message = format!(
            "Unable to replicate the partition {replicas} time(s): The target replication factor of {replicas} cannot be \
             reached because only 1 broker(s) are registered or some brokers have all their log directories cordoned."
        );
        return Err(Refusal::new(ErrorCode::InvalidReplicationFactor, message));
    }
    let partitions = if new.partitions == -1 { rules.num_partitions } else { new.partitions };
    if i64::from(partitions) > MAX_PARTITIONS_PER_REQUEST {
        return Err(too_many_partitions());
    }
    Ok(partitions)
}

fn assigned_partitions(new: &NewTopic, rules: &Rules) -> Result<i32, Refusal> {
    let refuse = |message: &str| Err(Refusal::new(ErrorCode::InvalidRequest, message));
    if new.replication_factor != -1 {
        return refuse(
            "A manual partition assignment was specified, but replication factor was not set to -1.",
        );
    }
    if new.partitions != -1 {
        return refuse("A manual partition assignment was specified, but numPartitions was not set to -1.");
    }
    let mut seen = HashSet::new();
    for Assignment { partition, replicas } in &new.assignments {
        if !seen.insert(*partition) {
            let message = format!("Found multiple manual partition assignments for partition {partition}");
            return Err(Refusal::new(ErrorCode::InvalidReplicaAssignment, message));
        }
        check_replicas(replicas, rules.node_id)?;
    }
    let count = i32::try_from(new.assignments.len()).unwrap_or(i32::MAX);
    if !(0..count).all(|partition| seen.contains(&partition)) {
        return Err(Refusal::new(
            ErrorCode::InvalidReplicaAssignment,
            "partitions should be a consecutive 0-based integer sequence",
        ));
    }
    Ok(count)
}

/// Checks the replicas that a client chose for a partition: this node, once.
pub fn check_replicas(replicas: &[i32], node_id: i32) -> Result<(), Refusal> {
    let refuse = |message: String| Err(Refusal::new(ErrorCode::InvalidReplicaAssignment, message));
    if replicas.is_empty() {
        return refuse("The manual partition assignment includes an empty replica list.".into());
    }
    let mut sorted = replicas.to_vec();
    sorted.sort_unstable();
    let mut previous = None;
    for node in sorted {
        if node != node_id {
            return refuse(format!(
                "The manual partition assignment includes broker {node}, but no such broker is registered."
            ));
        }
        if previous == Some(node) {
            return refuse(format!(
                "The manual partition assignment includes the broker {node} more than once."
            ));
        }
        previous = Some(node);
    }
    Ok(())
}

pub(super) fn delete(state: &State, rules: &Rules, key: &TopicKey) -> Judgement {
    if !rules.delete_topics {
        return Err(Refusal::new(ErrorCode::TopicDeletionDisabled, "Topic deletion is disabled."));
    }
    let (topic, unknown) = match key {
        TopicKey::Name(name) => (
            state.topic(name),
            (ErrorCode::UnknownTopicOrPartition, "This server does not host this topic-partition."),
        ),
        TopicKey::Id(id) => {
            (state.topic_by_id(*id), (ErrorCode::UnknownTopicId, "This server does not host this topic ID."))
        }
    };
    let topic = topic.ok_or_else(|| Refusal::new(unknown.0, unknown.1))?;
    Ok((vec![Record::TopicDeleted { id: topic.id }], Reply::TopicDeleted(topic.clone())))
}

pub(super) fn add_partitions(
    state: &State,
    rules: &Rules,
    name: &str,
    count: i32,
    assignments: Option<&[Vec<i32>]>,
) -> Judgement {
    let topic = state.topic(name).ok_or_else(|| Refusal::bare(ErrorCode::UnknownTopicOrPartition))?;
    if is_internal(name) {
        // Kafka grows it, and with the next start finds no group where it was.
        let message = format!("The number of partitions of internal topic {name} cannot be changed.");
        return Err(Refusal::new(ErrorCode::InvalidPartitions, message));
    }
    let have = topic.partitions;
    let refuse = |message: String| Err(Refusal::new(ErrorCode::InvalidPartitions, message));
    if count == have {
        return refuse(format!("Topic already has {have} partition(s)."));
    }
    if count < have {
        return refuse(format!(
            "The topic {name} currently has {have} partition(s); {count} would not be an increase."
        ));
    }
    let additional = i64::from(count) - i64::from(have);
    if let Some(assignments) = assignments {
        if i64::try_from(assignments.len()).ok() != Some(additional) {
            let message = format!(
                "Attempted to add {additional} additional partition(s), but only {} assignment(s) were specified.",
                assignments.len()
            );
            return Err(Refusal::new(ErrorCode::InvalidReplicaAssignment, message));
        }
        assignments.iter().try_for_each(|replicas| check_replicas(replicas, rules.node_id))?;
    }
    if additional > MAX_PARTITIONS_PER_REQUEST {
        return Err(too_many_partitions());
    }
    let grown = Topic { partitions: count, ..topic.as_ref().clone() };
    Ok((
        vec![Record::PartitionsAdded { id: topic.id, partitions: count }],
        Reply::PartitionsAdded(Arc::new(grown)),
    ))
}
