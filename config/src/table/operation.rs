//! Quotas, metrics, policies.

use crate::setting::{Rule, Setting, settings};

pub(super) static SETTINGS: &[Setting] = settings! {
    Class "alter.config.policy.class.name" = none, Rule::Any, Low, Restart,
        idle "A class that may refuse changes of settings.";
    Int "alter.log.dirs.replication.quota.window.num" = "11", Rule::Min(1), Low, Restart,
        idle "Samples kept for the quota on moves between data directories.";
    Int "alter.log.dirs.replication.quota.window.size.seconds" = "1", Rule::Min(1), Low, Restart,
        idle "The length of such a sample, in seconds.";
    Class "client.quota.callback.class" = none, Rule::Any, Low, Restart,
        idle "A class that decides quotas.";
    List "config.providers" = "", Rule::AnyMembers, Low, Cluster,
        idle "Classes that look up values elsewhere.";
    Int "controller.quota.window.num" = "11", Rule::Min(1), Low, Restart,
        idle "Samples kept for the quota on changes of topics.";
    Int "controller.quota.window.size.seconds" = "1", Rule::Min(1), Low, Restart,
        idle "The length of such a sample, in seconds.";
    Class "create.topic.policy.class.name" = none, Rule::Any, Low, Restart,
        idle "A class that may refuse new topics.";
    Int "delete.records.purgatory.purge.interval.requests" = "1", Rule::Any, Medium, Restart,
        idle "Finished deletions of records after which they are cleared away.";
    Int "fetch.purgatory.purge.interval.requests" = "1000", Rule::Any, Medium, Restart,
        idle "Finished fetches after which they are cleared away.";
    Int "kafka.metrics.polling.interval.secs" = "10", Rule::Min(1), Low, Restart,
        idle "How often old metrics reporters look, in seconds.";
    List "kafka.metrics.reporters" = "", Rule::AnyMembers, Low, Restart,
        idle "Classes of old metrics reporters.";
    List "metric.reporters" = "org.apache.kafka.common.metrics.JmxReporter", Rule::AnyMembers, Low, Cluster,
        idle "Classes that report metrics. This broker serves them over HTTP.";
    Int "metrics.num.samples" = "2", Rule::Min(1), Low, Restart,
        idle "Samples kept for a metric.";
    Text "metrics.recording.level" = "INFO", Rule::Any, Low, Restart,
        idle "Which metrics are recorded.";
    Long "metrics.sample.window.ms" = "30000", Rule::Min(1), Low, Restart,
        idle "The length of a metric's sample, in ms.";
    Int "producer.purgatory.purge.interval.requests" = "1000", Rule::Any, Medium, Restart,
        idle "Finished produce requests after which they are cleared away.";
    Int "quota.window.num" = "11", Rule::Min(1), Low, Restart,
        idle "Samples kept for the quotas of clients.";
    Int "quota.window.size.seconds" = "1", Rule::Min(1), Low, Restart,
        idle "The length of such a sample, in seconds.";
    Int "replication.quota.window.num" = "11", Rule::Min(1), Low, Restart,
        idle "Samples kept for the quota on replication.";
    Int "replication.quota.window.size.seconds" = "1", Rule::Min(1), Low, Restart,
        idle "The length of such a sample, in seconds.";
    Int "telemetry.max.bytes" = "1048576", Rule::Min(1), Low, Restart,
        idle "The size in bytes of the metrics that a client may send, at most.";
};
