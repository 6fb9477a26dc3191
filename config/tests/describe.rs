//! What DescribeConfigs shows, held against what Apache Kafka 4.3.1 showed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)] // a failed test panics

use std::collections::BTreeMap;

use thalweg_config::describe::{
    Entry, Source, broker_entries, cluster_entries, group_entries, topic_entries,
};
use thalweg_config::{BrokerSettings, Loader, check_dynamic, check_group};

fn fresh() -> BrokerSettings {
    let settings = BrokerSettings::default();
    settings.with_dynamic(&settings.first_cluster_settings(), &BTreeMap::new()).unwrap()
}

fn pairs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

fn named<'a>(entries: &'a [Entry], name: &str) -> &'a Entry {
    entries.iter().find(|entry| entry.name == name).unwrap()
}

fn synonyms(entry: &Entry) -> Vec<(&str, &str, Source)> {
    let all = entry.synonyms.iter();
    all.map(|s| (s.name.as_str(), s.value.as_deref().unwrap_or("-"), s.source)).collect()
}

#[test]
fn a_topic_shows_all_of_kafkas_settings_with_their_sources() {
    let overrides = pairs(&[("cleanup.policy", "compact"), ("segment.ms", "604800000")]);
    let entries = topic_entries(&fresh(), &overrides).unwrap();
    assert_eq!(entries.len(), 33);
    let policy = named(&entries, "cleanup.policy");
    let expected =
        [("cleanup.policy", "compact", Source::Topic), ("log.cleanup.policy", "delete", Source::Default)];
    assert_eq!(synonyms(policy), expected);
    assert_eq!((policy.source, policy.kind_code()), (Source::Topic, 7));
    assert_eq!(named(&entries, "segment.ms").source, Source::Topic, "set, though to the default");
    let retention = named(&entries, "retention.ms");
    assert_eq!((retention.value.as_deref(), retention.source), (Some("604800000"), Source::Default));
    assert!(retention.synonyms.is_empty());
    let replicas = named(&entries, "min.insync.replicas");
    let expected =
        [("min.insync.replicas", "1", Source::ClusterDefault), ("min.insync.replicas", "1", Source::Default)];
    assert_eq!(synonyms(replicas), expected);
    let with_ours = topic_entries(&fresh(), &pairs(&[("flush.mode", "os")])).unwrap();
    assert_eq!(with_ours.len(), 34);
}

#[test]
fn a_broker_shows_where_each_value_was_given() {
    let mut loader = Loader::new();
    loader.set_pair("log.retention.minutes=10").unwrap();
    loader.set_pair("ssl.key.password=secret").unwrap();
    let settings = loader.finish().unwrap();
    let cluster = pairs(&[("log.retention.ms", "5000"), ("no.such.setting", "x")]);
    let settings = settings.with_dynamic(&cluster, &pairs(&[("log.retention.ms", "6000")])).unwrap();
    let entries = broker_entries(&settings);
    assert_eq!(entries.len(), 341, "Kafka's, and the one nobody knows");
    let expected = [
        ("log.retention.ms", "6000", Source::Broker),
        ("log.retention.ms", "5000", Source::ClusterDefault),
        ("log.retention.minutes", "10", Source::Static),
        ("log.retention.hours", "168", Source::Default),
    ];
    assert_eq!(synonyms(named(&entries, "log.retention.ms")), expected);
    assert_eq!(synonyms(named(&entries, "log.retention.hours")), expected[3..]);
    let secret = named(&entries, "ssl.key.password");
    assert!(secret.sensitive && secret.value.is_none());
    assert_eq!(synonyms(secret), [("ssl.key.password", "-", Source::Static)]);
    assert!(
        named(&entries, "log.retention.hours").read_only && !named(&entries, "log.retention.ms").read_only
    );
    assert!(named(&entries, "no.such.setting").sensitive);
    let of_cluster = cluster_entries(&settings);
    assert_eq!(of_cluster.len(), 2);
    assert_eq!(named(&of_cluster, "log.retention.ms").value.as_deref(), Some("5000"));
    assert_eq!(settings.topic_defaults.retention_ms, Some(6000));
}

#[test]
fn dynamic_settings_of_the_broker_are_checked() {
    let refused = |name: &str, text: &str, for_one: bool| {
        check_dynamic(&pairs(&[(name, text)]), for_one).unwrap_err().to_string()
    };
    assert_eq!(refused("node.id", "2", true), "Cannot update these configs dynamically: [node.id]");
    let expected =
        "Cannot update these configs at default cluster level, broker id must be specified: [listeners]";
    assert_eq!(refused("listeners", "PLAINTEXT://:1", false), expected);
    let expected = "Invalid value x for configuration log.cleaner.threads: Not a number of type INT";
    assert_eq!(refused("log.cleaner.threads", "x", false), expected);
    check_dynamic(&pairs(&[("no.such.setting", "1")]), false).unwrap();
}

#[test]
fn a_group_shows_and_takes_what_kafka_does() {
    let entries = group_entries(&fresh(), &pairs(&[("consumer.session.timeout.ms", "50000")])).unwrap();
    assert_eq!(entries.len(), 17);
    let expected = [
        ("consumer.session.timeout.ms", "50000", Source::Group),
        ("group.consumer.session.timeout.ms", "45000", Source::Default),
    ];
    assert_eq!(synonyms(named(&entries, "consumer.session.timeout.ms")), expected);
    let refused =
        |name: &str, text: &str| check_group(&fresh(), &pairs(&[(name, text)])).unwrap_err().to_string();
    let expected =
        "consumer.session.timeout.ms must be greater than or equal to group.consumer.min.session.timeout.ms";
    assert_eq!(refused("consumer.session.timeout.ms", "1"), expected);
    assert_eq!(refused("no.such.key", "1"), "Unknown group config name: no.such.key");
    check_group(&fresh(), &pairs(&[("share.auto.offset.reset", "by_duration:PT1H30M")])).unwrap();
    assert!(refused("share.auto.offset.reset", "by_duration:-PT1H").contains("share.auto.offset.reset"));
}
