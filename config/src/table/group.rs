//! Settings of a group.

use crate::setting::{Rule, Setting, settings};

pub(super) static SETTINGS: &[Setting] = settings! {
    Int "consumer.assignment.interval.ms" = "1000", Rule::Min(0), Medium, Cluster,
        "The least time, in ms, between two assignments of a consumer group.";
    Int "consumer.heartbeat.interval.ms" = "5000", Rule::Min(1), Medium, Cluster,
        "How often, in ms, a member of a consumer group shows that it lives.";
    Int "consumer.session.timeout.ms" = "45000", Rule::Min(1), Medium, Cluster,
        "The time, in ms, without a heartbeat after which a member leaves its consumer group.";
    Int "share.assignment.interval.ms" = "1000", Rule::Min(0), Medium, Cluster,
        "The least time, in ms, between two assignments of a share group.";
    Text "share.auto.offset.reset" = "latest", Rule::AutoOffsetReset, Medium, Cluster,
        "Where a share group begins to read a partition: `latest`, `earliest`, or `by_duration:` and an ISO \
        8601 duration back from now.";
    Int "share.delivery.count.limit" = "5", Rule::Min(2), Medium, Cluster,
        "How often a record is delivered to a share group before it is given up.";
    Int "share.heartbeat.interval.ms" = "5000", Rule::Min(1), Medium, Cluster,
        "How often, in ms, a member of a share group shows that it lives.";
    Text "share.isolation.level" = "read_uncommitted",
        Rule::OneOf(&["read_committed", "read_uncommitted"]), Medium, Cluster,
        "Whether a share group sees the records of aborted and open transactions (`read_uncommitted`) or not \
        (`read_committed`).";
    Int "share.partition.max.record.locks" = "2000", Rule::Min(100), Medium, Cluster,
        "How many records of a partition a share group may hold at a time.";
    Int "share.record.lock.duration.ms" = "30000", Rule::Min(1_000), Medium, Cluster,
        "How long, in ms, a member of a share group may hold a record before another gets it.";
    Boolean "share.renew.acknowledge.enable" = "true", Rule::Any, Medium, Cluster,
        "Whether a member may renew its hold of a record.";
    Int "share.session.timeout.ms" = "45000", Rule::Min(1), Medium, Cluster,
        "The time, in ms, without a heartbeat after which a member leaves its share group.";
    Int "streams.assignment.interval.ms" = "1000", Rule::Min(0), Medium, Cluster,
        "The least time, in ms, between two assignments of a streams group.";
    Int "streams.heartbeat.interval.ms" = "5000", Rule::Min(1), Medium, Cluster,
        "How often, in ms, a member of a streams group shows that it lives.";
    Int "streams.initial.rebalance.delay.ms" = "3000", Rule::Min(0), Medium, Cluster,
        "How long, in ms, a new streams group waits for more members before its first assignment.";
    Int "streams.num.standby.replicas" = "0", Rule::Min(0), Medium, Cluster,
        "How many standby copies of each task a streams group keeps.";
    Int "streams.session.timeout.ms" = "45000", Rule::Min(1), Medium, Cluster,
        "The time, in ms, without a heartbeat after which a member leaves its streams group.";
};
