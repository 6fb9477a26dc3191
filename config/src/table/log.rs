//! Topics and the log: what holds where a topic says nothing.

use crate::setting::{Rule, Setting, settings};

pub(super) static SETTINGS: &[Setting] = settings! {
    Boolean "auto.create.topics.enable" = "true", Rule::Any, High, Restart,
        "";
    Int "background.threads" = "10", Rule::Min(1), High, Cluster,
        "";
    Int "compression.gzip.level" = "-1", Rule::GzipLevel, Medium, Cluster,
        "";
    Int "compression.lz4.level" = "9", Rule::Between(1, 17), Medium, Cluster,
        "";
    Text "compression.type" = "producer",
        Rule::OneOf(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]), High, Cluster,
        "";
    Int "compression.zstd.level" = "3", Rule::Between(-131_072, 22), Medium, Cluster,
        "";
    List "cordoned.log.dirs" = "", Rule::AnyMembers, Medium, Broker,
        "";
    Int "default.replication.factor" = "1", Rule::Any, Medium, Restart,
        "";
    Boolean "delete.topic.enable" = "true", Rule::Any, High, Restart,
        "";
    Long "log.cleaner.backoff.ms" = "15000", Rule::Min(0), Medium, Cluster,
        "";
    Long "log.cleaner.dedupe.buffer.size" = "134217728", Rule::Any, Medium, Cluster,
        "";
    Long "log.cleaner.delete.retention.ms" = "86400000", Rule::Min(0), Medium, Cluster,
        "";
    Boolean "log.cleaner.enable" = "true", Rule::Any, Medium, Restart,
        "";
    Double "log.cleaner.io.buffer.load.factor" = "0.9", Rule::Any, Medium, Cluster,
        "";
    Int "log.cleaner.io.buffer.size" = "524288", Rule::Min(0), Medium, Cluster,
        "";
    Double "log.cleaner.io.max.bytes.per.second" = "1.7976931348623157E308", Rule::Any, Medium, Cluster,
        "";
    Long "log.cleaner.max.compaction.lag.ms" = "9223372036854775807", Rule::Min(1), Medium, Cluster,
        "";
    Double "log.cleaner.min.cleanable.ratio" = "0.5", Rule::Ratio(0.0, 1.0), Medium, Cluster,
        "";
    Long "log.cleaner.min.compaction.lag.ms" = "0", Rule::Min(0), Medium, Cluster,
        "";
    Int "log.cleaner.threads" = "1", Rule::Min(0), Medium, Cluster,
        "";
    List "log.cleanup.policy" = "delete", Rule::Members(&["compact", "delete"]), Medium, Cluster,
        "";
    List "log.dir" = "thalweg-data", Rule::SomeMembers(&[]), High, Restart,
        "";
    Long "log.dir.failure.timeout.ms" = "30000", Rule::Min(1), Low, Restart,
        "";
    List "log.dirs" = none, Rule::SomeMembers(&[]), High, Restart,
        "";
    Long "log.flush.interval.messages" = "9223372036854775807", Rule::Min(1), High, Cluster,
        "";
    Long "log.flush.interval.ms" = none, Rule::Any, High, Cluster,
        "";
    Int "log.flush.offset.checkpoint.interval.ms" = "60000", Rule::Min(0), High, Restart,
        "";
    Long "log.flush.scheduler.interval.ms" = "9223372036854775807", Rule::Any, High, Restart,
        "";
    Int "log.flush.start.offset.checkpoint.interval.ms" = "60000", Rule::Min(0), High, Restart,
        "";
    Int "log.index.interval.bytes" = "4096", Rule::Min(0), Medium, Cluster,
        "";
    Int "log.index.size.max.bytes" = "10485760", Rule::Min(4), Medium, Cluster,
        "";
    Long "log.message.timestamp.after.max.ms" = "3600000", Rule::Min(0), Medium, Cluster,
        "";
    Long "log.message.timestamp.before.max.ms" = "9223372036854775807", Rule::Min(0), Medium, Cluster,
        "";
    Text "log.message.timestamp.type" = "CreateTime",
        Rule::OneOf(&["CreateTime", "LogAppendTime"]), Medium, Cluster,
        "";
    Boolean "log.preallocate" = "false", Rule::Any, Medium, Cluster,
        "";
    Long "log.retention.bytes" = "-1", Rule::Any, High, Cluster,
        "";
    Long "log.retention.check.interval.ms" = "300000", Rule::Min(1), Medium, Restart,
        "";
    Int "log.retention.hours" = "168", Rule::Any, High, Restart,
        "";
    Int "log.retention.minutes" = none, Rule::Any, High, Restart,
        "";
    Long "log.retention.ms" = none, Rule::Any, High, Cluster,
        "";
    Int "log.roll.hours" = "168", Rule::Min(1), High, Restart,
        "";
    Int "log.roll.jitter.hours" = "0", Rule::Min(0), High, Restart,
        "";
    Long "log.roll.jitter.ms" = none, Rule::Any, High, Cluster,
        "";
    Long "log.roll.ms" = none, Rule::Any, High, Cluster,
        "";
    Int "log.segment.bytes" = "1073741824", Rule::Min(1_048_576), High, Cluster,
        "";
    Long "log.segment.delete.delay.ms" = "60000", Rule::Min(0), High, Cluster,
        "";
    Int "message.max.bytes" = "1048588", Rule::Min(0), High, Cluster,
        "";
    Int "min.insync.replicas" = "1", Rule::Min(1), High, Cluster,
        "";
    Int "num.partitions" = "1", Rule::Min(1), Medium, Restart,
        "";
    Int "num.recovery.threads.per.data.dir" = "2", Rule::Min(1), High, Cluster,
        "";
    Boolean "unclean.leader.election.enable" = "false", Rule::Any, High, Cluster,
        "";
};
