//! Compaction on demand and the purge of a key, as a person does them; the files themselves are the proof of the proof.

use std::path::Path;

use serde_json::{Value, json};

use crate::harness::{Broker, Done};

const SECRET: &str = "jane.doe@example.org";

/// The files under a directory that hold these bytes.
fn files_with(dir: &Path, bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_with(&path, bytes));
            continue;
        }
        // A file may go while we look.
        let content = std::fs::read(&path).unwrap_or_default();
        if content.windows(bytes.len()).any(|window| window == bytes) {
            found.push(path.display().to_string());
        }
    }
    found
}

/// Lines of `key:value`, through the command line.
fn fill(broker: &Broker, directory: &Path, topic: &str, lines: impl Iterator<Item = String>, codec: &str) {
    let file = directory.join("lines");
    std::fs::write(&file, lines.map(|line| line + "\n").collect::<String>()).unwrap();
    broker.run(&["produce", topic, file.to_str().unwrap(), "--key-sep", ":", "-z", codec]).ends(0);
    std::fs::remove_file(&file).unwrap();
}

fn read(broker: &Broker, topic: &str) -> Vec<Value> {
    let read = broker.run(&["consume", topic, "-o", "start", "-e", "--json"]).ends(0).out;
    read.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn metric(broker: &Broker, name: &str) -> f64 {
    let page = broker.page("/metrics");
    let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ').map(str::to_owned));
    line.unwrap_or_else(|| panic!("{name} is missing: {page}")).parse().unwrap()
}

/// Users in turn, and the secret among them.
fn users(count: usize, secrets: &'static [usize]) -> impl Iterator<Item = String> {
    (0..count).map(move |number| {
        let user =
            if secrets.contains(&number) { SECRET.to_owned() } else { format!("user-{}", number % 20) };
        format!("{user}:{number}")
    })
}

#[test]
fn a_key_is_purged_and_no_file_holds_it() {
    let directory = tempfile::tempdir().unwrap();
    let broker = Broker::start();
    let data = Path::new(broker.ready.trim().split_once("data=").unwrap().1).to_owned();
    broker.run(&["topic", "create", "kept", "--partitions", "1"]).ends(0);
    fill(&broker, directory.path(), "kept", users(2_000, &[3, 4, 5, 1_000, 1_999]), "none");
    fill(&broker, directory.path(), "kept", users(100, &[50]), "zstd");
    assert_eq!(files_with(&data, SECRET.as_bytes()).len(), 1);
    let before = read(&broker, "kept");

    let purge = ["topic", "purge-key", "kept", "--key", SECRET];
    let with = |more: &[&str]| -> Done { broker.run(&[purge.as_slice(), more].concat()) };
    with(&[]).fails(2, &format!("every record of the key \"{SECRET}\" from topic \"kept\""), "--yes");
    with(&["--yes", "--tombstone"]).fails(2, "not compacted", "");
    with(&["--yes", "-p", "7"]).fails(3, "no partition 7", "");
    broker.run(&["topic", "purge-key", "kpet", "-k", "x", "--yes"]).fails(3, "not found", "\"kept\"");
    broker.run(&["topic", "purge-key", "kept", "-k", "xyz", "--key-format", "hex", "--yes"]).fails(
        2,
        "hexadecimal",
        "",
    );
    broker.run(&["topic", "purge-key", "__consumer_offsets", "-k", "x", "--yes"]).ends(3);

    // First only told: nothing changes, and the purge then does just that.
    let listed = |data: &Path| {
        let files = std::fs::read_dir(data.join("kept-0")).unwrap().map(|entry| entry.unwrap());
        // Room that is made ahead of the writer is zeros.
        let trimmed = |bytes: Vec<u8>| {
            let written = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
            bytes[..written].to_vec()
        };
        let mut all: Vec<_> =
            files.map(|file| (file.file_name(), trimmed(std::fs::read(file.path()).unwrap()))).collect();
        all.sort();
        all
    };
    let files = listed(&data);
    let told = with(&["--dry-run", "-O", "json"]).ends(0).json();
    assert_eq!((&told["dry_run"], &told["complete"]), (&json!(true), &json!(false)));
    let planned = &told["partitions"][0];
    assert_eq!((&planned["found"], &planned["removed"]), (&json!(6), &json!(6)));
    assert_eq!((&planned["segments_rewritten"], &planned["proved_to"]), (&json!(1), &json!(2_100)));
    assert_eq!(planned["remaining"], told["segments"][0]["removed"]);
    with(&["--dry-run", "--tombstone"]).fails(2, "not compacted", "");
    assert!(listed(&data) == files, "a dry run writes nothing");
    assert_eq!(metric(&broker, "thalweg_purges_total"), 0.0);

    let report = with(&["--yes", "-O", "json"]).ends(0).json();
    assert_eq!(report["segments"][0]["removed"], told["segments"][0]["removed"]);
    assert_eq!(
        (&report["topic"], &report["complete"], &report["notes"]),
        (&json!("kept"), &json!(true), &json!([]))
    );
    let of_partition = &report["partitions"][0];
    assert_eq!((&of_partition["found"], &of_partition["removed"]), (&json!(6), &json!(6)));
    assert_eq!((&of_partition["records_scanned"], &of_partition["remaining"]), (&json!(2_094), &json!([])));
    assert_eq!((&of_partition["segments_scanned"], &of_partition["proved_to"]), (&json!(2), &json!(2_100)));
    assert_eq!(
        report["segments"][0]["removed"],
        json!([[3, 5], [1_000, 1_000], [1_999, 1_999], [2_050, 2_050]])
    );
    assert!(report["segments"][0]["bytes_after"].as_i64() < report["segments"][0]["bytes_before"].as_i64());
    assert_eq!(files_with(&data, SECRET.as_bytes()), Vec::<String>::new());
    let others: Vec<Value> = before.into_iter().filter(|record| record["key"] != SECRET).collect();
    assert_eq!(read(&broker, "kept"), others, "what is not the key's is as it was, at its offset");

    // The same again finds nothing; what comes afterwards is found.
    let columns = with(&["--yes"]).ends(0).out;
    assert!(columns.starts_with("0\t0\t0\t0\t2\t2094\t0\t2100\tyes\t\n"), "{columns}");
    fill(&broker, directory.path(), "kept", users(10, &[5]), "none");
    let hex: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
    let by_hex = ["topic", "purge-key", "kept", "-k", &hex, "--key-format", "hex", "--yes", "-O", "json"];
    assert_eq!(broker.run(&by_hex).ends(0).json()["partitions"][0]["removed"], 1);
    assert_eq!(files_with(&data, SECRET.as_bytes()), Vec::<String>::new());
    assert_eq!(
        (metric(&broker, "thalweg_purges_total"), metric(&broker, "thalweg_purge_removed_records_total")),
        (3.0, 7.0)
    );
}

#[test]
fn a_topic_is_compacted_when_it_is_asked_for_and_tells_how_it_stands() {
    let directory = tempfile::tempdir().unwrap();
    let broker = Broker::start();
    let data = Path::new(broker.ready.trim().split_once("data=").unwrap().1).to_owned();
    broker.run(&["topic", "create", "plain"]).ends(0);
    let refused = broker.run(&["topic", "compact", "plain", "--wait"]);
    refused.fails(4, "topic \"plain\" is not compacted", "cleanup.policy=compact");
    let policy = ["--config", "cleanup.policy=compact,delete", "--config", "retention.ms=86400000"];
    broker.run(&[&["topic", "create", "latest", "--partitions", "2"], policy.as_slice()].concat()).ends(0);
    fill(&broker, directory.path(), "latest", users(3_000, &[7, 8, 9]), "lz4");

    let describe = || broker.run(&["topic", "describe", "latest", "-O", "json"]).ends(0).json();
    let never = &describe()["partitions"][0];
    assert_eq!((&never["compaction"]["runs"], &never["compaction"]["last_run"]), (&json!(0), &Value::Null));
    let table = broker.run(&["topic", "describe", "latest"]).ends(0).out;
    assert!(table.contains("\tnot since the start\t"), "{table}");
    let hours_left = |at: &Value| (at.as_i64().unwrap() - now_ms()) / 3_600_000;
    assert_eq!(hours_left(&never["next_expiry"]), 23);

    let done = broker.run(&["topic", "compact", "latest", "--wait", "-O", "json"]).ends(0).json();
    let sum =
        |name: &str| done.as_array().unwrap().iter().map(|row| row[name].as_i64().unwrap()).sum::<i64>();
    assert_eq!((sum("records_before"), sum("records_after")), (3_000, 21));
    assert_eq!((done[0]["outcome"].as_str(), &done[0]["compacted_to"]), (Some("done"), &done[0]["end"]));
    assert_eq!(read(&broker, "latest").len(), 21);
    let again = broker.run(&["topic", "compact", "latest", "--wait", "-p", "1", "-O", "json"]).ends(0).json();
    assert_eq!((&again[0]["partition"], &again[0]["outcome"]), (&json!(1), &json!("nothing")));
    let begun = broker.run(&["topic", "compact", "latest"]).ends(0).out;
    assert!(begun.lines().all(|line| line.contains("\tstarted\t")), "{begun}");

    let partitions = describe()["partitions"].clone();
    let removed: i64 = partitions
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["compaction"]["records_removed"].as_i64().unwrap())
        .sum();
    assert_eq!(removed, 2_979);
    let run = &partitions[0]["compaction"]["last_run"];
    assert_eq!((&run["outcome"], &run["error"]), (&json!("done"), &Value::Null));
    assert!((now_ms() - run["started"].as_i64().unwrap()).abs() < 60_000);
    assert_eq!(metric(&broker, "thalweg_compaction_removed_records_total"), 2_979.0);
    assert_eq!(metric(&broker, "thalweg_topic_compaction_removed_records_total{topic=\"latest\"}"), 2_979.0);
    assert_eq!(metric(&broker, "thalweg_topic_compaction_debt_bytes{topic=\"latest\"}"), 0.0);
    assert!(metric(&broker, "thalweg_topic_next_expiry_timestamp_seconds{topic=\"latest\"}") > 1e9);

    // With a tombstone those who read on learn of it; it is told that it is there, and it goes when it is asked to.
    let purge = ["topic", "purge-key", "latest", "--key", SECRET, "--yes", "-O", "json"];
    let told = broker.run(&[purge.as_slice(), &["--tombstone"]].concat()).ends(0).json();
    let tombstones: Vec<&Value> = told["partitions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| &p["tombstone"])
        .filter(|t| !t.is_null())
        .collect();
    assert_eq!((tombstones.len(), told["notes"].as_array().unwrap().len()), (1, 1));
    let left = read(&broker, "latest");
    let left: Vec<_> = left.iter().filter(|record| record["key"] == SECRET).collect();
    assert_eq!((left.len(), &left[0]["value"], &left[0]["offset"]), (1, &Value::Null, tombstones[0]));
    assert_eq!(broker.run(&purge).ends(0).json()["complete"], true);
    assert_eq!(files_with(&data, SECRET.as_bytes()), Vec::<String>::new());
    assert!(read(&broker, "latest").iter().all(|record| record["key"] != SECRET));
}

fn now_ms() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(now.as_millis()).unwrap()
}

#[test]
fn compaction_goes_no_faster_than_it_may() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let rate = "log.cleaner.io.max.bytes.per.second=400000";
    let broker = Broker::start_with(&["serve", "--data-dir", data.to_str().unwrap(), "--set", rate]);
    broker
        .run(&["topic", "create", "slow", "--partitions", "1", "--config", "cleanup.policy=compact"])
        .ends(0);
    let lines = (0..100).map(|n| format!("key-{n}:{}", "v".repeat(1_000)));
    fill(&broker, directory.path(), "slow", lines, "none");
    let began = std::time::Instant::now();
    let done = broker.run(&["topic", "compact", "slow", "--wait", "-O", "json"]).ends(0).json();
    assert_eq!(done[0]["records_after"], 100);
    // 100 KB, read twice and written once.
    let took = began.elapsed().as_secs_f64();
    assert!(took > 0.7, "{took} s");
}
