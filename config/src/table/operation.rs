//! Quotas, metrics, policies.

use crate::setting::{Rule, Setting, settings};

pub(super) static SETTINGS: &[Setting] = settings! {
    Class "alter.config.policy.class.name" = none, Rule::Any, Low, Restart,
        "";
    Int "alter.log.dirs.replication.quota.window.num" = "11", Rule::Min(1), Low, Restart,
        "";
    Int "alter.log.dirs.replication.quota.window.size.seconds" = "1", Rule::Min(1), Low, Restart,
        "";
    Class "client.quota.callback.class" = none, Rule::Any, Low, Restart,
        "";
    List "config.providers" = "", Rule::AnyMembers, Low, Cluster,
        "";
    Int "controller.quota.window.num" = "11", Rule::Min(1), Low, Restart,
        "";
    Int "controller.quota.window.size.seconds" = "1", Rule::Min(1), Low, Restart,
        "";
    Class "create.topic.policy.class.name" = none, Rule::Any, Low, Restart,
        "";
    Int "delete.records.purgatory.purge.interval.requests" = "1", Rule::Any, Medium, Restart,
        "";
    Int "fetch.purgatory.purge.interval.requests" = "1000", Rule::Any, Medium, Restart,
        "";
    Int "kafka.metrics.polling.interval.secs" = "10", Rule::Min(1), Low, Restart,
        "";
    List "kafka.metrics.reporters" = "", Rule::AnyMembers, Low, Restart,
        "";
    List "metric.reporters" = "org.apache.kafka.common.metrics.JmxReporter", Rule::AnyMembers, Low, Cluster,
        "";
    Int "metrics.num.samples" = "2", Rule::Min(1), Low, Restart,
        "";
    Text "metrics.recording.level" = "INFO", Rule::Any, Low, Restart,
        "";
    Long "metrics.sample.window.ms" = "30000", Rule::Min(1), Low, Restart,
        "";
    Int "producer.purgatory.purge.interval.requests" = "1000", Rule::Any, Medium, Restart,
        "";
    Int "quota.window.num" = "11", Rule::Min(1), Low, Restart,
        "";
    Int "quota.window.size.seconds" = "1", Rule::Min(1), Low, Restart,
        "";
    Int "replication.quota.window.num" = "11", Rule::Min(1), Low, Restart,
        "";
    Int "replication.quota.window.size.seconds" = "1", Rule::Min(1), Low, Restart,
        "";
    Int "telemetry.max.bytes" = "1048576", Rule::Min(1), Low, Restart,
        "";
};
