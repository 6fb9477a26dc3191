//! Consumer groups: `consume -g`, and what `group` tells and changes.

use std::collections::BTreeSet;
use std::fs;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::harness::{Broker, run};

/// Records `from..to` into each partition of `t`.
fn produce(broker: &Broker, partitions: i32, from: i64, to: i64) {
    let file = tempfile::NamedTempFile::new().unwrap();
    for partition in 0..partitions {
        let line = |number| format!("{{\"partition\":{partition},\"value\":\"{partition}-{number}\"}}\n");
        fs::write(file.path(), (from..to).map(line).collect::<String>()).unwrap();
        broker.run(&["produce", "t", file.path().to_str().unwrap(), "--json"]).ends(0);
    }
}

fn lag(broker: &Broker) -> Vec<Value> {
    let rows = broker.run(&["group", "lag", "g", "-O", "json"]).ends(0).json();
    rows.as_array().unwrap().iter().map(|row| row["lag"].clone()).collect()
}

fn lines(out: &str) -> BTreeSet<String> {
    out.lines().map(str::to_owned).collect()
}

#[test]
fn a_group_goes_on_where_it_was() {
    let broker = Broker::start();
    broker.run(&["topic", "create", "t", "--partitions", "2"]).ends(0);
    produce(&broker, 2, 0, 10);
    let some = broker.run(&["consume", "-g", "g", "t", "-n", "7"]).ends(0).out;
    assert_eq!(some.lines().count(), 7);
    let rest = broker.run(&["consume", "-g", "g", "t", "-e"]).ends(0).out;
    let all: BTreeSet<String> = &lines(&some) | &lines(&rest);
    assert_eq!((all.len(), rest.lines().count()), (20, 13), "each once: {some}{rest}");
    assert_eq!(broker.run(&["consume", "-g", "g", "t", "-e", "-O", "json"]).ends(0).out, "[]\n");
    assert_eq!(lag(&broker), [json!(0), json!(0)]);

    // One that is stopped has committed what it has written, and is gone from the group.
    for signal in [Signal::INT, Signal::TERM] {
        produce(&broker, 2, 10, 12);
        let follower = broker.begin(&["consume", "-g", "g", "t", "-f", "%v\\n"]);
        let mut written: BTreeSet<String> = (0..4).map(|_| follower.line()).collect();
        written.extend(lines(&follower.stop(signal).ends(0).out));
        assert_eq!(written.len(), 4, "{written:?}");
        assert_eq!(lag(&broker), [json!(0), json!(0)]);
        let described = broker.run(&["group", "describe", "g", "-O", "json"]).ends(0).json();
        assert_eq!((&described["state"], &described["members"]), (&json!("Empty"), &json!([])));
    }
    broker.run(&["consume", "-g", "g", "tt", "-e"]).fails(3, "topic \"tt\" not found", "did you mean \"t\"?");
    run(&["consume", "-g", "g", "t", "-p", "0"]).ends(2);
}

#[test]
fn members_share_and_are_shown() {
    let broker = Broker::start();
    broker.run(&["topic", "create", "t", "--partitions", "4"]).ends(0);
    let members = [0, 1].map(|_| broker.begin(&["consume", "-g", "g", "t", "-f", "%p\\n"]));
    let described = loop {
        let described = broker.run(&["group", "describe", "g", "-O", "json"]);
        let described = if described.status == 0 { described.json() } else { json!({}) };
        let shares: Vec<usize> = described["members"].as_array().map_or_else(Vec::new, |members| {
            members.iter().map(|member| member["assigned"].as_array().unwrap().len()).collect()
        });
        if shares == [2, 2] && described["state"] == "Stable" {
            break described;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    };
    let member = &described["members"][0];
    assert_eq!((&member["client"], &member["protocol"]), (&json!("thalweg consume"), &json!("consumer")));
    assert_eq!((&member["topics"], &described["type"]), (&json!(["t"]), &json!("consumer")));
    assert_eq!(described["partitions"].as_array().unwrap().len(), 4);
    produce(&broker, 4, 0, 1);
    let read: Vec<BTreeSet<String>> =
        members.iter().map(|member| (0..2).map(|_| member.line()).collect()).collect();
    assert!(read[0].is_disjoint(&read[1]) && read[0].len() == 2 && read[1].len() == 2, "{read:?}");

    let table = broker.run(&["group", "list"]).ends(0).out;
    assert_eq!(table, "g\tStable\tconsumer\tconsumer\n");
    assert_eq!(broker.run(&["group", "list", "--state", "Empty", "-O", "json"]).ends(0).out, "[]\n");
    let hint = "`thalweg group describe g`";
    broker.run(&["group", "delete", "g", "--yes"]).fails(4, "group \"g\" has members", hint);
    broker.run(&["group", "seek", "g", "--to", "start", "--yes"]).fails(4, "group \"g\" has members", hint);
    for member in members {
        member.stop(Signal::TERM).ends(0);
    }
    assert_eq!(broker.run(&["group", "list", "--state", "Empty", "-O", "name"]).ends(0).out, "g\n");
}

#[test]
fn offsets_are_moved_and_groups_deleted() {
    let broker = Broker::start();
    broker.run(&["topic", "create", "t", "--partitions", "2"]).ends(0);
    broker.run(&["topic", "create", "u"]).ends(0);
    produce(&broker, 2, 0, 10);
    broker.run(&["group", "list", "-O", "json"]).ends(0);
    broker.run(&["group", "describe", "g"]).fails(3, "group \"g\" not found", "");
    broker.run(&["group", "lag", "g"]).fails(3, "group \"g\" not found", "");
    broker.run(&["group", "seek", "g", "--to", "start", "--yes"]).fails(3, "group \"g\" not found", "");

    let seek = |arguments: &[&str]| broker.run(&[&["group", "seek", "g"], arguments].concat());
    seek(&["--to", "3", "--topic", "t"]).fails(2, "move the offsets of group \"g\"", "--yes");
    let dry = seek(&["--to", "3", "--topic", "t", "--dry-run", "-O", "json"]).ends(0).json();
    let row = |partition: i32| json!({"topic": "t", "partition": partition, "previous": null, "offset": 3, "error": null});
    assert_eq!(dry, json!([row(0), row(1)]));
    broker.run(&["group", "describe", "g"]).fails(3, "not found", "");
    seek(&["--to", "3", "--topic", "t", "--yes"]).ends(0);
    assert_eq!(lag(&broker), [json!(7), json!(7)]);
    let watch = broker.begin(&["group", "lag", "g", "--watch=0.1", "-O", "ndjson"]);
    let lags: Vec<Value> = (0..6).map(|_| serde_json::from_str(&watch.line()).unwrap()).collect();
    assert!(lags.iter().all(|row: &Value| row["lag"] == 7), "{lags:?}");
    watch.stop(Signal::TERM);
    broker.run(&["group", "lag", "gg", "--watch"]).fails(3, "group \"gg\" not found", "did you mean \"g\"?");
    assert_eq!(seek(&["--to", "end", "--topic", "t:1", "--yes"]).ends(0).out, "t\t1\t3\t10\t\n");
    let back = seek(&["--by", "-2", "--yes", "-O", "ndjson"]).ends(0).out;
    assert_eq!(back.lines().count(), 2);
    assert_eq!(lag(&broker), [json!(9), json!(2)]);
    seek(&["--to", "@-1h", "--yes"]).ends(0);
    assert_eq!(lag(&broker), [json!(10), json!(10)]);
    assert_eq!(broker.run(&["consume", "-g", "g", "t", "-e"]).ends(0).out.lines().count(), 20);

    seek(&["--to", "0", "--topic", "t:0,7", "--yes"]).fails(7, "1 of 2 partitions", "");
    seek(&["--to", "0", "--topic", "t:7", "--yes"]).fails(3, "no partition 7", "");
    seek(&["--to", "0", "--topic", "v", "--yes"]).fails(3, "topic \"v\" not found", "");
    for wrong in [
        vec!["--to", "-5"],
        vec!["--to", "soon"],
        vec![],
        vec!["--to", "end", "--by", "1"],
        vec!["--to", "end", "--topic", "t:x"],
    ] {
        assert_eq!(seek(&wrong).status, 2, "{wrong:?}");
    }

    broker.run(&["group", "describe", "gg"]).fails(3, "group \"gg\" not found", "did you mean \"g\"?");
    broker.run(&["group", "delete", "g"]).fails(2, "delete group \"g\"", "--yes");
    broker.run(&["group", "delete", "g", "nope", "--yes"]).fails(7, "1 of 2 groups", "");
    broker.run(&["group", "delete", "g", "--yes"]).fails(3, "group \"g\" not found", "");
    assert_eq!(broker.run(&["group", "list"]).ends(0).out, "");
}
