//! Groups of consumers, share groups, streams groups, and committed offsets.

use crate::error::ConfigError;
use crate::layers::Layers;

/// The limits of one kind of group of the newer protocol (KIP-848, KIP-932, KIP-1071). Times are in ms.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupKind {
    /// `group.KIND.session.timeout.ms`, with the least and the most that a group may set.
    pub session_timeout_ms: (i32, i32, i32),
    /// `group.KIND.heartbeat.interval.ms`, with the least and the most that a group may set.
    pub heartbeat_interval_ms: (i32, i32, i32),
    /// `group.KIND.assignment.interval.ms`, with the least and the most that a group may set.
    pub assignment_interval_ms: (i32, i32, i32),
    /// `group.KIND.max.size`
    pub max_size: i32,
}

/// Groups of every kind.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupSettings {
    /// `group.min.session.timeout.ms`, of classic groups.
    pub min_session_timeout_ms: i32,
    /// `group.max.session.timeout.ms`, of classic groups.
    pub max_session_timeout_ms: i32,
    /// `group.initial.rebalance.delay.ms`, of classic groups.
    pub initial_rebalance_delay_ms: i32,
    /// `group.max.size`, of classic groups.
    pub max_size: i32,
    /// `group.consumer.*`
    pub consumer: GroupKind,
    /// `group.consumer.assignors`
    pub consumer_assignors: Vec<String>,
    /// `group.coordinator.rebalance.protocols`, in lower case.
    pub rebalance_protocols: Vec<String>,
    /// `group.consumer.migration.policy`, in lower case.
    pub consumer_migration_policy: String,
    /// `group.share.*`
    pub share: GroupKind,
    /// What else share groups need.
    pub share_records: ShareSettings,
    /// `group.streams.*`
    pub streams: GroupKind,
    /// `group.streams.num.standby.replicas`, and the most that a group may set.
    pub streams_standby_replicas: (i32, i32),
    /// `group.streams.initial.rebalance.delay.ms`
    pub streams_initial_rebalance_delay_ms: i32,
    /// Committed offsets.
    pub offsets: OffsetSettings,
}

/// Deliveries and locks of share groups: each value with the least and the most that a group may set.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareSettings {
    /// `group.share.delivery.count.limit`
    pub delivery_count_limit: (i32, i32, i32),
    /// `group.share.record.lock.duration.ms`
    pub record_lock_duration_ms: (i32, i32, i32),
    /// `group.share.partition.max.record.locks`
    pub partition_max_record_locks: (i32, i32, i32),
    /// `group.share.max.share.sessions`
    pub max_sessions: i32,
    /// `share.coordinator.state.topic.num.partitions`
    pub state_partitions: i32,
}

/// Committed offsets.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetSettings {
    /// `offsets.topic.num.partitions`
    pub partitions: i32,
    /// `offsets.topic.segment.bytes`
    pub segment_bytes: u32,
    /// `offsets.retention.minutes`, in ms.
    pub retention_ms: i64,
    /// `offsets.retention.check.interval.ms`
    pub retention_check_interval_ms: i64,
    /// `offset.metadata.max.bytes`
    pub metadata_max_bytes: usize,
    /// `offsets.commit.timeout.ms`
    pub commit_timeout_ms: i64,
    /// `offsets.topic.compression.codec`: the codec's number in a batch's attributes; 0 is none.
    pub compression_codec: u8,
}

impl GroupSettings {
    pub(super) fn read(layers: &Layers) -> Result<Self, ConfigError> {
        Ok(GroupSettings {
            min_session_timeout_ms: layers.number("group.min.session.timeout.ms")?,
            max_session_timeout_ms: layers.number("group.max.session.timeout.ms")?,
            initial_rebalance_delay_ms: layers.number("group.initial.rebalance.delay.ms")?,
            max_size: layers.number("group.max.size")?,
            consumer: GroupKind::read(layers, "group.consumer")?,
            consumer_assignors: layers.list("group.consumer.assignors")?,
            rebalance_protocols: layers
                .list("group.coordinator.rebalance.protocols")?
                .iter()
                .map(|name| name.to_ascii_lowercase())
                .collect(),
            consumer_migration_policy: layers
                .text("group.consumer.migration.policy")?
                .unwrap_or_default()
                .to_ascii_lowercase(),
            share: GroupKind::read(layers, "group.share")?,
            share_records: ShareSettings {
                delivery_count_limit: bounded(layers, "group.share", "delivery.count.limit")?,
                record_lock_duration_ms: bounded(layers, "group.share", "record.lock.duration.ms")?,
                partition_max_record_locks: bounded(layers, "group.share", "partition.max.record.locks")?,
                max_sessions: layers.number("group.share.max.share.sessions")?,
                state_partitions: layers.number("share.coordinator.state.topic.num.partitions")?,
            },
            streams: GroupKind::read(layers, "group.streams")?,
            streams_standby_replicas: (
                layers.number("group.streams.num.standby.replicas")?,
                layers.number("group.streams.max.standby.replicas")?,
            ),
            streams_initial_rebalance_delay_ms: layers.number("group.streams.initial.rebalance.delay.ms")?,
            offsets: OffsetSettings {
                partitions: layers.number("offsets.topic.num.partitions")?,
                segment_bytes: layers.number("offsets.topic.segment.bytes")?,
                retention_ms: layers.integer("offsets.retention.minutes")?.saturating_mul(60_000),
                retention_check_interval_ms: layers.integer("offsets.retention.check.interval.ms")?,
                metadata_max_bytes: layers.number("offset.metadata.max.bytes")?,
                commit_timeout_ms: layers.integer("offsets.commit.timeout.ms")?,
                compression_codec: layers.number("offsets.topic.compression.codec")?,
            },
        })
    }
}

impl GroupKind {
    fn read(layers: &Layers, kind: &str) -> Result<Self, ConfigError> {
        Ok(GroupKind {
            session_timeout_ms: bounded(layers, kind, "session.timeout.ms")?,
            heartbeat_interval_ms: bounded(layers, kind, "heartbeat.interval.ms")?,
            assignment_interval_ms: bounded(layers, kind, "assignment.interval.ms")?,
            max_size: layers.number(&format!("{kind}.max.size"))?,
        })
    }
}

/// A value with its limits; refuses a value outside of them, as `GroupCoordinatorConfig` does.
fn bounded(layers: &Layers, kind: &str, name: &str) -> Result<(i32, i32, i32), ConfigError> {
    let value: i32 = layers.number(&format!("{kind}.{name}"))?;
    let least: i32 = layers.number(&format!("{kind}.min.{name}"))?;
    let most: i32 = layers.number(&format!("{kind}.max.{name}"))?;
    if least > most {
        return Err(ConfigError::Refused(format!(
            "{kind}.max.{name} must be greater than or equal to {kind}.min.{name}"
        )));
    }
    if !(least..=most).contains(&value) {
        let bound = if value < least { "greater than or equal to" } else { "less than or equal to" };
        let which = if value < least { "min" } else { "max" };
        return Err(ConfigError::Refused(format!("{kind}.{name} must be {bound} {kind}.{which}.{name}")));
    }
    Ok((value, least, most))
}
