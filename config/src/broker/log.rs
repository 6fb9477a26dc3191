//! The data directory, the upkeep of the logs, and the rules for new topics.

use std::path::{Path, PathBuf};

use crate::error::ConfigError;
use crate::layers::Layers;

/// Memory that each compacting thread needs, at least.
const MIN_DEDUPE_BYTES: u64 = 1 << 20;

/// Where the logs are and how they are looked after.
#[derive(Clone, Debug, PartialEq)]
pub struct LogSettings {
    /// The data directory: `log.dirs`, else `log.dir`.
    pub directory: PathBuf,
    /// `num.recovery.threads.per.data.dir`
    pub recovery_threads: usize,
    /// `log.retention.check.interval.ms`
    pub retention_check_interval_ms: i64,
    /// `log.flush.offset.checkpoint.interval.ms`: how often the recovery points are written.
    pub recovery_checkpoint_interval_ms: i64,
    /// `log.flush.start.offset.checkpoint.interval.ms`: how often the log start offsets are written.
    pub start_checkpoint_interval_ms: i64,
    /// `log.flush.scheduler.interval.ms`: how often logs are looked through for one to flush.
    pub flush_check_interval_ms: i64,
    /// `log.cleaner.enable`: compact at all.
    pub cleaner_enabled: bool,
    /// `log.cleaner.threads`
    pub cleaner_threads: usize,
    /// `log.cleaner.backoff.ms`: the pause when there was nothing to compact.
    pub cleaner_backoff_ms: i64,
    /// `log.cleaner.dedupe.buffer.size`: memory for the keys seen, in bytes.
    pub cleaner_dedupe_bytes: u64,
    /// `log.cleaner.io.max.bytes.per.second`
    pub cleaner_bytes_per_second: f64,
}

impl LogSettings {
    pub(super) fn read(layers: &Layers) -> Result<Self, ConfigError> {
        let settings = LogSettings {
            directory: directory(layers)?,
            recovery_threads: layers.number("num.recovery.threads.per.data.dir")?,
            retention_check_interval_ms: layers.integer("log.retention.check.interval.ms")?,
            recovery_checkpoint_interval_ms: layers.integer("log.flush.offset.checkpoint.interval.ms")?,
            start_checkpoint_interval_ms: layers.integer("log.flush.start.offset.checkpoint.interval.ms")?,
            flush_check_interval_ms: layers.integer("log.flush.scheduler.interval.ms")?,
            cleaner_enabled: layers.boolean("log.cleaner.enable")?,
            cleaner_threads: layers.number("log.cleaner.threads")?,
            cleaner_backoff_ms: layers.integer("log.cleaner.backoff.ms")?,
            cleaner_dedupe_bytes: layers.number("log.cleaner.dedupe.buffer.size")?,
            cleaner_bytes_per_second: layers.double("log.cleaner.io.max.bytes.per.second")?,
        };
        at_least(layers, "log.roll.ms", 1)?;
        at_least(layers, "log.roll.jitter.ms", 0)?;
        let retention = layers.retention_ms()?;
        if retention == 0 {
            return Err(ConfigError::Refused(
                "log.retention.ms must be unlimited (-1) or, greater than or equal to 1".to_owned(),
            ));
        }
        if settings.cleaner_dedupe_bytes <= (settings.cleaner_threads as u64).saturating_mul(MIN_DEDUPE_BYTES)
        {
            return Err(ConfigError::Refused(
                "requirement failed: log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread."
                    .to_owned(),
            ));
        }
        cordoned(layers, &settings.directory)?;
        Ok(settings)
    }
}

/// `cordoned.log.dirs` (KIP-1066) may name the data directory, or all by `*`.
fn cordoned(layers: &Layers, directory: &Path) -> Result<(), ConfigError> {
    let given = layers.list("cordoned.log.dirs")?;
    let all = given.iter().any(|entry| entry == "*");
    if all && given.len() > 1 {
        return Err(ConfigError::Refused(
            "requirement failed: When cordoned.log.dirs is set to *, it must not contain other values"
                .to_owned(),
        ));
    }
    let missing: Vec<String> = given.into_iter().filter(|entry| Path::new(entry) != directory).collect();
    if all || missing.is_empty() {
        return Ok(());
    }
    Err(ConfigError::Refused(format!(
        "requirement failed: All entries in cordoned.log.dirs must be present in log.dirs or log.dir. Missing \
         entries : {}",
        missing.join(", ")
    )))
}

fn at_least(layers: &Layers, name: &str, least: i64) -> Result<(), ConfigError> {
    match layers.optional_integer(name)? {
        Some(given) if given < least => {
            Err(ConfigError::Refused(format!("{name} must be greater than or equal to {least}")))
        }
        _ => Ok(()),
    }
}

/// The one data directory. Kafka takes several; this broker says so rather than using the first in silence.
fn directory(layers: &Layers) -> Result<PathBuf, ConfigError> {
    let (name, directories) = match layers.given("log.dirs") {
        Some(_) => ("log.dirs", layers.list("log.dirs")?),
        None => ("log.dir", layers.list("log.dir")?),
    };
    match directories.as_slice() {
        [only] if !only.is_empty() => Ok(PathBuf::from(only)),
        several => Err(ConfigError::invalid(name, several.join(","), "exactly one data directory is needed")),
    }
}

/// What holds when topics are created and deleted.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicRules {
    /// `num.partitions`: of a topic that names none.
    pub partitions: i32,
    /// `default.replication.factor`; a single node keeps one replica of everything.
    pub replication_factor: i32,
    /// `auto.create.topics.enable`
    pub auto_create: bool,
    /// `delete.topic.enable`
    pub delete_allowed: bool,
}

impl TopicRules {
    pub(super) fn read(layers: &Layers) -> Result<Self, ConfigError> {
        Ok(TopicRules {
            partitions: layers.number("num.partitions")?,
            replication_factor: layers.number("default.replication.factor")?,
            auto_create: layers.boolean("auto.create.topics.enable")?,
            delete_allowed: layers.boolean("delete.topic.enable")?,
        })
    }
}
