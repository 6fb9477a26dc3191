//! `produce` and `consume`: what goes in comes out, in every form, from wherever it is asked for.

use std::fs;

use crate::harness::{Broker, run};

/// The lines of what `consume` writes with these arguments.
fn consumed(broker: &Broker, arguments: &[&str]) -> Vec<String> {
    let done = broker.run(&[&["consume", "-e"], arguments].concat()).ends(0);
    done.out.lines().map(str::to_owned).collect()
}

#[test]
fn lines_and_json_go_in_and_come_out() {
    let broker = Broker::start();
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = directory.path().join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    broker.run(&["topic", "create", "t", "--partitions", "3"]).ends(0);
    let lines = file("lines", b"a\tone\nb\ttwo\n\nno key\nc\tlast\tof all");
    let produce = ["produce", "t", &lines, "--key-sep", "\\t", "-p", "1", "-H", "h=x", "-z", "zstd"];
    let told = broker.run(&[&produce[..], &["-O", "json"]].concat()).ends(0).json();
    assert_eq!((&told[0]["partition"], &told[0]["records"]), (&1.into(), &5.into()));
    let expected = ["0:a=one", "1:b=two", "2:=", "3:=no key", "4:c=last\tof all"];
    assert_eq!(consumed(&broker, &["t", "-f", "%o:%k=%v\\n"]), expected);

    let records = [
        r#"{"partition":2,"timestamp":1700000000000,"key":"k","value":"wörd","headers":[["h","1"],["h",null]]}"#,
        r#"{"partition":2,"timestamp":1700000000001,"key":{"base64":"/w=="},"value":null,"headers":[]}"#,
    ];
    let json = file("json", records.join("\n").as_bytes());
    assert_eq!(broker.run(&["produce", "t", &json, "--json"]).ends(0).out, "");
    let out = consumed(&broker, &["t", "-p", "2", "--json"]);
    for ((offset, record), line) in records.iter().enumerate().zip(&out) {
        let place = format!(r#"{{"topic":"t","partition":2,"offset":{offset},"#);
        assert_eq!(line, &record.replacen(r#"{"partition":2,"#, &place, 1));
    }
    // What came out goes in again.
    let again = file("again", out.join("\n").as_bytes());
    broker.run(&["topic", "create", "u", "--partitions", "3"]).ends(0);
    broker.run(&["produce", "u", &again, "--json"]).ends(0);
    let copied = consumed(&broker, &["u", "--json"]).join("\n");
    assert_eq!(copied, out.join("\n").replace(r#""topic":"t""#, r#""topic":"u""#));
}

#[test]
fn reading_begins_and_ends_where_it_is_told() {
    let broker = Broker::start();
    let file = tempfile::NamedTempFile::new().unwrap();
    let timed = |number: i64| format!("{{\"timestamp\":{},\"value\":\"{number}\"}}\n", 1_000 + number);
    fs::write(file.path(), (0..10).map(timed).collect::<String>()).unwrap();
    broker.run(&["topic", "create", "t"]).ends(0);
    broker.run(&["produce", "t", file.path().to_str().unwrap(), "--json"]).ends(0);
    let numbers = |from: i64, to: i64| (from..to).map(|number| number.to_string()).collect::<Vec<_>>();
    let cases = [
        (vec!["t"], numbers(0, 10)),
        (vec!["t", "-o", "start", "-n", "3"], numbers(0, 3)),
        (vec!["t", "-o", "4"], numbers(4, 10)),
        (vec!["t", "-o", "-2"], numbers(8, 10)),
        (vec!["t", "-o", "end"], numbers(0, 0)),
        (vec!["t", "-o", "@1007"], numbers(7, 10)),
        (vec!["t", "-o", "@-1h"], numbers(0, 0)),
        (vec!["t", "-n", "0"], numbers(0, 0)),
    ];
    for (arguments, expected) in cases {
        assert_eq!(consumed(&broker, &arguments), expected, "{arguments:?}");
    }
    let array = broker.run(&["consume", "t", "-n", "2", "-O", "json"]).ends(0).json();
    assert_eq!((&array[1]["value"], array.as_array().unwrap().len()), (&"1".into(), 2));
    assert_eq!(broker.run(&["consume", "t", "-e", "-o", "end", "-O", "json"]).ends(0).out, "[]\n");
}

#[test]
fn what_cannot_be_sent_or_read_is_said() {
    let broker = Broker::start();
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    broker.run(&["topic", "create", "orders", "--config", "max.message.bytes=1000"]).ends(0);
    broker.run(&["consume", "ordres", "-e"]).fails(
        3,
        "topic \"ordres\" not found",
        "did you mean \"orders\"?",
    );
    fs::write(file.path(), "x\n").unwrap();
    broker.run(&["produce", "orders", path, "-p", "7"]).fails(3, "no partition 7", "");
    broker.run(&["produce", "orders", "/no/such/file"]).fails(3, "/no/such/file", "");
    fs::write(file.path(), "{\"key\":\"k\"}\n").unwrap();
    broker.run(&["produce", "orders", path, "--json"]).fails(1, "line 1: missing field `value`", "");
    fs::write(file.path(), format!("{}\n", "x".repeat(5_000))).unwrap();
    assert_ne!(broker.run(&["produce", "orders", path]).status, 0);
    fs::write(file.path(), "{\"value\":\"v\"}\nno JSON\n").unwrap();
    broker.run(&["produce", "orders", path, "--json"]).fails(7, "1 record stored before", "");
    for wrong in [
        vec!["consume", "orders", "-o", "somewhere"],
        vec!["consume", "orders", "-f", "%q"],
        vec!["consume", "orders", "--json", "-f", "%v"],
        vec!["consume"],
        vec!["produce", "orders", "-z", "rar"],
        vec!["produce", "orders", "--acks", "2"],
        vec!["produce", "orders", "-k", "k", "--key-sep", ":"],
    ] {
        run(&wrong).ends(2);
    }
}
