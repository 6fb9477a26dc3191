//! Our own command line as a client.

use std::process::Command;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::broker::{Broker, binary};
use super::command::{self, Output};
use super::data::Pair;
use super::records::Seen;
use super::{oracle, peers};

const LIMIT: Duration = Duration::from_secs(180);

/// Runs a command of ours against the broker; it must succeed.
pub fn thalweg(broker: &Broker, args: &[&str], input: &[u8]) -> Output {
    command::run(Command::new(binary()).args(args).env("THALWEG_BOOTSTRAP", &broker.bootstrap), input, LIMIT)
}

/// Creates a topic, by our command line or, at Kafka, by its tool.
pub fn create_topic(broker: &Broker, topic: &str, partitions: i32) {
    create_topic_with(broker, topic, partitions, &[]);
}

/// Creates a topic with settings, each `NAME=VALUE`.
pub fn create_topic_with(broker: &Broker, topic: &str, partitions: i32, settings: &[&str]) {
    let partitions = partitions.to_string();
    let mut args = if oracle() {
        vec!["--bootstrap-server", &broker.kafka, "--create", "--topic", topic, "--partitions", &partitions]
    } else {
        vec!["topic", "create", topic, "--partitions", &partitions]
    };
    args.extend(settings.iter().flat_map(|setting| ["--config", setting]));
    if oracle() {
        peers::run_tool("topics", &args);
    } else {
        thalweg(broker, &args, b"");
    }
}

/// `thalweg produce TOPIC --json` of all pairs.
pub fn produce(broker: &Broker, topic: &str, pairs: &[Pair]) {
    let mut lines = String::new();
    for (key, value) in pairs {
        lines.push_str(&json!({ "key": field(key), "value": field(value) }).to_string());
        lines.push('\n');
    }
    thalweg(broker, &["produce", topic, "--json"], lines.as_bytes());
}

/// `thalweg consume TOPIC --json` from the start to the end.
pub fn consume(broker: &Broker, topic: &str) -> Vec<Seen> {
    let output = thalweg(broker, &["consume", topic, "-o", "start", "-e", "--json"], b"");
    output.text().lines().map(|line| parse(&serde_json::from_str(line).unwrap())).collect()
}

fn field(bytes: &[u8]) -> Value {
    std::str::from_utf8(bytes)
        .map_or_else(|_| json!({ "base64": STANDARD.encode(bytes) }), |text| json!(text))
}

fn parse(record: &Value) -> Seen {
    let bytes = |name: &str| match &record[name] {
        Value::Null => None,
        Value::String(text) => Some(text.clone().into_bytes()),
        other => Some(STANDARD.decode(other["base64"].as_str().unwrap()).unwrap()),
    };
    let partition = i32::try_from(record["partition"].as_i64().unwrap()).unwrap();
    Seen { partition, offset: record["offset"].as_i64().unwrap(), key: bytes("key"), value: bytes("value") }
}
