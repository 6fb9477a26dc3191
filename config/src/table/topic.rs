//! Settings of a topic.

use crate::setting::{Rule, Setting, settings};

pub(super) static SETTINGS: &[Setting] = settings! {
    List "cleanup.policy" = "delete", Rule::Members(&["compact", "delete"]), Medium, Cluster,
        "What happens to old records: `delete` drops segments by age and size, `compact` keeps the last record \
        of each key, both may be given. Empty keeps everything for ever.";
    Int "compression.gzip.level" = "-1", Rule::GzipLevel, Medium, Cluster,
        "The level at which the broker compresses with gzip, 1 to 9; -1 is the codec's own choice.";
    Int "compression.lz4.level" = "9", Rule::Between(1, 17), Medium, Cluster,
        "The level at which the broker compresses with LZ4, 1 to 17.";
    Text "compression.type" = "producer",
        Rule::OneOf(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]), Medium, Cluster,
        "The codec in which batches are stored. `producer` keeps them as they come; another codec makes the \
        broker compress what arrives in a different one.";
    Int "compression.zstd.level" = "3", Rule::Between(-131_072, 22), Medium, Cluster,
        "The level at which the broker compresses with Zstandard, -131072 to 22.";
    Long "delete.retention.ms" = "86400000", Rule::Min(0), Medium, Cluster,
        "How long, in ms, a compacted topic keeps a tombstone, so that a reader who begins at the start can \
        see that a key is gone.";
    Long "file.delete.delay.ms" = "60000", Rule::Min(0), Medium, Cluster,
        "How long, in ms, the files of a dropped segment stay on disk, so that a reader in the middle of them \
        can finish.";
    Long "flush.messages" = "9223372036854775807", Rule::Min(1), Medium, Cluster,
        "Where `flush.mode` is `os`: the number of records after which a log is synced to disk.";
    Long "flush.ms" = "9223372036854775807", Rule::Min(0), Medium, Cluster,
        "Where `flush.mode` is `os`: the time in ms after which records are synced to disk.";
    List "follower.replication.throttled.replicas" = "", Rule::ThrottledReplicas, Medium, Cluster,
        idle "Followers whose copying is throttled: `*`, or a list of partition:broker.";
    Int "index.interval.bytes" = "4096", Rule::Min(0), Medium, Cluster,
        "How many bytes of records lie between two entries of the offset index. Fewer make a larger index and \
        a shorter search.";
    List "leader.replication.throttled.replicas" = "", Rule::ThrottledReplicas, Medium, Cluster,
        idle "Leaders whose copying is throttled: `*`, or a list of partition:broker.";
    Long "local.retention.bytes" = "-2", Rule::Min(-2), Medium, Cluster,
        idle "How many bytes stay on local disk once older segments were moved to remote storage; -2 is \
        `retention.bytes`.";
    Long "local.retention.ms" = "-2", Rule::Min(-2), Medium, Cluster,
        idle "How long, in ms, records stay on local disk once they were moved to remote storage; -2 is \
        `retention.ms`.";
    Long "max.compaction.lag.ms" = "9223372036854775807", Rule::Min(1), Medium, Cluster,
        "The time, in ms, after which a record must have been considered for compaction.";
    Int "max.message.bytes" = "1048588", Rule::Min(0), Medium, Cluster,
        "The size of a record batch, in bytes as it is stored, at most.";
    Long "message.timestamp.after.max.ms" = "3600000", Rule::Min(0), Medium, Cluster,
        "How far in the future, in ms, a record's timestamp may lie. Not applied with LogAppendTime.";
    Long "message.timestamp.before.max.ms" = "9223372036854775807", Rule::Min(0), Medium, Cluster,
        "How far in the past, in ms, a record's timestamp may lie. Not applied with LogAppendTime.";
    Text "message.timestamp.type" = "CreateTime",
        Rule::OneOf(&["CreateTime", "LogAppendTime"]), Medium, Cluster,
        "Whose clock stamps the records: CreateTime keeps the producer's timestamps, LogAppendTime sets the \
        broker's at the append.";
    Double "min.cleanable.dirty.ratio" = "0.5", Rule::Ratio(0.0, 1.0), Medium, Cluster,
        "The part of a compacted log that must be new before it is compacted again, 0 to 1.";
    Long "min.compaction.lag.ms" = "0", Rule::Min(0), Medium, Cluster,
        "The time, in ms, for which a record is safe from compaction.";
    Int "min.insync.replicas" = "1", Rule::Min(1), Medium, Cluster,
        idle "The replicas that must have a record before acks=all is answered. A single node has one and \
        never waits for another.";
    Boolean "preallocate" = "false", Rule::Any, Medium, Cluster,
        "Whether a new segment takes its full size on disk at once. This broker reserves space ahead of the \
        writer in any case, in smaller steps.";
    Boolean "remote.log.copy.disable" = "false", Rule::Any, Medium, Cluster,
        idle "Stops copying segments to remote storage.";
    Boolean "remote.log.delete.on.disable" = "false", Rule::Any, Medium, Cluster,
        idle "Deletes the remote segments when remote storage is switched off.";
    Boolean "remote.storage.enable" = "false", Rule::Any, Medium, Cluster,
        idle "Keeps older segments in remote storage. This broker has none and refuses `true`.";
    Long "retention.bytes" = "-1", Rule::Any, Medium, Cluster,
        "The size in bytes to which a partition's log may grow before its oldest segments are dropped; -1 is \
        no limit.";
    Long "retention.ms" = "604800000", Rule::Min(-1), Medium, Cluster,
        "The age in ms at which records are dropped, whole segments at a time; -1 is no limit.";
    Int "segment.bytes" = "1073741824", Rule::Min(1_048_576), Medium, Cluster,
        "The size in bytes at which a segment is closed and the next one begun. Retention and compaction work \
        on closed segments.";
    Int "segment.index.bytes" = "10485760", Rule::Min(4), Medium, Cluster,
        "The size in bytes of a segment's offset index, at most; a full index closes the segment.";
    Long "segment.jitter.ms" = "0", Rule::Min(0), Medium, Cluster,
        "A random time, in ms, of at most this much is taken from `segment.ms`, so that segments are not all \
        closed at once.";
    Long "segment.ms" = "604800000", Rule::Min(1), Medium, Cluster,
        "The age in ms at which a segment is closed, though it is not full.";
    Boolean "unclean.leader.election.enable" = "false", Rule::Any, Medium, Cluster,
        idle "Lets a replica that misses records become leader.";
    Text "flush.mode" = "sync", Rule::OneOf(&["sync", "interval", "os"]), High, Cluster,
        own "When records become durable: `sync` before they are acknowledged or read, `interval` every \
        `flush.interval.ms`, `os` when the operating system writes them, as Apache Kafka does.";
    Long "flush.interval.ms" = "1000", Rule::Min(1), Medium, Cluster,
        own "The time between two syncs, in ms, where `flush.mode` is `interval`: what a power cut can cost.";
};
