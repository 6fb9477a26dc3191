//! Consumer and streams groups, and committed offsets.

use crate::setting::{Rule, Setting, settings};

pub(super) static SETTINGS: &[Setting] = settings! {
    Int "group.consumer.assignment.interval.ms" = "1000", Rule::Min(0), Medium, Cluster,
        "`consumer.assignment.interval.ms` of groups that do not set it.";
    List "group.consumer.assignors" = "uniform,range", Rule::SomeMembers(&[]), Medium, Restart,
        "The ways to assign partitions that consumer groups may use, the first by default.";
    Int "group.consumer.heartbeat.interval.ms" = "5000", Rule::Min(1), Medium, Restart,
        "`consumer.heartbeat.interval.ms` of groups that do not set it.";
    Int "group.consumer.max.assignment.interval.ms" = "15000", Rule::Min(0), Medium, Restart,
        "The most that a consumer group may set for its assignment interval, in ms.";
    Int "group.consumer.max.heartbeat.interval.ms" = "15000", Rule::Min(1), Medium, Restart,
        "The most that a consumer group may set for its heartbeat interval, in ms.";
    Int "group.consumer.max.session.timeout.ms" = "60000", Rule::Min(1), Medium, Restart,
        "The most that a consumer group may set for its session timeout, in ms.";
    Int "group.consumer.max.size" = "2147483647", Rule::Min(1), Medium, Restart,
        "Members of a consumer group, at most.";
    Text "group.consumer.migration.policy" = "bidirectional",
        Rule::OneOfIgnoringCase(&["DISABLED", "DOWNGRADE", "UPGRADE", "BIDIRECTIONAL"]), Medium, Restart,
        "Which groups may change protocol while they run: from classic (`upgrade`), to classic (`downgrade`), \
        `bidirectional` or `disabled`.";
    Int "group.consumer.min.assignment.interval.ms" = "0", Rule::Min(0), Medium, Restart,
        "The least that a consumer group may set for its assignment interval, in ms.";
    Int "group.consumer.min.heartbeat.interval.ms" = "5000", Rule::Min(1), Medium, Restart,
        "The least that a consumer group may set for its heartbeat interval, in ms.";
    Int "group.consumer.min.session.timeout.ms" = "45000", Rule::Min(1), Medium, Restart,
        "The least that a consumer group may set for its session timeout, in ms.";
    Int "group.consumer.session.timeout.ms" = "45000", Rule::Min(1), Medium, Restart,
        "`consumer.session.timeout.ms` of groups that do not set it.";
    Int "group.initial.rebalance.delay.ms" = "3000", Rule::Any, Medium, Restart,
        "How long, in ms, an empty classic group waits for more members after the first has joined.";
    Int "group.max.session.timeout.ms" = "1800000", Rule::Any, Medium, Restart,
        "The longest session timeout that a member of a classic group may ask for, in ms.";
    Int "group.max.size" = "2147483647", Rule::Min(1), Medium, Restart,
        "Members of a classic group, at most.";
    Int "group.min.session.timeout.ms" = "6000", Rule::Any, Medium, Restart,
        "The shortest session timeout that a member of a classic group may ask for, in ms.";
    Int "group.streams.assignment.interval.ms" = "1000", Rule::Min(0), Medium, Cluster,
        "`streams.assignment.interval.ms` of groups that do not set it.";
    Int "group.streams.heartbeat.interval.ms" = "5000", Rule::Min(1), Medium, Restart,
        "`streams.heartbeat.interval.ms` of groups that do not set it.";
    Int "group.streams.initial.rebalance.delay.ms" = "3000", Rule::Min(0), Medium, Restart,
        "`streams.initial.rebalance.delay.ms` of groups that do not set it.";
    Int "group.streams.max.assignment.interval.ms" = "15000", Rule::Min(0), Medium, Restart,
        "The most that a streams group may set for its assignment interval, in ms.";
    Int "group.streams.max.heartbeat.interval.ms" = "15000", Rule::Min(1), Medium, Restart,
        "The most that a streams group may set for its heartbeat interval, in ms.";
    Int "group.streams.max.session.timeout.ms" = "60000", Rule::Min(1), Medium, Restart,
        "The most that a streams group may set for its session timeout, in ms.";
    Int "group.streams.max.size" = "2147483647", Rule::Min(1), Medium, Restart,
        "Members of a streams group, at most.";
    Int "group.streams.max.standby.replicas" = "2", Rule::Min(0), Medium, Restart,
        "The most standby copies that a streams group may ask for.";
    Int "group.streams.min.assignment.interval.ms" = "0", Rule::Min(0), Medium, Restart,
        "The least that a streams group may set for its assignment interval, in ms.";
    Int "group.streams.min.heartbeat.interval.ms" = "5000", Rule::Min(1), Medium, Restart,
        "The least that a streams group may set for its heartbeat interval, in ms.";
    Int "group.streams.min.session.timeout.ms" = "45000", Rule::Min(1), Medium, Restart,
        "The least that a streams group may set for its session timeout, in ms.";
    Int "group.streams.num.standby.replicas" = "0", Rule::Min(0), Medium, Restart,
        "`streams.num.standby.replicas` of groups that do not set it.";
    Int "group.streams.session.timeout.ms" = "45000", Rule::Min(1), Medium, Restart,
        "`streams.session.timeout.ms` of groups that do not set it.";
    Int "offset.metadata.max.bytes" = "4096", Rule::Any, High, Restart,
        "The size in bytes of the note that a client may leave with a committed offset, at most.";
    Int "offsets.commit.timeout.ms" = "5000", Rule::Min(1), High, Restart,
        "How long, in ms, a commit of offsets may take before its client hears that it timed out.";
    Int "offsets.load.buffer.size" = "5242880", Rule::Min(1), High, Restart,
        idle "Bytes read at a time when committed offsets are loaded.";
    Long "offsets.retention.check.interval.ms" = "600000", Rule::Min(1), High, Restart,
        "How often, in ms, committed offsets are looked through for forgotten ones.";
    Int "offsets.retention.minutes" = "10080", Rule::Min(1), High, Restart,
        "How long, in minutes, the offsets of a group without members are kept.";
    Int "offsets.topic.compression.codec" = "0", Rule::Between(0, 4), High, Restart,
        "The codec of the topic of committed offsets: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.";
    Int "offsets.topic.num.partitions" = "50", Rule::Min(1), High, Restart,
        "Partitions of the topic of committed offsets. Fixed when it is created.";
    Short "offsets.topic.replication.factor" = "3", Rule::Min(1), High, Restart,
        idle "Replicas of the topic of committed offsets.";
    Int "offsets.topic.segment.bytes" = "104857600", Rule::Min(1), High, Restart,
        "The size of a segment of the topic of committed offsets, in bytes.";
};
