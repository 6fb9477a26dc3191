//! Share groups, and the coordinators' own upkeep.

use crate::setting::{Rule, Setting, settings};

pub(super) static SETTINGS: &[Setting] = settings! {
    Int "group.coordinator.append.linger.ms" = "-1", Rule::Min(-1), Medium, Restart,
        "";
    Int "group.coordinator.background.threads" = "2", Rule::Min(1), High, Restart,
        "";
    Int "group.coordinator.cached.buffer.max.bytes" = "1048588", Rule::Min(524_288), Medium, Cluster,
        "";
    List "group.coordinator.rebalance.protocols" = "classic,consumer,streams",
        Rule::SomeMembers(&["consumer", "classic", "share", "streams"]), Medium, Restart,
        "";
    Int "group.coordinator.threads" = "4", Rule::Min(1), High, Restart,
        "";
    Int "group.share.assignment.interval.ms" = "1000", Rule::Min(0), Medium, Cluster,
        "";
    List "group.share.assignors" = "simple", Rule::SomeMembers(&[]), Medium, Restart,
        "";
    Int "group.share.delivery.count.limit" = "5", Rule::Between(2, 10), Medium, Restart,
        "";
    Int "group.share.heartbeat.interval.ms" = "5000", Rule::Min(1), Medium, Restart,
        "";
    Int "group.share.max.assignment.interval.ms" = "15000", Rule::Min(0), Medium, Restart,
        "";
    Int "group.share.max.delivery.count.limit" = "10", Rule::Between(5, 25), Medium, Restart,
        "";
    Int "group.share.max.heartbeat.interval.ms" = "15000", Rule::Min(1), Medium, Restart,
        "";
    Int "group.share.max.partition.max.record.locks" = "4000", Rule::Between(2_000, 10_000), Medium, Restart,
        "";
    Int "group.share.max.record.lock.duration.ms" = "60000",
        Rule::Between(30_000, 3_600_000), Medium, Restart,
        "";
    Int "group.share.max.session.timeout.ms" = "60000", Rule::Min(1), Medium, Restart,
        "";
    Int "group.share.max.share.sessions" = "2000", Rule::Min(1), Medium, Restart,
        "";
    Int "group.share.max.size" = "200", Rule::Between(1, 1_000), Medium, Restart,
        "";
    Int "group.share.min.assignment.interval.ms" = "0", Rule::Min(0), Medium, Restart,
        "";
    Int "group.share.min.delivery.count.limit" = "2", Rule::Between(2, 5), Medium, Restart,
        "";
    Int "group.share.min.heartbeat.interval.ms" = "5000", Rule::Min(1), Medium, Restart,
        "";
    Int "group.share.min.partition.max.record.locks" = "100", Rule::Between(100, 2_000), Medium, Restart,
        "";
    Int "group.share.min.record.lock.duration.ms" = "15000", Rule::Between(1_000, 30_000), Medium, Restart,
        "";
    Int "group.share.min.session.timeout.ms" = "45000", Rule::Min(1), Medium, Restart,
        "";
    Int "group.share.partition.max.record.locks" = "2000", Rule::Between(100, 10_000), Medium, Restart,
        "";
    Int "group.share.record.lock.duration.ms" = "30000", Rule::Between(1_000, 3_600_000), Medium, Restart,
        "";
    Int "group.share.session.timeout.ms" = "45000", Rule::Min(1), Medium, Restart,
        "";
    Int "share.coordinator.append.linger.ms" = "-1", Rule::Min(-1), Medium, Restart,
        "";
    Int "share.coordinator.cached.buffer.max.bytes" = "1048588", Rule::Min(524_288), Medium, Cluster,
        "";
    Int "share.coordinator.load.buffer.size" = "5242880", Rule::Min(1), High, Restart,
        "";
    Int "share.coordinator.snapshot.update.records.per.snapshot" = "500",
        Rule::Between(0, 500), Medium, Restart,
        "";
    Int "share.coordinator.state.topic.compression.codec" = "0", Rule::Any, High, Restart,
        "";
    Short "share.coordinator.state.topic.min.isr" = "2", Rule::Min(1), High, Restart,
        "";
    Int "share.coordinator.state.topic.num.partitions" = "50", Rule::Min(1), High, Restart,
        "";
    Short "share.coordinator.state.topic.replication.factor" = "3", Rule::Min(1), High, Restart,
        "";
    Int "share.coordinator.state.topic.segment.bytes" = "104857600", Rule::Min(1), High, Restart,
        "";
    Int "share.coordinator.threads" = "1", Rule::Min(1), Medium, Restart,
        "";
    Int "share.coordinator.write.timeout.ms" = "5000", Rule::Min(1), High, Restart,
        "";
    Int "share.fetch.purgatory.purge.interval.requests" = "1000", Rule::Any, Medium, Restart,
        "";
};
