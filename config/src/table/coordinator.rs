//! Share groups, and the coordinators' own upkeep.

use crate::setting::{Rule, Setting, settings};

pub(super) static SETTINGS: &[Setting] = settings! {
    Int "group.coordinator.append.linger.ms" = "-1", Rule::Min(-1), Medium, Restart,
        idle "How long the coordinator of groups gathers changes before it writes them, in ms; -1 lets it \
        decide.";
    Int "group.coordinator.background.threads" = "2", Rule::Min(1), High, Restart,
        idle "Threads for the coordinator's slower work.";
    Int "group.coordinator.cached.buffer.max.bytes" = "1048588", Rule::Min(524_288), Medium, Cluster,
        idle "The largest buffer that the coordinator of groups keeps for the next write, in bytes.";
    List "group.coordinator.rebalance.protocols" = "classic,consumer,streams",
        Rule::SomeMembers(&["consumer", "classic", "share", "streams"]), Medium, Restart,
        idle "Which kinds of groups are served. All are.";
    Int "group.coordinator.threads" = "4", Rule::Min(1), High, Restart,
        idle "Threads of the coordinator of groups.";
    Int "group.share.assignment.interval.ms" = "1000", Rule::Min(0), Medium, Cluster,
        "`share.assignment.interval.ms` of groups that do not set it.";
    List "group.share.assignors" = "simple", Rule::SomeMembers(&[]), Medium, Restart,
        "The ways to assign partitions that share groups may use, the first by default.";
    Int "group.share.delivery.count.limit" = "5", Rule::Between(2, 10), Medium, Restart,
        "`share.delivery.count.limit` of groups that do not set it.";
    Int "group.share.heartbeat.interval.ms" = "5000", Rule::Min(1), Medium, Restart,
        "`share.heartbeat.interval.ms` of groups that do not set it.";
    Int "group.share.max.assignment.interval.ms" = "15000", Rule::Min(0), Medium, Restart,
        "The most that a share group may set for its assignment interval, in ms.";
    Int "group.share.max.delivery.count.limit" = "10", Rule::Between(5, 25), Medium, Restart,
        "The most that a share group may set for its delivery count limit.";
    Int "group.share.max.heartbeat.interval.ms" = "15000", Rule::Min(1), Medium, Restart,
        "The most that a share group may set for its heartbeat interval, in ms.";
    Int "group.share.max.partition.max.record.locks" = "4000", Rule::Between(2_000, 10_000), Medium, Restart,
        "The most that a share group may set for the records it holds of a partition.";
    Int "group.share.max.record.lock.duration.ms" = "60000",
        Rule::Between(30_000, 3_600_000), Medium, Restart,
        "The most that a share group may set for how long a record is held, in ms.";
    Int "group.share.max.session.timeout.ms" = "60000", Rule::Min(1), Medium, Restart,
        "The most that a share group may set for its session timeout, in ms.";
    Int "group.share.max.share.sessions" = "2000", Rule::Min(1), Medium, Restart,
        "Share sessions kept at a time, at most.";
    Int "group.share.max.size" = "200", Rule::Between(1, 1_000), Medium, Restart,
        "Members of a share group, at most.";
    Int "group.share.min.assignment.interval.ms" = "0", Rule::Min(0), Medium, Restart,
        "The least that a share group may set for its assignment interval, in ms.";
    Int "group.share.min.delivery.count.limit" = "2", Rule::Between(2, 5), Medium, Restart,
        "The least that a share group may set for its delivery count limit.";
    Int "group.share.min.heartbeat.interval.ms" = "5000", Rule::Min(1), Medium, Restart,
        "The least that a share group may set for its heartbeat interval, in ms.";
    Int "group.share.min.partition.max.record.locks" = "100", Rule::Between(100, 2_000), Medium, Restart,
        "The least that a share group may set for the records it holds of a partition.";
    Int "group.share.min.record.lock.duration.ms" = "15000", Rule::Between(1_000, 30_000), Medium, Restart,
        "The least that a share group may set for how long a record is held, in ms.";
    Int "group.share.min.session.timeout.ms" = "45000", Rule::Min(1), Medium, Restart,
        "The least that a share group may set for its session timeout, in ms.";
    Int "group.share.partition.max.record.locks" = "2000", Rule::Between(100, 10_000), Medium, Restart,
        "`share.partition.max.record.locks` of groups that do not set it.";
    Int "group.share.record.lock.duration.ms" = "30000", Rule::Between(1_000, 3_600_000), Medium, Restart,
        "`share.record.lock.duration.ms` of groups that do not set it.";
    Int "group.share.session.timeout.ms" = "45000", Rule::Min(1), Medium, Restart,
        "`share.session.timeout.ms` of groups that do not set it.";
    Int "share.coordinator.append.linger.ms" = "-1", Rule::Min(-1), Medium, Restart,
        idle "How long the coordinator of share groups gathers changes before it writes them, in ms; -1 lets \
        it decide.";
    Int "share.coordinator.cached.buffer.max.bytes" = "1048588", Rule::Min(524_288), Medium, Cluster,
        idle "The largest buffer that the coordinator of share groups keeps for the next write, in bytes.";
    Int "share.coordinator.load.buffer.size" = "5242880", Rule::Min(1), High, Restart,
        idle "Bytes read at a time when the state of share groups is loaded.";
    Int "share.coordinator.snapshot.update.records.per.snapshot" = "500",
        Rule::Between(0, 500), Medium, Restart,
        idle "Updates of a share partition's state between two whole ones.";
    Int "share.coordinator.state.topic.compression.codec" = "0", Rule::Any, High, Restart,
        idle "The codec of the topic of share states; 0 is none.";
    Short "share.coordinator.state.topic.min.isr" = "2", Rule::Min(1), High, Restart,
        idle "Replicas of the topic of share states that must be in sync.";
    Int "share.coordinator.state.topic.num.partitions" = "50", Rule::Min(1), High, Restart,
        "Partitions of the topic of share states. Fixed when it is created.";
    Short "share.coordinator.state.topic.replication.factor" = "3", Rule::Min(1), High, Restart,
        idle "Replicas of the topic of share states.";
    Int "share.coordinator.state.topic.segment.bytes" = "104857600", Rule::Min(1), High, Restart,
        idle "The size of a segment of the topic of share states, in bytes.";
    Int "share.coordinator.threads" = "1", Rule::Min(1), Medium, Restart,
        idle "Threads of the coordinator of share groups.";
    Int "share.coordinator.write.timeout.ms" = "5000", Rule::Min(1), High, Restart,
        idle "How long a change of a share partition's state may take, in ms.";
    Int "share.fetch.purgatory.purge.interval.requests" = "1000", Rule::Any, Medium, Restart,
        idle "Finished share fetches after which they are cleared away.";
};
