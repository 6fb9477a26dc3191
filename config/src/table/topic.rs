//! Settings of a topic.

use crate::setting::{Rule, Setting, settings};

pub(super) static SETTINGS: &[Setting] = settings! {
    List "cleanup.policy" = "delete", Rule::Members(&["compact", "delete"]), Medium, Cluster,
        "";
    Int "compression.gzip.level" = "-1", Rule::GzipLevel, Medium, Cluster,
        "";
    Int "compression.lz4.level" = "9", Rule::Between(1, 17), Medium, Cluster,
        "";
    Text "compression.type" = "producer",
        Rule::OneOf(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]), Medium, Cluster,
        "";
    Int "compression.zstd.level" = "3", Rule::Between(-131_072, 22), Medium, Cluster,
        "";
    Long "delete.retention.ms" = "86400000", Rule::Min(0), Medium, Cluster,
        "";
    Long "file.delete.delay.ms" = "60000", Rule::Min(0), Medium, Cluster,
        "";
    Long "flush.messages" = "9223372036854775807", Rule::Min(1), Medium, Cluster,
        "";
    Long "flush.ms" = "9223372036854775807", Rule::Min(0), Medium, Cluster,
        "";
    List "follower.replication.throttled.replicas" = "", Rule::ThrottledReplicas, Medium, Cluster,
        "";
    Int "index.interval.bytes" = "4096", Rule::Min(0), Medium, Cluster,
        "";
    List "leader.replication.throttled.replicas" = "", Rule::ThrottledReplicas, Medium, Cluster,
        "";
    Long "local.retention.bytes" = "-2", Rule::Min(-2), Medium, Cluster,
        "";
    Long "local.retention.ms" = "-2", Rule::Min(-2), Medium, Cluster,
        "";
    Long "max.compaction.lag.ms" = "9223372036854775807", Rule::Min(1), Medium, Cluster,
        "";
    Int "max.message.bytes" = "1048588", Rule::Min(0), Medium, Cluster,
        "";
    Long "message.timestamp.after.max.ms" = "3600000", Rule::Min(0), Medium, Cluster,
        "";
    Long "message.timestamp.before.max.ms" = "9223372036854775807", Rule::Min(0), Medium, Cluster,
        "";
    Text "message.timestamp.type" = "CreateTime",
        Rule::OneOf(&["CreateTime", "LogAppendTime"]), Medium, Cluster,
        "";
    Double "min.cleanable.dirty.ratio" = "0.5", Rule::Ratio(0.0, 1.0), Medium, Cluster,
        "";
    Long "min.compaction.lag.ms" = "0", Rule::Min(0), Medium, Cluster,
        "";
    Int "min.insync.replicas" = "1", Rule::Min(1), Medium, Cluster,
        "";
    Boolean "preallocate" = "false", Rule::Any, Medium, Cluster,
        "";
    Boolean "remote.log.copy.disable" = "false", Rule::Any, Medium, Cluster,
        "";
    Boolean "remote.log.delete.on.disable" = "false", Rule::Any, Medium, Cluster,
        "";
    Boolean "remote.storage.enable" = "false", Rule::Any, Medium, Cluster,
        "";
    Long "retention.bytes" = "-1", Rule::Any, Medium, Cluster,
        "";
    Long "retention.ms" = "604800000", Rule::Min(-1), Medium, Cluster,
        "";
    Int "segment.bytes" = "1073741824", Rule::Min(1_048_576), Medium, Cluster,
        "";
    Int "segment.index.bytes" = "10485760", Rule::Min(4), Medium, Cluster,
        "";
    Long "segment.jitter.ms" = "0", Rule::Min(0), Medium, Cluster,
        "";
    Long "segment.ms" = "604800000", Rule::Min(1), Medium, Cluster,
        "";
    Boolean "unclean.leader.election.enable" = "false", Rule::Any, Medium, Cluster,
        "";
    Text "flush.mode" = "sync", Rule::OneOf(&["sync", "interval", "os"]), High, Cluster,
        own "When records become durable: `sync` before they are acknowledged or read, `interval` every \
        `flush.interval.ms`, `os` when the operating system writes them, as Apache Kafka does.";
    Long "flush.interval.ms" = "1000", Rule::Min(1), Medium, Cluster,
        own "The time between two syncs, in ms, where `flush.mode` is `interval`: what a power cut can cost.";
};
