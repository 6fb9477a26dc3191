//! Settings of a group.

use crate::setting::{Rule, Setting, settings};

pub(super) static SETTINGS: &[Setting] = settings! {
    Int "consumer.assignment.interval.ms" = "1000", Rule::Min(0), Medium, Cluster,
        "";
    Int "consumer.heartbeat.interval.ms" = "5000", Rule::Min(1), Medium, Cluster,
        "";
    Int "consumer.session.timeout.ms" = "45000", Rule::Min(1), Medium, Cluster,
        "";
    Int "share.assignment.interval.ms" = "1000", Rule::Min(0), Medium, Cluster,
        "";
    Text "share.auto.offset.reset" = "latest", Rule::AutoOffsetReset, Medium, Cluster,
        "";
    Int "share.delivery.count.limit" = "5", Rule::Min(2), Medium, Cluster,
        "";
    Int "share.heartbeat.interval.ms" = "5000", Rule::Min(1), Medium, Cluster,
        "";
    Text "share.isolation.level" = "read_uncommitted",
        Rule::OneOf(&["read_committed", "read_uncommitted"]), Medium, Cluster,
        "";
    Int "share.partition.max.record.locks" = "2000", Rule::Min(100), Medium, Cluster,
        "";
    Int "share.record.lock.duration.ms" = "30000", Rule::Min(1_000), Medium, Cluster,
        "";
    Boolean "share.renew.acknowledge.enable" = "true", Rule::Any, Medium, Cluster,
        "";
    Int "share.session.timeout.ms" = "45000", Rule::Min(1), Medium, Cluster,
        "";
    Int "streams.assignment.interval.ms" = "1000", Rule::Min(0), Medium, Cluster,
        "";
    Int "streams.heartbeat.interval.ms" = "5000", Rule::Min(1), Medium, Cluster,
        "";
    Int "streams.initial.rebalance.delay.ms" = "3000", Rule::Min(0), Medium, Cluster,
        "";
    Int "streams.num.standby.replicas" = "0", Rule::Min(0), Medium, Cluster,
        "";
    Int "streams.session.timeout.ms" = "45000", Rule::Min(1), Medium, Cluster,
        "";
};
