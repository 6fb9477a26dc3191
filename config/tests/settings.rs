//! The table as a whole: every default validates, every value survives a round trip, and the typed settings agree.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)] // a failed test panics

use std::collections::BTreeMap;

use proptest::prelude::*;
use thalweg_config::{
    BrokerSettings, ConfigError, FlushMode, Loader, Origin, Setting, TopicSettings, Value, table,
};

fn overrides(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn the_table_has_the_settings_of_kafka_and_every_default_is_valid() {
    assert_eq!(table::topics().filter(|setting| !setting.own).count(), 33);
    assert_eq!(table::brokers().filter(|setting| !setting.own).count(), 340);
    assert_eq!(table::groups().count(), 17);
    for setting in table::topics().chain(table::brokers()).chain(table::groups()) {
        if let Some(default) = setting.default {
            let value = Value::parse(setting, default).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(value.to_text(), default, "{}", setting.name);
            assert_eq!(Value::parse(setting, &value.to_text()).unwrap(), value);
        }
    }
    let settings = BrokerSettings::default();
    assert_eq!(settings.topic_defaults.segment_bytes, 1 << 30);
    assert_eq!(settings.topic_defaults.retention_ms, Some(604_800_000));
    assert_eq!(settings.topic_defaults.flush_mode, FlushMode::Sync);
}

#[test]
fn what_kafka_refuses_is_refused_in_its_words() {
    let broker = BrokerSettings::default();
    let refused = |name: &str, text: &str| {
        TopicSettings::resolve(&broker, &overrides(&[(name, text)])).unwrap_err().to_string()
    };
    assert_eq!(refused("no.such.key", "1"), "Unknown topic config name: no.such.key");
    let expected = "Invalid value 10 for configuration segment.bytes: Value must be at least 1048576";
    assert_eq!(refused("segment.bytes", "10"), expected);
    let expected = "Invalid value abc for configuration retention.ms: Not a number of type LONG";
    assert_eq!(refused("retention.ms", "abc"), expected);
    let expected =
        "Invalid value 2.0 for configuration min.cleanable.dirty.ratio: Value must be no more than 1";
    assert_eq!(refused("min.cleanable.dirty.ratio", "2"), expected);
    let expected =
        "Invalid value shred for configuration cleanup.policy: String must be one of: compact, delete";
    assert_eq!(refused("cleanup.policy", "shred"), expected);
    let expected =
        "Invalid value maybe for configuration preallocate: Expected value to be either true or false";
    assert_eq!(refused("preallocate", "maybe"), expected);
    let lags = overrides(&[("min.compaction.lag.ms", "10"), ("max.compaction.lag.ms", "5")]);
    let expected = "conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (5)";
    assert_eq!(TopicSettings::resolve(&broker, &lags).unwrap_err().to_string(), expected);
    let neither = TopicSettings::resolve(&broker, &overrides(&[("cleanup.policy", " ")])).unwrap();
    assert!(!neither.cleanup_policy.compact && !neither.cleanup_policy.delete);
}

#[test]
fn later_layers_cover_earlier_ones_and_topics_inherit() {
    let mut loader = Loader::new();
    loader.toml("[log]\nretention.minutes = 5\nsegment.bytes = 2097152\nroll.hours = 1", "a.toml").unwrap();
    let variables = [("THALWEG_LOG_SEGMENT_BYTES".to_owned(), "3145728".to_owned())];
    loader.environment(variables).unwrap();
    loader.set_pair("flush.mode=os").unwrap();
    let broker = loader.finish().unwrap();
    assert_eq!(
        broker.layers.origin("log.segment.bytes").to_string(),
        "environment THALWEG_LOG_SEGMENT_BYTES"
    );
    let topic = TopicSettings::resolve(&broker, &overrides(&[("retention.ms", "-1")])).unwrap();
    assert_eq!((topic.segment_bytes, topic.segment_ms, topic.retention_ms), (3_145_728, 3_600_000, None));
    assert_eq!(topic.flush_mode, FlushMode::Os);
    assert_eq!(broker.topic_defaults.retention_ms, Some(300_000));
    let dynamic = overrides(&[("log.retention.ms", "7")]);
    let changed = broker.with_dynamic(&dynamic, &BTreeMap::new()).unwrap();
    assert_eq!(changed.topic_defaults.retention_ms, Some(7));
}

#[test]
fn an_unknown_key_names_the_nearest() {
    let error = Loader::new().set("log.segment.byte", "1", Origin::Default).unwrap_err();
    assert!(
        matches!(&error, ConfigError::UnknownSetting { nearest: Some("log.segment.bytes"), .. }),
        "{error}"
    );
    assert_eq!(error.hint().unwrap(), "did you mean \"log.segment.bytes\"?");
    let error = Loader::new().toml("num.partitons = 3", "thalweg.toml").unwrap_err();
    assert_eq!(error.to_string(), "unknown setting \"num.partitons\" in file thalweg.toml");
}

fn any_setting() -> impl Strategy<Value = &'static Setting> {
    let all: Vec<&'static Setting> = table::topics().chain(table::brokers()).chain(table::groups()).collect();
    proptest::sample::select(all)
}

/// Texts that are near to what settings take.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| format!("{number:e}")),
        "[ ,:*a-z0-9.+-]{0,24}",
        "(delete|compact|,| |gzip|true|FALSE|by_duration:P[0-9]?D?T?[0-9.]{0,3}[HMS]?){0,4}",
        any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn what_is_taken_is_written_so_that_it_is_taken_again(setting in any_setting(), text in any_text()) {
        if let Ok(value) = Value::parse(setting, &text) {
            let written = value.to_text();
            let again = Value::parse(setting, &written);
            prop_assert_eq!(again.map(|value| value.to_text()), Ok(written), "{} = {:?}", setting.name, text);
        }
    }

    #[test]
    fn no_file_is_worse_than_an_error(text in "([a-z.\"=\\[\\]{}\n#, 0-9]|num.partitions|log\\.){0,40}") {
        let mut loader = Loader::new();
        if loader.toml(&text, "a.toml").is_ok() {
            let _ = loader.finish();
        }
    }
}
