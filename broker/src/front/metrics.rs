//! The page of counters, in Prometheus's text format.

use std::fmt::{Display, Write};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::engine::{CounterByType, Engine, Metrics, TopicCensus};

/// The format's name and version.
pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The page.
pub(super) fn page(engine: &Engine) -> String {
    let mut page = Page::default();
    counters(&mut page, &engine.metrics);
    let topics = engine.topics.all();
    let partitions: usize = topics.iter().map(|handle| handle.partitions.len()).sum();
    page.one("topics", "gauge", "Topics, internal ones included.", topics.len());
    page.one("partitions", "gauge", "Partitions, internal ones included.", partitions);
    per_topic(&mut page, &engine.topic_census());
    groups(&mut page, engine);
    page.text
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    // Writing to a string cannot fail.
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.text, "# HELP thalweg_{name} {help}\n# TYPE thalweg_{name} {kind}");
    }

    fn one(&mut self, name: &str, kind: &str, help: &str, value: impl Display) {
        self.head(name, kind, help);
        let _ = writeln!(self.text, "thalweg_{name} {value}");
    }

    fn labelled(&mut self, name: &str, labels: impl Display, value: impl Display) {
        let _ = writeln!(self.text, "thalweg_{name}{{{labels}}} {value}");
    }
}

fn counters(page: &mut Page, metrics: &Metrics) {
    let counters: [(&str, &str, &AtomicU64); 21] = [
        ("bytes_in_total", "Bytes of record batches accepted.", &metrics.bytes_in),
        ("bytes_out_total", "Bytes of record batches handed to readers.", &metrics.bytes_out),
        ("appends_total", "Record batches appended.", &metrics.appends),
        ("appends_refused_total", "Record batches refused.", &metrics.refused_appends),
        ("syncs_total", "Syncs of a partition to disk.", &metrics.syncs),
        ("long_polls_total", "Fetches that had to wait for records.", &metrics.long_polls),
        ("group_heartbeats_total", "Heartbeats of members of groups.", &metrics.group_heartbeats),
        ("group_joins_total", "Joins of members of classic groups.", &metrics.group_joins),
        ("group_commits_total", "Commits of offsets.", &metrics.group_commits),
        ("group_offsets_committed_total", "Offsets committed.", &metrics.group_offsets_committed),
        (
            "group_offsets_expired_total",
            "Committed offsets whose retention was over.",
            &metrics.group_offsets_expired,
        ),
        ("group_records_total", "Records that groups have written.", &metrics.group_records),
        ("group_refusals_total", "Changes of groups that could not be stored.", &metrics.group_refusals),
        ("compactions_total", "Compactions of a partition that were done.", &metrics.compactions),
        ("compaction_failures_total", "Compactions that failed.", &metrics.compaction_failures),
        ("compaction_removed_bytes_total", "Bytes that compactions removed.", &metrics.compacted_bytes),
        ("compaction_removed_records_total", "Records that compactions removed.", &metrics.compacted_records),
        ("purges_total", "Purges of a key from a partition.", &metrics.purges),
        ("purge_removed_records_total", "Records that purges removed.", &metrics.purged_records),
        ("retention_removed_segments_total", "Segments that retention dropped.", &metrics.dropped_segments),
        ("retention_removed_bytes_total", "Bytes that retention dropped.", &metrics.dropped_bytes),
    ];
    for (name, help, counter) in counters {
        page.one(name, "counter", help, counter.load(Ordering::Relaxed));
    }
    let took = metrics.compaction_ms.load(Ordering::Relaxed) as f64 / 1000.0;
    page.one("compaction_seconds_total", "counter", "Time that compactions took.", took);
}

/// A number of a topic, where it has one.
type OfTopic = fn(&TopicCensus) -> Option<f64>;

/// What every topic has of its own.
const PER_TOPIC: [(&str, &str, &str, OfTopic); 7] = [
    ("topic_compaction_debt_bytes", "gauge", "Bytes that can be compacted and have not been.", |topic| {
        topic.is_compacted.then_some(topic.debt_bytes as f64)
    }),
    ("topic_compaction_dirty_ratio", "gauge", "The largest dirty part of a partition, 0 to 1.", |topic| {
        topic.is_compacted.then_some(topic.dirty_ratio)
    }),
    ("topic_compaction_failed_partitions", "gauge", "Partitions that cannot be compacted.", |topic| {
        topic.is_compacted.then_some(topic.failed_partitions as f64)
    }),
    (
        "topic_compaction_removed_bytes_total",
        "counter",
        "Bytes that compactions and purges removed.",
        |topic| topic.has_care().then_some(topic.bytes_removed as f64),
    ),
    (
        "topic_compaction_removed_records_total",
        "counter",
        "Records that compactions and purges removed.",
        |topic| topic.has_care().then_some(topic.records_removed as f64),
    ),
    ("topic_compaction_last_run_timestamp_seconds", "gauge", "When the last compaction began.", |topic| {
        topic.last_run_ms.map(seconds)
    }),
    ("topic_next_expiry_timestamp_seconds", "gauge", "When retention drops the next segment.", |topic| {
        topic.next_expiry_ms.map(seconds)
    }),
];

fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}

fn per_topic(page: &mut Page, census: &[TopicCensus]) {
    for (name, kind, help, value) in PER_TOPIC {
        page.head(name, kind, help);
        for topic in census {
            if let Some(value) = value(topic) {
                // A topic's name has no character that would have to be escaped.
                page.labelled(name, format_args!("topic=\"{}\"", topic.topic), value);
            }
        }
    }
}

fn groups(page: &mut Page, engine: &Engine) {
    let (ready, not_ready) = engine.count_shards();
    page.one("group_shards", "gauge", "Partitions of the groups' log that are served.", ready);
    page.one("group_shards_not_ready", "gauge", "Partitions of the groups' log that are not.", not_ready);
    by_type(page, &engine.metrics);
    let census = engine.group_census();
    page.head("groups", "gauge", "Groups by type and state.");
    for ((kind, state), count) in census.groups {
        page.labelled("groups", format_args!("type=\"{kind}\",state=\"{state}\""), count);
    }
    page.head("group_members", "gauge", "Members of a group.");
    for (group, members) in census.members {
        page.labelled("group_members", format_args!("group=\"{}\"", Escaped(&group)), members);
    }
}

fn by_type(page: &mut Page, metrics: &Metrics) {
    let kinds = |counter: &CounterByType| {
        [("classic", &counter.classic), ("consumer", &counter.consumer)]
            .map(|(kind, counter)| (kind, counter.load(Ordering::Relaxed)))
    };
    page.head("group_rebalances_total", "counter", "Rebalances that have come to their end.");
    for (kind, count) in kinds(&metrics.group_rebalances) {
        page.labelled("group_rebalances_total", format_args!("type=\"{kind}\""), count);
    }
    page.head(
        "group_members_expired_total",
        "counter",
        "Members let go because a timeout of theirs was over.",
    );
    for (timeout, counter) in
        [("session", &metrics.group_silent_members), ("rebalance", &metrics.group_late_members)]
    {
        for (kind, count) in kinds(counter) {
            let labels = format_args!("type=\"{kind}\",timeout=\"{timeout}\"");
            page.labelled("group_members_expired_total", labels, count);
        }
    }
}

/// The value of a label: whatever a client has chosen.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.chars().try_for_each(|character| match character {
            '\\' => formatter.write_str(r"\\"),
            '"' => formatter.write_str("\\\""),
            '\n' => formatter.write_str(r"\n"),
            other => formatter.write_char(other),
        })
    }
}
