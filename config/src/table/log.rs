//! Topics and the log: what holds where a topic says nothing.

use crate::setting::{Rule, Setting, settings};

pub(super) static SETTINGS: &[Setting] = settings! {
    Boolean "auto.create.topics.enable" = "true", Rule::Any, High, Restart,
        "Whether a client that asks for a topic that does not exist gets it created, if it says it may.";
    Int "background.threads" = "10", Rule::Min(1), High, Cluster,
        idle "Threads for upkeep.";
    Int "compression.gzip.level" = "-1", Rule::GzipLevel, Medium, Cluster,
        "`compression.gzip.level` of topics that do not set it.";
    Int "compression.lz4.level" = "9", Rule::Between(1, 17), Medium, Cluster,
        "`compression.lz4.level` of topics that do not set it.";
    Text "compression.type" = "producer",
        Rule::OneOf(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]), High, Cluster,
        "`compression.type` of topics that do not set it.";
    Int "compression.zstd.level" = "3", Rule::Between(-131_072, 22), Medium, Cluster,
        "`compression.zstd.level` of topics that do not set it.";
    List "cordoned.log.dirs" = "", Rule::AnyMembers, Medium, Broker,
        idle "Data directories that take no new partitions.";
    Int "default.replication.factor" = "1", Rule::Any, Medium, Restart,
        idle "Replicas of a topic that names no number. One node keeps one.";
    Boolean "delete.topic.enable" = "true", Rule::Any, High, Restart,
        "Whether topics may be deleted.";
    Long "log.cleaner.backoff.ms" = "15000", Rule::Min(0), Medium, Cluster,
        "How long the compactor rests, in ms, when nothing needs compaction.";
    Long "log.cleaner.dedupe.buffer.size" = "134217728", Rule::Any, Medium, Cluster,
        "Memory in bytes for the keys seen during compaction, shared by its threads.";
    Long "log.cleaner.delete.retention.ms" = "86400000", Rule::Min(0), Medium, Cluster,
        "`delete.retention.ms` of topics that do not set it.";
    Boolean "log.cleaner.enable" = "true", Rule::Any, Medium, Restart,
        "Whether compacted topics are compacted at all.";
    Double "log.cleaner.io.buffer.load.factor" = "0.9", Rule::Any, Medium, Cluster,
        idle "How full the table of keys may get during compaction, 0 to 1.";
    Int "log.cleaner.io.buffer.size" = "524288", Rule::Min(0), Medium, Cluster,
        idle "Memory in bytes for reading and writing during compaction.";
    Double "log.cleaner.io.max.bytes.per.second" = "1.7976931348623157E308", Rule::Any, Medium, Cluster,
        "Bytes that compaction reads and writes a second, at most.";
    Long "log.cleaner.max.compaction.lag.ms" = "9223372036854775807", Rule::Min(1), Medium, Cluster,
        "`max.compaction.lag.ms` of topics that do not set it.";
    Double "log.cleaner.min.cleanable.ratio" = "0.5", Rule::Ratio(0.0, 1.0), Medium, Cluster,
        "`min.cleanable.dirty.ratio` of topics that do not set it.";
    Long "log.cleaner.min.compaction.lag.ms" = "0", Rule::Min(0), Medium, Cluster,
        "`min.compaction.lag.ms` of topics that do not set it.";
    Int "log.cleaner.threads" = "1", Rule::Min(0), Medium, Cluster,
        "Threads that compact.";
    List "log.cleanup.policy" = "delete", Rule::Members(&["compact", "delete"]), Medium, Cluster,
        "`cleanup.policy` of topics that do not set it.";
    List "log.dir" = "thalweg-data", Rule::SomeMembers(&[]), High, Restart,
        "The data directory, where `log.dirs` is not given.";
    Long "log.dir.failure.timeout.ms" = "30000", Rule::Min(1), Low, Restart,
        idle "How long a broker may fail to report a broken data directory, in ms.";
    List "log.dirs" = none, Rule::SomeMembers(&[]), High, Restart,
        "The data directory. Kafka takes several; this broker takes one.";
    Long "log.flush.interval.messages" = "9223372036854775807", Rule::Min(1), High, Cluster,
        "`flush.messages` of topics that do not set it.";
    Long "log.flush.interval.ms" = none, Rule::Any, High, Cluster,
        "`flush.ms` of topics that do not set it.";
    Int "log.flush.offset.checkpoint.interval.ms" = "60000", Rule::Min(0), High, Restart,
        "How often, in ms, the points from which a recovery begins are written down.";
    Long "log.flush.scheduler.interval.ms" = "9223372036854775807", Rule::Any, High, Restart,
        "How often, in ms, logs are looked through for one that `flush.ms` wants synced; also `flush.ms` where \
        nothing else is given.";
    Int "log.flush.start.offset.checkpoint.interval.ms" = "60000", Rule::Min(0), High, Restart,
        "How often, in ms, the first offsets of the logs are written down.";
    Int "log.index.interval.bytes" = "4096", Rule::Min(0), Medium, Cluster,
        "`index.interval.bytes` of topics that do not set it.";
    Int "log.index.size.max.bytes" = "10485760", Rule::Min(4), Medium, Cluster,
        "`segment.index.bytes` of topics that do not set it.";
    Long "log.message.timestamp.after.max.ms" = "3600000", Rule::Min(0), Medium, Cluster,
        "`message.timestamp.after.max.ms` of topics that do not set it.";
    Long "log.message.timestamp.before.max.ms" = "9223372036854775807", Rule::Min(0), Medium, Cluster,
        "`message.timestamp.before.max.ms` of topics that do not set it.";
    Text "log.message.timestamp.type" = "CreateTime",
        Rule::OneOf(&["CreateTime", "LogAppendTime"]), Medium, Cluster,
        "`message.timestamp.type` of topics that do not set it.";
    Boolean "log.preallocate" = "false", Rule::Any, Medium, Cluster,
        "`preallocate` of topics that do not set it.";
    Long "log.retention.bytes" = "-1", Rule::Any, High, Cluster,
        "`retention.bytes` of topics that do not set it.";
    Long "log.retention.check.interval.ms" = "300000", Rule::Min(1), Medium, Restart,
        "How often, in ms, logs are looked through for segments to drop.";
    Int "log.retention.hours" = "168", Rule::Any, High, Restart,
        "`retention.ms` of topics that do not set it, in hours, where neither minutes nor ms are given.";
    Int "log.retention.minutes" = none, Rule::Any, High, Restart,
        "`retention.ms` of topics that do not set it, in minutes, where ms are not given.";
    Long "log.retention.ms" = none, Rule::Any, High, Cluster,
        "`retention.ms` of topics that do not set it.";
    Int "log.roll.hours" = "168", Rule::Min(1), High, Restart,
        "`segment.ms` of topics that do not set it, in hours, where ms are not given.";
    Int "log.roll.jitter.hours" = "0", Rule::Min(0), High, Restart,
        "`segment.jitter.ms` of topics that do not set it, in hours, where ms are not given.";
    Long "log.roll.jitter.ms" = none, Rule::Any, High, Cluster,
        "`segment.jitter.ms` of topics that do not set it.";
    Long "log.roll.ms" = none, Rule::Any, High, Cluster,
        "`segment.ms` of topics that do not set it.";
    Int "log.segment.bytes" = "1073741824", Rule::Min(1_048_576), High, Cluster,
        "`segment.bytes` of topics that do not set it.";
    Long "log.segment.delete.delay.ms" = "60000", Rule::Min(0), High, Cluster,
        "`file.delete.delay.ms` of topics that do not set it.";
    Int "message.max.bytes" = "1048588", Rule::Min(0), High, Cluster,
        "`max.message.bytes` of topics that do not set it.";
    Int "min.insync.replicas" = "1", Rule::Min(1), High, Cluster,
        idle "`min.insync.replicas` of topics that do not set it.";
    Int "num.partitions" = "1", Rule::Min(1), Medium, Restart,
        "Partitions of a topic that names no number.";
    Int "num.recovery.threads.per.data.dir" = "2", Rule::Min(1), High, Cluster,
        "Threads that recover logs at start and close them at the end.";
    Boolean "unclean.leader.election.enable" = "false", Rule::Any, High, Cluster,
        idle "`unclean.leader.election.enable` of topics that do not set it.";
};
