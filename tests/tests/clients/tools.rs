//! Apache Kafka's own tools, unmodified.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::harness::broker::Broker;
use crate::harness::peers::{run_tool, tool};
use crate::harness::{command, data, own};
use crate::kcat;

/// Runs a tool against the broker; gives what it printed.
fn at(broker: &Broker, name: &str, args: &[&str]) -> String {
    run_tool(name, &[&["--bootstrap-server", &broker.kafka], args].concat()).text()
}

fn assert_lines(text: &str, wanted: &[&str]) {
    for line in wanted {
        assert!(text.lines().any(|l| l.contains(line)), "no line with {line:?} in\n{text}");
    }
}

#[test]
fn kafka_topics() {
    let broker = Broker::start(&[]);
    let created = at(
        &broker,
        "topics",
        &["--create", "--topic", "orders", "--partitions", "3", "--config", "retention.ms=86400000"],
    );
    assert_lines(&created, &["Created topic orders."]);
    let again = command::attempt(
        &mut tool("topics", &["--bootstrap-server", &broker.kafka, "--create", "--topic", "orders"]),
        b"",
        Duration::from_secs(60),
    );
    assert!(
        !again.status.success() && again.text().contains("already exists"),
        "{}{}",
        again.text(),
        again.stderr
    );

    at(&broker, "topics", &["--alter", "--topic", "orders", "--partitions", "5"]);
    let described = at(&broker, "topics", &["--describe", "--topic", "orders"]);
    assert_lines(&described, &["PartitionCount: 5", "retention.ms=86400000", "Partition: 4"]);
    assert!(described.contains("ReplicationFactor: 1"), "{described}");

    at(&broker, "topics", &["--create", "--topic", "scratch"]);
    assert_lines(&at(&broker, "topics", &["--list"]), &["orders", "scratch"]);
    at(&broker, "topics", &["--delete", "--topic", "scratch"]);
    assert!(!at(&broker, "topics", &["--list"]).contains("scratch"));
}

#[test]
fn kafka_configs() {
    let broker = Broker::start(&[]);
    own::create_topic(&broker, "orders", 1);
    let topic = ["--entity-type", "topics", "--entity-name", "orders"];
    let configs = |args: &[&str]| at(&broker, "configs", &[&topic, args].concat());
    configs(&["--alter", "--add-config", "retention.ms=3600000,cleanup.policy=[compact,delete]"]);
    let changed = configs(&["--describe"]);
    assert_lines(&changed, &["retention.ms=3600000 ", "cleanup.policy=compact,delete "]);
    assert_lines(&changed, &["DYNAMIC_TOPIC_CONFIG:retention.ms=3600000"]);
    configs(&["--alter", "--delete-config", "retention.ms"]);
    let all = configs(&["--describe", "--all"]);
    assert_lines(
        &all,
        &["retention.ms=604800000 ", "max.message.bytes=1048588 ", "cleanup.policy=compact,delete "],
    );

    let broker_wide = ["--entity-type", "brokers", "--entity-name", "1", "--describe", "--all"];
    let settings = at(&broker, "configs", &broker_wide);
    assert_lines(&settings, &["log.retention.ms=", "num.partitions=1 ", "message.max.bytes=1048588 "]);
}

#[test]
fn kafka_console_producer_offsets_and_delete_records() {
    let broker = Broker::start(&[]);
    own::create_topic(&broker, "lines", 2);
    let stanzas = &data::stanzas()[..500];
    let input: String = stanzas
        .iter()
        .map(|(key, _)| format!("{0}\t{0} is a package\n", String::from_utf8_lossy(key)))
        .collect();
    let properties = [
        "--reader-property",
        "parse.key=true",
        "--command-property",
        "acks=all",
        "--compression-codec",
        "zstd",
    ];
    let args = [&["--bootstrap-server", &broker.kafka, "--topic", "lines"], properties.as_slice()].concat();
    command::run(&mut tool("console-producer", &args), input.as_bytes(), Duration::from_secs(120));

    let seen = kcat::consume(&broker, "lines");
    assert_eq!(seen.len(), stanzas.len());
    for record in &seen {
        let key = String::from_utf8(record.key.clone().unwrap()).unwrap();
        assert_eq!(record.value.as_deref(), Some(format!("{key} is a package").as_bytes()));
    }
    let offsets = |time: &str| -> BTreeMap<String, i64> {
        let text = at(&broker, "get-offsets", &["--topic", "lines", "--time", time]);
        let rows = text.lines().filter_map(|line| line.rsplit_once(':'));
        rows.map(|(partition, offset)| (partition.to_owned(), offset.parse().unwrap())).collect()
    };
    let ends = offsets("latest");
    assert_eq!(ends.len(), 2);
    assert_eq!(ends.values().sum::<i64>(), 500);
    assert_eq!(offsets("earliest").values().sum::<i64>(), 0);

    let file = broker.data.parent().unwrap().join("delete.json");
    let wanted = r#"{"version":1,"partitions":[{"topic":"lines","partition":0,"offset":7},{"topic":"lines","partition":1,"offset":-1}]}"#;
    std::fs::write(&file, wanted).unwrap();
    let deleted = at(&broker, "delete-records", &["--offset-json-file", file.to_str().unwrap()]);
    assert_lines(
        &deleted,
        &[
            "partition: lines-0\tlow_watermark: 7",
            &format!("partition: lines-1\tlow_watermark: {}", ends["lines:1"]),
        ],
    );
    let starts = offsets("earliest");
    assert_eq!((starts["lines:0"], starts["lines:1"]), (7, ends["lines:1"]));
    assert_eq!(kcat::consume(&broker, "lines").first().map(|r| (r.partition, r.offset)), Some((0, 7)));
}

#[test]
fn kafka_log_dirs_and_broker_api_versions() {
    let broker = Broker::start(&[]);
    own::create_topic(&broker, "packages", 4);
    kcat::produce(&broker, "packages", "none", &data::stanzas()[..2000]);
    let text = at(&broker, "log-dirs", &["--describe", "--topic-list", "packages"]);
    let found: Value =
        serde_json::from_str(text.lines().find(|line| line.starts_with('{')).unwrap()).unwrap();
    let directories = found["brokers"][0]["logDirs"].as_array().unwrap();
    assert_eq!((directories.len(), &directories[0]["error"]), (1, &Value::Null), "{text}");
    let partitions = directories[0]["partitions"].as_array().unwrap();
    assert_eq!(partitions.len(), 4, "{text}");
    let size: u64 = partitions.iter().map(|p| p["size"].as_u64().unwrap()).sum();
    let sent: usize = data::stanzas()[..2000].iter().map(|(key, value)| key.len() + value.len()).sum();
    let sent = u64::try_from(sent).unwrap();
    assert!(size > sent && size < sent * 2, "{size} bytes for {sent}");

    let versions = at(&broker, "api-versions", &[]);
    assert_lines(
        &versions,
        &["Produce(0): 0 to 13", "Fetch(1): 4 to 18", "ListOffsets(2): 1 to 11", "Metadata(3): 0 to 13"],
    );
    assert!(!versions.contains("ERROR"), "{versions}");
}

#[test]
fn kafka_producer_perf_test_and_dump_log_of_every_segment() {
    let mut broker = Broker::start(&["log.segment.bytes=1048576"]);
    own::create_topic(&broker, "load", 3);
    own::create_topic(&broker, "packages", 4);
    let server = format!("bootstrap.servers={}", broker.kafka);
    let mut args =
        vec!["--topic", "load", "--num-records", "20000", "--record-size", "512", "--throughput", "-1"];
    args.extend(["--command-property", &server, "acks=all", "compression.type=lz4"]);
    let said = run_tool("producer-perf", &args).text();
    assert_lines(&said, &["20000 records sent"]);
    let stanzas = data::stanzas();
    kcat::produce(&broker, "packages", "gzip", &stanzas[..2000]);
    kcat::produce(&broker, "packages", "none", &stanzas[2000..]);
    assert!(broker.stop().success(), "SIGTERM ends with status 0");

    let partitions = |ending: &str| -> Vec<String> {
        let files = broker.files(ending).into_iter().filter(|file| {
            let folder = file.parent().unwrap().file_name().unwrap().to_str().unwrap();
            folder.starts_with("load-") || folder.starts_with("packages-")
        });
        files.map(|file| file.to_str().unwrap().to_owned()).collect()
    };
    let logs = partitions("log");
    assert!(logs.len() > 7, "segments have rolled: {logs:?}");
    let dump = |files: &[String], more: &[&str]| {
        let output = run_tool("dump-log", &[&["--files", &files.join(",")], more].concat());
        let text = output.text() + &output.stderr;
        for bad in ["invalid", "isvalid: false", "corrupt", "mismatch", "Exception", "Found"] {
            assert!(
                !text.contains(bad),
                "dump-log says {bad:?}: {}",
                text.lines().find(|line| line.contains(bad)).unwrap()
            );
        }
        // The tool counts a segment that starts behind 0 as a step from -1.
        let mut steps = text.lines().filter(|line| line.contains(" is followed by "));
        assert!(steps.all(|line| line.trim().starts_with("-1 ")), "dump-log says that offsets have gaps");
        text
    };
    let text = dump(&logs, &["--deep-iteration"]);
    let records = text.lines().filter(|line| line.starts_with("| offset: ")).count();
    assert_eq!(records, 20_000 + stanzas.len(), "records in all segments");
    for ending in ["index", "timeindex"] {
        let files = partitions(ending);
        assert_eq!(files.len(), logs.len(), "an .{ending} for each .log");
        dump(&files, &[]);
        dump(&files, &["--index-sanity-check"]);
    }
}
