//! The configurations in force for a group: its own where it has some, within the broker's limits.

use std::collections::BTreeMap;

use crate::coordinator::group::Env;

/// What holds for a consumer group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsumerConfigs {
    /// How long a member may be silent, in ms.
    pub session_timeout_ms: i32,
    /// How often a member shall send a heartbeat, in ms.
    pub heartbeat_interval_ms: i32,
    /// The least time between two assignments, in ms.
    pub assignment_interval_ms: i32,
}

impl ConsumerConfigs {
    /// The configurations of a group (Kafka's `GroupConfig.evaluate`: a value that the broker's limits do not allow any more is
    /// taken as the limit).
    pub fn of(env: &Env<'_>, group: &str) -> Self {
        let own = env.around.group_configs(group);
        let broker = &env.settings.consumer;
        Self {
            session_timeout_ms: in_force(&own, "consumer.session.timeout.ms", broker.session_timeout_ms),
            heartbeat_interval_ms: in_force(
                &own,
                "consumer.heartbeat.interval.ms",
                broker.heartbeat_interval_ms,
            ),
            assignment_interval_ms: in_force(
                &own,
                "consumer.assignment.interval.ms",
                broker.assignment_interval_ms,
            ),
        }
    }
}

fn in_force(own: &BTreeMap<String, String>, name: &str, (default, least, most): (i32, i32, i32)) -> i32 {
    match own.get(name).and_then(|value| value.trim().parse::<i32>().ok()) {
        Some(value) => value.max(least).min(most),
        None => default,
    }
}
