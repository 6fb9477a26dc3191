//! Topics and the cluster, through a running broker.

use serde_json::json;

use crate::harness::{Broker, run_with};

#[test]
fn a_topic_from_its_creation_to_its_end() {
    let broker = Broker::start();
    let created =
        broker.run(&["topic", "create", "orders", "--partitions", "4", "--config", "retention.ms=86400000"]);
    assert!(created.ends(0).out.starts_with("orders\t4\t"));
    broker.run(&["topic", "create", "orders"]).fails(4, "topic \"orders\" exists", "--if-not-exists");
    let again = broker.run(&["topic", "create", "orders", "--if-not-exists", "-O", "json"]).ends(0).json();
    assert_eq!((&again["name"], &again["partitions"]), (&json!("orders"), &json!(4)));

    let described = broker.run(&["topic", "describe", "orders", "-O", "json"]).ends(0).json();
    assert_eq!(described["partitions"].as_array().unwrap().len(), 4);
    assert_eq!(described["configs"][0]["name"], "retention.ms");
    let all = broker.run(&["topic", "describe", "orders", "--all", "-O", "json"]).ends(0).json();
    assert_eq!(all["configs"].as_array().unwrap().len(), 33);
    broker.run(&["topic", "describe", "ordres"]).fails(
        3,
        "topic \"ordres\" not found",
        "did you mean \"orders\"?",
    );

    let alter =
        ["topic", "alter", "orders", "--config", "segment.ms=5000", "--unset", "retention.ms", "-O", "json"];
    let changed = broker.run(&alter).ends(0).json();
    let sources: Vec<_> = changed.as_array().unwrap().iter().map(|setting| &setting["source"]).collect();
    assert_eq!(sources, ["DEFAULT_CONFIG", "DYNAMIC_TOPIC_CONFIG"]);
    let typo = broker.run(&["topic", "alter", "orders", "--config", "retenton.ms=1"]);
    typo.fails(2, "Unknown topic config name: retenton.ms", "did you mean \"retention.ms\"?");
    let range = broker.run(&["topic", "alter", "orders", "--config", "segment.bytes=1"]);
    range.fails(2, "Value must be at least 1048576", "");
    broker.run(&["topic", "alter", "orders"]).ends(2);

    let more =
        broker.run(&["topic", "add-partitions", "orders", "--partitions", "6", "-O", "json"]).ends(0).json();
    assert_eq!(more["partitions"], 6);
    broker.run(&["topic", "add-partitions", "orders", "--partitions", "2"]).fails(2, "", "");

    let names = broker.run(&["topic", "list", "-O", "name"]).ends(0).out;
    assert_eq!(names, "orders\n");
    let yaml = broker.run(&["topic", "list", "-O", "yaml"]).ends(0).out;
    assert!(yaml.starts_with("- name: orders\n"), "{yaml}");
    let lines = broker.run(&["topic", "list", "-O", "ndjson", "--internal"]).ends(0).out;
    assert!(lines.lines().all(|line| line.starts_with('{') && line.ends_with('}')), "{lines}");

    broker.run(&["topic", "delete", "orders"]).fails(2, "delete topic \"orders\"", "--yes");
    broker.run(&["topic", "delete", "orders", "nope", "--yes"]).fails(7, "1 of 2", "");
    broker.run(&["topic", "delete", "orders", "--yes"]).fails(3, "topic \"orders\" not found", "");
    assert_eq!(broker.run(&["topic", "list"]).ends(0).out, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_cut_from_the_front() {
    let broker = Broker::start();
    broker.run(&["topic", "create", "t", "--partitions", "2"]).ends(0);
    let client = thalweg_client::Client::connect(format!("http://{}", broker.http)).await.unwrap();
    let producer = client.producer().build();
    for number in 0..10 {
        let record =
            thalweg_client::Record::new("t").value(format!("{number}")).timestamp(1000 + number).partition(0);
        producer.send(record).await.unwrap();
    }
    broker.run(&["topic", "trim", "t", "--before", "3"]).fails(2, "topic \"t\"", "--yes");
    let cut =
        broker.run(&["topic", "trim", "t", "-p", "0", "--before", "3", "--yes", "-O", "json"]).ends(0).json();
    assert_eq!(cut, json!([{"partition": 0, "start": 3, "error": null}]));
    let cut = broker.run(&["topic", "trim", "t", "-p", "0", "--before", "@1007", "--yes"]).ends(0).out;
    assert_eq!(cut, "0\t7\t\n");
    let cut = broker.run(&["topic", "trim", "t", "-p", "0", "--before", "-3", "--yes"]).ends(0).out;
    assert_eq!(cut, "0\t7\t\n", "the last three stay");
    let partly = broker.run(&["topic", "trim", "t", "--before", "8", "--yes", "-O", "json"]);
    let partly = partly.fails(7, "1 of 2 partitions", "").json();
    assert_eq!((&partly[0]["start"], partly[1]["error"].is_string()), (&json!(8), true));
    broker.run(&["topic", "trim", "t", "--before", "end", "--yes"]).ends(0);
    let described = broker.run(&["topic", "describe", "t", "-O", "json"]).ends(0).json();
    assert_eq!(
        (&described["partitions"][0]["start"], &described["partitions"][0]["end"]),
        (&json!(10), &json!(10))
    );
    broker.run(&["topic", "trim", "t", "--before", "yesterday", "--yes"]).ends(2);
}

#[test]
fn a_broker_tells_about_itself_and_one_that_is_not_there_is_missed() {
    let broker = Broker::start();
    let info = broker.run(&["cluster", "info", "-O", "json"]).ends(0).json();
    assert_eq!((&info["kafka"], &info["http"]), (&json!(broker.kafka), &json!(broker.http)));
    assert_eq!(info["cluster_id"].as_str().unwrap().len(), 22);
    let live = broker.run(&["config", "show", "--live", "--origin", "-O", "json"]).ends(0).json();
    let mode = live.as_array().unwrap().iter().find(|setting| setting["name"] == "flush.mode").unwrap();
    assert_eq!((&mode["value"], &mode["origin"]), (&json!("os"), &json!("STATIC_BROKER_CONFIG")));

    let away = [("THALWEG_BOOTSTRAP", "http://127.0.0.1:1")];
    run_with(&["topic", "list"], &away).fails(6, "cannot reach the broker", "thalweg dev");
    run_with(&["topic", "list", "-b", "not a url"], &away).fails(2, "invalid broker address", "");
}
