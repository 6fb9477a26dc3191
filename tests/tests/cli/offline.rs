//! Commands that need no broker: settings, and the files of a data directory.

use rustix::process::Signal;
use thalweg_client::{Client, Record};

use crate::harness::{Broker, run, run_with};

#[test]
fn settings_are_shown_with_their_origin_checked_and_written() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("thalweg.toml");
    let file = path.to_str().unwrap();
    run(&["config", "init", file]).ends(0);
    run(&["config", "init", file]).fails(4, "exists", "--force");
    run(&["config", "init", file, "--force"]).ends(0);
    let checked = run(&["config", "check", file]).ends(0);
    assert_eq!((checked.out.as_str(), checked.err.as_str()), ("", ""));
    assert_eq!(run(&["config", "init"]).ends(0).out, std::fs::read_to_string(&path).unwrap());

    std::fs::write(&path, "num.partitions = 3\nnum.io.threads = 4\nlisteners = \"PLAINTEXT://:9092\"\n")
        .unwrap();
    let warned = run(&["config", "check", file]).ends(0).err;
    assert!(
        warned.contains("num.io.threads has no effect") && warned.contains("--allow-insecure-listener"),
        "{warned}"
    );
    let shown = run_with(
        &["config", "show", "--origin", "--config", file, "--set", "flush.mode=os", "-O", "json"],
        &[("THALWEG_LOG_SEGMENT_BYTES", "2097152")],
    );
    let shown = shown.ends(0).json();
    let origin = |name: &str| {
        let found = shown.as_array().unwrap().iter().find(|setting| setting["name"] == name).unwrap();
        format!("{} {}", found["value"].as_str().unwrap(), found["origin"].as_str().unwrap())
    };
    assert_eq!(origin("num.partitions"), format!("3 file {file}"));
    assert_eq!(origin("log.segment.bytes"), "2097152 environment THALWEG_LOG_SEGMENT_BYTES");
    assert_eq!(origin("flush.mode"), "os flag --set flush.mode");
    assert_eq!(origin("log.roll.hours"), "168 default");

    std::fs::write(&path, "num.partitons = 3\n").unwrap();
    run(&["config", "check", file]).fails(2, "num.partitons", "did you mean \"num.partitions\"?");
    std::fs::write(&path, "num.partitions = 3\nnum.partitions = = 4\n").unwrap();
    run(&["config", "check", file]).fails(2, &format!("{file}:2"), "");
    run(&["config", "check", "/no/such/file"]).fails(2, "/no/such/file", "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_directory_is_dumped_verified_and_its_damage_found() {
    let mut broker = Broker::start();
    broker.run(&["topic", "create", "t", "--partitions", "1"]).ends(0);
    let client = Client::connect(format!("http://{}", broker.http)).await.unwrap();
    let producer = client.producer().build();
    for number in 0..100 {
        producer.send(Record::new("t").key("k").value(format!("value {number}"))).await.unwrap();
    }
    drop((producer, client));
    let data = broker.ready.trim().split_once("data=").unwrap().1.to_owned();
    run(&["storage", "verify", &data]).fails(4, "a broker runs on it", "");
    assert!(broker.stop(Signal::TERM).success());

    let report = run(&["storage", "verify", &data, "-O", "json"]).ends(0).json();
    let topic = report.as_array().unwrap().iter().find(|partition| partition["partition"] == "t-0").unwrap();
    assert_eq!((topic["records"].as_i64(), topic["end"].as_i64()), (Some(100), Some(100)));
    let log = format!("{data}/t-0/00000000000000000000.log");
    let records = run(&["storage", "dump", &log, "--records", "-O", "ndjson"]).ends(0).out;
    let last: serde_json::Value = serde_json::from_str(records.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&last["offset"], &last["key"], &last["value"]),
        (&99.into(), &"k".into(), &"value 99".into())
    );
    let batches = run(&["storage", "dump", &log, "-O", "json"]).ends(0).json();
    let counted =
        batches.as_array().unwrap().iter().map(|batch| batch["records"].as_i64().unwrap()).sum::<i64>();
    assert_eq!(counted, 100);
    for file in ["t-0/leader-epoch-checkpoint", "t-0/partition.metadata", "meta.properties"] {
        assert!(!run(&["storage", "dump", &format!("{data}/{file}")]).ends(0).out.is_empty(), "{file}");
    }
    run(&["storage", "dump", &format!("{data}/nonsense")]).fails(2, "not a file of a data directory", "");
    run(&["storage", "dump", &format!("{data}/t-0/00000000000000000007.log")]).fails(3, "No such file", "");

    let mut bytes = std::fs::read(&log).unwrap();
    let place = batches[1]["position"].as_u64().unwrap() as usize + 70;
    bytes[place] ^= 1;
    std::fs::write(&log, &bytes).unwrap();
    let damaged = run(&["storage", "verify", &data]).ends(1).err;
    assert!(damaged.contains("CRC") && damaged.contains(&log), "{damaged}");
    run(&["storage", "dump", &log, "--records"]).fails(1, "CRC", "");
}
