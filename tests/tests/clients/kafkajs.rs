//! kafkajs, which cannot read without a group, produces and administers.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::harness::broker::Broker;
use crate::harness::records::{Seen, by_partition, line};
use crate::harness::{command, data, setup};
use crate::kcat;

#[test]
fn kafkajs_produces_and_administers() {
    let broker = Broker::start(&["auto.create.topics.enable=false"]);
    let stanzas = data::stanzas();
    let input: String = stanzas.iter().map(line).collect();
    let mut program = setup::node("kafkajs", "main.js");
    program.args([&broker.kafka, "packages"]);
    let output = command::run(&mut program, input.as_bytes(), Duration::from_secs(300)).text();
    let said: Value = serde_json::from_str(output.trim()).unwrap();

    assert_eq!(said["sent"], stanzas.len());
    assert_eq!(said["brokers"], 1);
    assert_eq!(said["partitions"], 4, "three created, one added");
    assert_eq!(said["retention"], "7200000");
    assert_eq!((&said["listed"], &said["deleted"]), (&Value::Bool(true), &Value::Bool(true)));
    let offsets = |name: &str| -> BTreeMap<i64, i64> {
        let pairs = said[name].as_array().unwrap().iter();
        pairs.map(|p| (p[0].as_i64().unwrap(), p[1].as_i64().unwrap())).collect()
    };
    assert_eq!(
        offsets("lows"),
        BTreeMap::from([(0, 1), (1, 0), (2, 0), (3, 0)]),
        "the first record of partition 0 is deleted"
    );

    let seen = kcat::consume(&broker, "packages");
    for (partition, records) in by_partition(&seen) {
        let first = if partition == 0 { 1 } else { 0 };
        assert_eq!(records.first().unwrap().offset, first);
        assert_eq!(
            records.last().unwrap().offset + 1,
            offsets("ends")[&i64::from(partition)],
            "the end of partition {partition}"
        );
        assert!(
            records.windows(2).all(|pair| pair[0].offset + 1 == pair[1].offset),
            "a gap in partition {partition}"
        );
    }
    let mut missing: BTreeMap<(&[u8], &[u8]), usize> = BTreeMap::new();
    for (key, value) in stanzas {
        *missing.entry((key, value)).or_default() += 1;
    }
    for Seen { key, value, .. } in &seen {
        let pair = (key.as_deref().unwrap(), value.as_deref().unwrap());
        *missing
            .get_mut(&pair)
            .unwrap_or_else(|| panic!("never sent: {:?}", String::from_utf8_lossy(pair.0))) -= 1;
    }
    assert_eq!(missing.values().sum::<usize>(), 1, "all but the deleted record are there");
}
