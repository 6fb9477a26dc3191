//! Tiered storage (KIP-405), which this broker does not have.

use crate::setting::{Rule, Setting, settings};

pub(super) static SETTINGS: &[Setting] = settings! {
    Boolean "follower.fetch.last.tiered.offset.enable" = "false", Rule::Any, Medium, Cluster,
        idle "Whether a new replica begins where remote storage ends.";
    Long "log.local.retention.bytes" = "-2", Rule::Min(-2), Medium, Cluster,
        idle "`local.retention.bytes` of topics that do not set it.";
    Long "log.local.retention.ms" = "-2", Rule::Min(-2), Medium, Cluster,
        idle "`local.retention.ms` of topics that do not set it.";
    Int "remote.fetch.max.wait.ms" = "500", Rule::Min(1), Medium, Cluster,
        idle "How long a fetch waits for remote storage, in ms.";
    Long "remote.list.offsets.request.timeout.ms" = "30000", Rule::Min(1), Medium, Cluster,
        idle "How long a look-up of offsets waits for remote storage, in ms.";
    Long "remote.log.index.file.cache.total.size.bytes" = "1073741824", Rule::Min(1), Low, Cluster,
        idle "Disk space for indexes fetched from remote storage, in bytes.";
    Int "remote.log.manager.copier.thread.pool.size" = "10", Rule::Min(1), Medium, Cluster,
        idle "Threads that copy segments to remote storage.";
    Long "remote.log.manager.copy.max.bytes.per.second" = "9223372036854775807",
        Rule::Min(1), Medium, Cluster,
        idle "Bytes copied to remote storage a second, at most.";
    Int "remote.log.manager.copy.quota.window.num" = "11", Rule::Min(1), Medium, Restart,
        idle "Samples kept for the quota on copies to remote storage.";
    Int "remote.log.manager.copy.quota.window.size.seconds" = "1", Rule::Min(1), Medium, Restart,
        idle "The length of such a sample, in seconds.";
    Int "remote.log.manager.expiration.thread.pool.size" = "10", Rule::Min(1), Medium, Cluster,
        idle "Threads that drop segments from remote storage.";
    Long "remote.log.manager.fetch.max.bytes.per.second" = "9223372036854775807",
        Rule::Min(1), Medium, Cluster,
        idle "Bytes fetched from remote storage a second, at most.";
    Int "remote.log.manager.fetch.quota.window.num" = "11", Rule::Min(1), Medium, Restart,
        idle "Samples kept for the quota on fetches from remote storage.";
    Int "remote.log.manager.fetch.quota.window.size.seconds" = "1", Rule::Min(1), Medium, Restart,
        idle "The length of such a sample, in seconds.";
    Int "remote.log.manager.follower.thread.pool.size" = "2", Rule::Min(1), Medium, Cluster,
        idle "Threads that read the metadata of remote storage.";
    Long "remote.log.manager.task.interval.ms" = "30000", Rule::Min(1), Low, Restart,
        idle "How often segments are looked through for ones to copy, in ms.";
    Int "remote.log.manager.thread.pool.size" = "2", Rule::Min(1), Medium, Restart,
        idle "Threads of remote storage.";
    Int "remote.log.metadata.custom.metadata.max.bytes" = "128", Rule::Min(0), Low, Restart,
        idle "The size in bytes of a storage's own notes on a segment, at most.";
    Text "remote.log.metadata.manager.class.name" = "org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager",
        Rule::NotEmpty, Medium, Restart,
        idle "The class that keeps the metadata of remote storage.";
    Text "remote.log.metadata.manager.class.path" = none, Rule::Any, Medium, Restart,
        idle "Where that class is found.";
    Text "remote.log.metadata.manager.impl.prefix" = "rlmm.config.", Rule::NotEmpty, Medium, Restart,
        idle "What the settings of that class begin with.";
    Text "remote.log.metadata.manager.listener.name" = none, Rule::NotEmpty, Medium, Restart,
        idle "The listener that that class uses.";
    Int "remote.log.reader.max.pending.tasks" = "100", Rule::Min(1), Medium, Restart,
        idle "Reads from remote storage that may wait.";
    Int "remote.log.reader.threads" = "10", Rule::Min(1), Medium, Cluster,
        idle "Threads that read from remote storage.";
    Text "remote.log.storage.manager.class.name" = none, Rule::NotEmpty, Medium, Restart,
        idle "The class of remote storage.";
    Text "remote.log.storage.manager.class.path" = none, Rule::Any, Medium, Restart,
        idle "Where that class is found.";
    Text "remote.log.storage.manager.impl.prefix" = "rsm.config.", Rule::NotEmpty, Medium, Restart,
        idle "What the settings of that class begin with.";
    Boolean "remote.log.storage.system.enable" = "false", Rule::Any, Medium, Restart,
        idle "Whether there is remote storage.";
};
