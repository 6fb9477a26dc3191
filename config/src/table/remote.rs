//! Tiered storage (KIP-405), which this broker does not have.

use crate::setting::{Rule, Setting, settings};

pub(super) static SETTINGS: &[Setting] = settings! {
    Boolean "follower.fetch.last.tiered.offset.enable" = "false", Rule::Any, Medium, Cluster,
        "";
    Long "log.local.retention.bytes" = "-2", Rule::Min(-2), Medium, Cluster,
        "";
    Long "log.local.retention.ms" = "-2", Rule::Min(-2), Medium, Cluster,
        "";
    Int "remote.fetch.max.wait.ms" = "500", Rule::Min(1), Medium, Cluster,
        "";
    Long "remote.list.offsets.request.timeout.ms" = "30000", Rule::Min(1), Medium, Cluster,
        "";
    Long "remote.log.index.file.cache.total.size.bytes" = "1073741824", Rule::Min(1), Low, Cluster,
        "";
    Int "remote.log.manager.copier.thread.pool.size" = "10", Rule::Min(1), Medium, Cluster,
        "";
    Long "remote.log.manager.copy.max.bytes.per.second" = "9223372036854775807",
        Rule::Min(1), Medium, Cluster,
        "";
    Int "remote.log.manager.copy.quota.window.num" = "11", Rule::Min(1), Medium, Restart,
        "";
    Int "remote.log.manager.copy.quota.window.size.seconds" = "1", Rule::Min(1), Medium, Restart,
        "";
    Int "remote.log.manager.expiration.thread.pool.size" = "10", Rule::Min(1), Medium, Cluster,
        "";
    Long "remote.log.manager.fetch.max.bytes.per.second" = "9223372036854775807",
        Rule::Min(1), Medium, Cluster,
        "";
    Int "remote.log.manager.fetch.quota.window.num" = "11", Rule::Min(1), Medium, Restart,
        "";
    Int "remote.log.manager.fetch.quota.window.size.seconds" = "1", Rule::Min(1), Medium, Restart,
        "";
    Int "remote.log.manager.follower.thread.pool.size" = "2", Rule::Min(1), Medium, Cluster,
        "";
    Long "remote.log.manager.task.interval.ms" = "30000", Rule::Min(1), Low, Restart,
        "";
    Int "remote.log.manager.thread.pool.size" = "2", Rule::Min(1), Medium, Restart,
        "";
    Int "remote.log.metadata.custom.metadata.max.bytes" = "128", Rule::Min(0), Low, Restart,
        "";
    Text "remote.log.metadata.manager.class.name" = "org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager",
        Rule::NotEmpty, Medium, Restart,
        "";
    Text "remote.log.metadata.manager.class.path" = none, Rule::Any, Medium, Restart,
        "";
    Text "remote.log.metadata.manager.impl.prefix" = "rlmm.config.", Rule::NotEmpty, Medium, Restart,
        "";
    Text "remote.log.metadata.manager.listener.name" = none, Rule::NotEmpty, Medium, Restart,
        "";
    Int "remote.log.reader.max.pending.tasks" = "100", Rule::Min(1), Medium, Restart,
        "";
    Int "remote.log.reader.threads" = "10", Rule::Min(1), Medium, Cluster,
        "";
    Text "remote.log.storage.manager.class.name" = none, Rule::NotEmpty, Medium, Restart,
        "";
    Text "remote.log.storage.manager.class.path" = none, Rule::Any, Medium, Restart,
        "";
    Text "remote.log.storage.manager.impl.prefix" = "rsm.config.", Rule::NotEmpty, Medium, Restart,
        "";
    Boolean "remote.log.storage.system.enable" = "false", Rule::Any, Medium, Restart,
        "";
};
