//! The settings of a topic, typed for those who act on them.

use std::collections::BTreeMap;

use crate::broker::BrokerSettings;
use crate::error::ConfigError;
use crate::table;
use crate::value::Value;

/// When written records are made durable (`flush.mode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum FlushMode {
    /// Before they are acknowledged and before anybody can read them.
    #[default]
    Sync,
    /// Every `flush.interval.ms`; acknowledged at once.
    Interval,
    /// When the operating system pleases, as Apache Kafka does, or as `flush.messages` and `flush.ms` say.
    Os,
}

/// The codec that a topic asks for (`compression.type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum CompressionType {
    /// Whatever the producer chose: batches are stored as they come.
    #[default]
    Producer,
    /// None.
    Uncompressed,
    /// gzip.
    Gzip,
    /// Snappy.
    Snappy,
    /// LZ4.
    Lz4,
    /// Zstandard.
    Zstd,
}

/// Which clock stamps the records (`message.timestamp.type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum TimestampType {
    /// The producer's.
    #[default]
    CreateTime,
    /// The broker's, at the append.
    LogAppendTime,
}

/// What happens to old records (`cleanup.policy`). Neither: they stay for ever (KIP-1161).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CleanupPolicy {
    /// The last record of each key stays.
    pub compact: bool,
    /// Records go by age and size.
    pub delete: bool,
}

/// The settings of one topic, defaults filled in. Made once per change, shared behind an `Arc`.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicSettings {
    /// `cleanup.policy`
    pub cleanup_policy: CleanupPolicy,
    /// `compression.type`
    pub compression_type: CompressionType,
    /// `compression.gzip.level`; -1 is the codec's own default.
    pub gzip_level: i32,
    /// `compression.lz4.level`
    pub lz4_level: i32,
    /// `compression.zstd.level`
    pub zstd_level: i32,
    /// `delete.retention.ms`: how long a tombstone stays after it was compacted.
    pub delete_retention_ms: i64,
    /// `file.delete.delay.ms`: how long the files of a dropped segment stay.
    pub file_delete_delay_ms: i64,
    /// `flush.mode`
    pub flush_mode: FlushMode,
    /// `flush.interval.ms`
    pub flush_interval_ms: i64,
    /// `flush.messages`: under [`FlushMode::Os`], a sync after this many records; `i64::MAX` is never.
    pub flush_messages: i64,
    /// `flush.ms`: under [`FlushMode::Os`], a sync after this long; `i64::MAX` is never.
    pub flush_ms: i64,
    /// `index.interval.bytes`
    pub index_interval_bytes: u32,
    /// `max.compaction.lag.ms`
    pub max_compaction_lag_ms: i64,
    /// `min.compaction.lag.ms`
    pub min_compaction_lag_ms: i64,
    /// `max.message.bytes`: the size of a batch, at most.
    pub max_message_bytes: u32,
    /// `message.timestamp.type`
    pub message_timestamp_type: TimestampType,
    /// `message.timestamp.before.max.ms`; `i64::MAX` is no limit.
    pub message_timestamp_before_max_ms: i64,
    /// `message.timestamp.after.max.ms`; `i64::MAX` is no limit.
    pub message_timestamp_after_max_ms: i64,
    /// `min.cleanable.dirty.ratio`
    pub min_cleanable_dirty_ratio: f64,
    /// `min.insync.replicas`. One node has one replica and never waits for others.
    pub min_insync_replicas: i32,
    /// `preallocate`
    pub preallocate: bool,
    /// `retention.bytes`; `None` is no limit.
    pub retention_bytes: Option<u64>,
    /// `retention.ms`; `None` is no limit.
    pub retention_ms: Option<i64>,
    /// `segment.bytes`
    pub segment_bytes: u32,
    /// `segment.index.bytes`
    pub segment_index_bytes: u32,
    /// `segment.ms`
    pub segment_ms: i64,
    /// `segment.jitter.ms`
    pub segment_jitter_ms: i64,
}

impl TopicSettings {
    /// The settings of a topic with these overrides on this broker; refuses unknown names, wrong values and wrong
    /// combinations with Kafka's words (`LogConfig.validate`).
    pub fn resolve(
        broker: &BrokerSettings,
        overrides: &BTreeMap<String, String>,
    ) -> Result<TopicSettings, ConfigError> {
        let values = Values::merge(broker, overrides)?;
        values.check()?;
        values.typed()
    }
}

impl Default for TopicSettings {
    /// A topic without overrides on a broker without settings.
    fn default() -> Self {
        BrokerSettings::default().topic_defaults
    }
}

/// The values of a topic by name: its own over the broker's.
pub(crate) struct Values(BTreeMap<&'static str, Value>);

impl Values {
    pub(crate) fn merge(
        broker: &BrokerSettings,
        overrides: &BTreeMap<String, String>,
    ) -> Result<Self, ConfigError> {
        Values::over(&broker.layers, overrides)
    }

    pub(crate) fn over(
        layers: &crate::layers::Layers,
        overrides: &BTreeMap<String, String>,
    ) -> Result<Self, ConfigError> {
        if let Some(name) = overrides.keys().find(|name| table::topic(name).is_none()) {
            return Err(ConfigError::UnknownTopicSetting(name.clone()));
        }
        let mut values = BTreeMap::new();
        for setting in table::topics() {
            let value = match overrides.get(setting.name) {
                Some(text) => Value::parse(setting, text)?,
                None => inherited(layers, setting)?,
            };
            values.insert(setting.name, value);
        }
        Ok(Values(values))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    fn integer(&self, name: &'static str) -> Result<i64, ConfigError> {
        match self.get(name) {
            Some(Value::Integer(number)) => Ok(*number),
            _ => Err(ConfigError::UnknownTopicSetting(name.to_owned())),
        }
    }

    fn number<T: TryFrom<i64>>(&self, name: &'static str) -> Result<T, ConfigError> {
        let number = self.integer(name)?;
        T::try_from(number).map_err(|_| ConfigError::invalid(name, number, "Value is out of range"))
    }

    fn flag(&self, name: &'static str) -> bool {
        self.get(name) == Some(&Value::Boolean(true))
    }

    fn ratio(&self, name: &'static str) -> Result<f64, ConfigError> {
        match self.get(name) {
            Some(Value::Double(number)) => Ok(*number),
            _ => Err(ConfigError::UnknownTopicSetting(name.to_owned())),
        }
    }

    fn text(&self, name: &'static str) -> &str {
        match self.get(name) {
            Some(Value::Text(text)) => text,
            _ => "",
        }
    }

    fn has(&self, name: &'static str, member: &str) -> bool {
        matches!(self.get(name), Some(Value::List(members)) if members.iter().any(|known| known == member))
    }

    /// What no value alone can say.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let (least, most) = (self.integer("min.compaction.lag.ms")?, self.integer("max.compaction.lag.ms")?);
        if least > most {
            return Err(ConfigError::Refused(format!(
                "conflict topic config setting min.compaction.lag.ms ({least}) > max.compaction.lag.ms ({most})"
            )));
        }
        if self.flag("remote.storage.enable") {
            return Err(ConfigError::Refused(
                "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote \
                 log storage."
                    .to_owned(),
            ));
        }
        Ok(())
    }

    pub(crate) fn typed(&self) -> Result<TopicSettings, ConfigError> {
        Ok(TopicSettings {
            cleanup_policy: CleanupPolicy {
                compact: self.has("cleanup.policy", "compact"),
                delete: self.has("cleanup.policy", "delete"),
            },
            compression_type: self.compression_type(),
            gzip_level: self.number("compression.gzip.level")?,
            lz4_level: self.number("compression.lz4.level")?,
            zstd_level: self.number("compression.zstd.level")?,
            delete_retention_ms: self.integer("delete.retention.ms")?,
            file_delete_delay_ms: self.integer("file.delete.delay.ms")?,
            flush_mode: self.flush_mode(),
            flush_interval_ms: self.integer("flush.interval.ms")?,
            flush_messages: self.integer("flush.messages")?,
            flush_ms: self.integer("flush.ms")?,
            index_interval_bytes: self.number("index.interval.bytes")?,
            max_compaction_lag_ms: self.integer("max.compaction.lag.ms")?,
            min_compaction_lag_ms: self.integer("min.compaction.lag.ms")?,
            max_message_bytes: self.number("max.message.bytes")?,
            message_timestamp_type: match self.text("message.timestamp.type") {
                "LogAppendTime" => TimestampType::LogAppendTime,
                _ => TimestampType::CreateTime,
            },
            message_timestamp_before_max_ms: self.integer("message.timestamp.before.max.ms")?,
            message_timestamp_after_max_ms: self.integer("message.timestamp.after.max.ms")?,
            min_cleanable_dirty_ratio: self.ratio("min.cleanable.dirty.ratio")?,
            min_insync_replicas: self.number("min.insync.replicas")?,
            preallocate: self.flag("preallocate"),
            retention_bytes: u64::try_from(self.integer("retention.bytes")?).ok(),
            retention_ms: Some(self.integer("retention.ms")?).filter(|ms| *ms >= 0),
            segment_bytes: self.number("segment.bytes")?,
            segment_index_bytes: self.number("segment.index.bytes")?,
            segment_ms: self.integer("segment.ms")?,
            segment_jitter_ms: self.integer("segment.jitter.ms")?,
        })
    }

    fn compression_type(&self) -> CompressionType {
        match self.text("compression.type") {
            "uncompressed" => CompressionType::Uncompressed,
            "gzip" => CompressionType::Gzip,
            "snappy" => CompressionType::Snappy,
            "lz4" => CompressionType::Lz4,
            "zstd" => CompressionType::Zstd,
            _ => CompressionType::Producer,
        }
    }

    fn flush_mode(&self) -> FlushMode {
        match self.text("flush.mode") {
            "os" => FlushMode::Os,
            "interval" => FlushMode::Interval,
            _ => FlushMode::Sync,
        }
    }
}

/// The value a topic takes from its broker where it sets none (`KafkaConfig.extractLogConfigMap`).
fn inherited(
    layers: &crate::layers::Layers,
    setting: &'static crate::setting::Setting,
) -> Result<Value, ConfigError> {
    let value = match setting.name {
        "retention.ms" => Some(Value::Integer(layers.retention_ms()?)),
        "segment.ms" => Some(Value::Integer(layers.ms_or_hours("log.roll.ms", "log.roll.hours")?)),
        "segment.jitter.ms" => {
            Some(Value::Integer(layers.ms_or_hours("log.roll.jitter.ms", "log.roll.jitter.hours")?))
        }
        "flush.ms" => match layers.optional_integer("log.flush.interval.ms")? {
            Some(ms) => Some(Value::Integer(ms)),
            None => Some(Value::Integer(layers.integer("log.flush.scheduler.interval.ms")?)),
        },
        name => match table::broker_name_of_topic(name).and_then(table::broker) {
            Some(of_broker) => layers.value(of_broker)?,
            None => None,
        },
    };
    match value {
        Some(value) => Ok(value),
        None => Value::parse(setting, setting.default.unwrap_or_default()),
    }
}
