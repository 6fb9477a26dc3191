//! Consumer and streams groups, and committed offsets.

use crate::setting::{Rule, Setting, settings};

pub(super) static SETTINGS: &[Setting] = settings! {
    Int "group.consumer.assignment.interval.ms" = "1000", Rule::Min(0), Medium, Cluster,
        "";
    List "group.consumer.assignors" = "uniform,range", Rule::SomeMembers(&[]), Medium, Restart,
        "";
    Int "group.consumer.heartbeat.interval.ms" = "5000", Rule::Min(1), Medium, Restart,
        "";
    Int "group.consumer.max.assignment.interval.ms" = "15000", Rule::Min(0), Medium, Restart,
        "";
    Int "group.consumer.max.heartbeat.interval.ms" = "15000", Rule::Min(1), Medium, Restart,
        "";
    Int "group.consumer.max.session.timeout.ms" = "60000", Rule::Min(1), Medium, Restart,
        "";
    Int "group.consumer.max.size" = "2147483647", Rule::Min(1), Medium, Restart,
        "";
    Text "group.consumer.migration.policy" = "bidirectional",
        Rule::OneOfIgnoringCase(&["DISABLED", "DOWNGRADE", "UPGRADE", "BIDIRECTIONAL"]), Medium, Restart,
        "";
    Int "group.consumer.min.assignment.interval.ms" = "0", Rule::Min(0), Medium, Restart,
        "";
    Int "group.consumer.min.heartbeat.interval.ms" = "5000", Rule::Min(1), Medium, Restart,
        "";
    Int "group.consumer.min.session.timeout.ms" = "45000", Rule::Min(1), Medium, Restart,
        "";
    Int "group.consumer.session.timeout.ms" = "45000", Rule::Min(1), Medium, Restart,
        "";
    Int "group.initial.rebalance.delay.ms" = "3000", Rule::Any, Medium, Restart,
        "";
    Int "group.max.session.timeout.ms" = "1800000", Rule::Any, Medium, Restart,
        "";
    Int "group.max.size" = "2147483647", Rule::Min(1), Medium, Restart,
        "";
    Int "group.min.session.timeout.ms" = "6000", Rule::Any, Medium, Restart,
        "";
    Int "group.streams.assignment.interval.ms" = "1000", Rule::Min(0), Medium, Cluster,
        "";
    Int "group.streams.heartbeat.interval.ms" = "5000", Rule::Min(1), Medium, Restart,
        "";
    Int "group.streams.initial.rebalance.delay.ms" = "3000", Rule::Min(0), Medium, Restart,
        "";
    Int "group.streams.max.assignment.interval.ms" = "15000", Rule::Min(0), Medium, Restart,
        "";
    Int "group.streams.max.heartbeat.interval.ms" = "15000", Rule::Min(1), Medium, Restart,
        "";
    Int "group.streams.max.session.timeout.ms" = "60000", Rule::Min(1), Medium, Restart,
        "";
    Int "group.streams.max.size" = "2147483647", Rule::Min(1), Medium, Restart,
        "";
    Int "group.streams.max.standby.replicas" = "2", Rule::Min(0), Medium, Restart,
        "";
    Int "group.streams.min.assignment.interval.ms" = "0", Rule::Min(0), Medium, Restart,
        "";
    Int "group.streams.min.heartbeat.interval.ms" = "5000", Rule::Min(1), Medium, Restart,
        "";
    Int "group.streams.min.session.timeout.ms" = "45000", Rule::Min(1), Medium, Restart,
        "";
    Int "group.streams.num.standby.replicas" = "0", Rule::Min(0), Medium, Restart,
        "";
    Int "group.streams.session.timeout.ms" = "45000", Rule::Min(1), Medium, Restart,
        "";
    Int "offset.metadata.max.bytes" = "4096", Rule::Any, High, Restart,
        "";
    Int "offsets.commit.timeout.ms" = "5000", Rule::Min(1), High, Restart,
        "";
    Int "offsets.load.buffer.size" = "5242880", Rule::Min(1), High, Restart,
        "";
    Long "offsets.retention.check.interval.ms" = "600000", Rule::Min(1), High, Restart,
        "";
    Int "offsets.retention.minutes" = "10080", Rule::Min(1), High, Restart,
        "";
    Int "offsets.topic.compression.codec" = "0", Rule::Any, High, Restart,
        "";
    Int "offsets.topic.num.partitions" = "50", Rule::Min(1), High, Restart,
        "";
    Short "offsets.topic.replication.factor" = "3", Rule::Min(1), High, Restart,
        "";
    Int "offsets.topic.segment.bytes" = "104857600", Rule::Min(1), High, Restart,
        "";
};
