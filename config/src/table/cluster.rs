//! The node, its cluster, and replication, of which a single node has none.

use crate::setting::{Rule, Setting, settings};

pub(super) static SETTINGS: &[Setting] = settings! {
    Boolean "auto.leader.rebalance.enable" = "true", Rule::Any, High, Restart,
        "";
    Int "broker.heartbeat.interval.ms" = "2000", Rule::Any, Medium, Restart,
        "";
    Int "broker.id" = "-1", Rule::Any, High, Restart,
        "";
    Text "broker.rack" = none, Rule::Any, Medium, Restart,
        "";
    Int "broker.session.timeout.ms" = "9000", Rule::Any, Medium, Restart,
        "";
    Boolean "controlled.shutdown.enable" = "true", Rule::Any, Medium, Restart,
        "";
    List "controller.listener.names" = "CONTROLLER", Rule::SomeMembers(&[]), High, Restart,
        "";
    Int "controller.quorum.append.linger.ms" = "25", Rule::Min(0), Medium, Restart,
        "";
    Boolean "controller.quorum.auto.join.enable" = "false", Rule::Any, Low, Restart,
        "";
    List "controller.quorum.bootstrap.servers" = "", Rule::Any, High, Restart,
        "";
    Int "controller.quorum.election.backoff.max.ms" = "1000", Rule::Min(0), High, Restart,
        "";
    Int "controller.quorum.election.timeout.ms" = "1000", Rule::Min(0), High, Restart,
        "";
    Int "controller.quorum.fetch.max.bytes" = "1048576", Rule::Min(1), Low, Restart,
        "";
    Int "controller.quorum.fetch.snapshot.max.bytes" = "1048576", Rule::Min(1), Low, Restart,
        "";
    Int "controller.quorum.fetch.timeout.ms" = "2000", Rule::Min(0), High, Restart,
        "";
    Int "controller.quorum.request.timeout.ms" = "2000", Rule::Min(0), Medium, Restart,
        "";
    Int "controller.quorum.retry.backoff.ms" = "20", Rule::Min(0), Low, Restart,
        "";
    List "controller.quorum.voters" = "", Rule::Any, High, Restart,
        "";
    Int "controller.socket.timeout.ms" = "30000", Rule::Any, Medium, Restart,
        "";
    Int "initial.broker.registration.timeout.ms" = "60000", Rule::Any, Medium, Restart,
        "";
    Text "inter.broker.listener.name" = none, Rule::Any, Medium, Restart,
        "";
    Long "leader.imbalance.check.interval.seconds" = "300", Rule::Min(1), High, Restart,
        "";
    Text "metadata.log.dir" = none, Rule::Any, High, Restart,
        "";
    Long "metadata.log.max.record.bytes.between.snapshots" = "20971520", Rule::Min(1), High, Restart,
        "";
    Long "metadata.log.max.snapshot.interval.ms" = "3600000", Rule::Min(0), High, Restart,
        "";
    Int "metadata.log.segment.bytes" = "1073741824", Rule::Min(8_388_608), High, Restart,
        "";
    Long "metadata.log.segment.ms" = "604800000", Rule::Any, High, Restart,
        "";
    Int "metadata.max.idle.interval.ms" = "500", Rule::Min(0), Low, Restart,
        "";
    Long "metadata.max.retention.bytes" = "104857600", Rule::Any, High, Restart,
        "";
    Long "metadata.max.retention.ms" = "604800000", Rule::Any, High, Restart,
        "";
    Int "node.id" = "1", Rule::Min(0), High, Restart,
        "";
    Int "num.replica.alter.log.dirs.threads" = none, Rule::Any, High, Restart,
        "";
    Int "num.replica.fetchers" = "1", Rule::Min(1), High, Cluster,
        "";
    List "process.roles" = "broker,controller", Rule::SomeMembers(&["broker", "controller"]), High, Restart,
        "";
    Int "replica.fetch.backoff.ms" = "1000", Rule::Min(0), Medium, Restart,
        "";
    Int "replica.fetch.max.bytes" = "1048576", Rule::Min(0), Medium, Restart,
        "";
    Int "replica.fetch.min.bytes" = "1", Rule::Any, High, Restart,
        "";
    Int "replica.fetch.response.max.bytes" = "10485760", Rule::Min(0), Medium, Restart,
        "";
    Int "replica.fetch.wait.max.ms" = "500", Rule::Any, High, Restart,
        "";
    Long "replica.high.watermark.checkpoint.interval.ms" = "5000", Rule::Any, High, Restart,
        "";
    Long "replica.lag.time.max.ms" = "30000", Rule::Any, High, Restart,
        "";
    Text "replica.selector.class" = none, Rule::Any, Medium, Restart,
        "";
    Int "replica.socket.receive.buffer.bytes" = "65536", Rule::Any, High, Restart,
        "";
    Int "replica.socket.timeout.ms" = "30000", Rule::Any, High, Restart,
        "";
};
