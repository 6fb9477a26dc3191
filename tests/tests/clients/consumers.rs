//! Clients in other languages read what ours have produced, each assigned to partitions, without groups.

use std::process::Command;
use std::time::Duration;

use thalweg_client::{Client, Compression, Record};

use crate::harness::broker::Broker;
use crate::harness::data::{self, Pair};
use crate::harness::records::{Seen, assert_produced, parse_lines};
use crate::harness::{command, oracle, own, peers, setup};
use crate::kcat;

const LIMIT: Duration = Duration::from_secs(600);
const PARTITIONS: i32 = 4;

type Produce = fn(&Broker, &str, &[Pair]);

/// One topic by `thalweg produce`, one by a program on `thalweg-client`, both read by `read(broker, topic)`.
fn read_by(who: &str, read: impl Fn(&Broker, &str) -> Vec<Seen>) {
    let broker = Broker::start(&[]);
    let stanzas = data::stanzas();
    let producers: &[(&str, Produce)] = if oracle() {
        &[("kcat", |broker, topic, pairs| kcat::produce(broker, topic, "lz4", pairs))]
    } else {
        &[("thalweg produce", own::produce), ("thalweg-client", produce_by_crate)]
    };
    for (number, (producer, produce)) in producers.iter().enumerate() {
        let topic = format!("packages-{number}");
        own::create_topic(&broker, &topic, PARTITIONS);
        produce(&broker, &topic, stanzas);
        assert_produced(&format!("{who} after {producer}"), stanzas, &read(&broker, &topic));
    }
}

fn lines_of(mut command: Command, broker: &Broker, topic: &str) -> Vec<Seen> {
    command.args([&broker.kafka, topic, &PARTITIONS.to_string()]);
    parse_lines(&command::run(&mut command, b"", LIMIT).text())
}

/// A program on the client crate: every record awaits its acknowledgement, and two codecs take turns.
fn produce_by_crate(broker: &Broker, topic: &str, pairs: &[Pair]) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let client = Client::connect(&broker.bootstrap).await.unwrap();
        for (chunk, codec) in
            pairs.chunks(pairs.len().div_ceil(2)).zip([Compression::None, Compression::Zstd])
        {
            let producer = client.producer().compression(codec).build();
            let mut tickets = Vec::new();
            for (key, value) in chunk {
                tickets.push(
                    producer.enqueue(Record::new(topic).key(key.clone()).value(value.clone())).await.unwrap(),
                );
            }
            for ticket in tickets {
                let ack = ticket.await.unwrap();
                assert!((0..PARTITIONS).contains(&ack.partition) && ack.offset >= 0, "{ack:?}");
            }
            producer.close().await.unwrap();
        }
    });
}

#[test]
fn confluent_kafka() {
    read_by("confluent-kafka", |broker, topic| lines_of(setup::python("confluent.py"), broker, topic));
}

#[test]
fn kafka_python() {
    read_by("kafka-python", |broker, topic| lines_of(setup::python("kafka_python.py"), broker, topic));
}

#[test]
fn aiokafka() {
    read_by("aiokafka", |broker, topic| lines_of(setup::python("aio.py"), broker, topic));
}

#[test]
fn franz_go() {
    read_by("franz-go", |broker, topic| lines_of(setup::go("franz-go", ""), broker, topic));
}

#[test]
fn sarama() {
    read_by("sarama", |broker, topic| lines_of(setup::go("sarama", ""), broker, topic));
}

#[test]
fn kafka_console_consumer() {
    read_by("Kafka's console consumer", |broker, topic| {
        let ends = kcat::ends(broker, topic, PARTITIONS);
        (0..PARTITIONS)
            .zip(ends)
            .flat_map(|(partition, end)| console_consumer(broker, topic, partition, end))
            .collect()
    });
}

/// Kafka's console consumer on one partition; fields and records are told apart by control characters.
fn console_consumer(broker: &Broker, topic: &str, partition: i32, end: i64) -> Vec<Seen> {
    let (partition_text, end_text) = (partition.to_string(), end.to_string());
    let mut args = vec![
        "--bootstrap-server",
        &broker.kafka,
        "--topic",
        topic,
        "--partition",
        &partition_text,
        "--offset",
        "earliest",
    ];
    args.extend(["--max-messages", &end_text, "--timeout-ms", "60000"]);
    for property in ["print.offset=true", "print.key=true", "key.separator=\x1e", "line.separator=\x1f"] {
        args.extend(["--formatter-property", property]);
    }
    let output = peers::run_tool("console-consumer", &args).stdout;
    let records = output.split(|b| *b == 0x1f).filter(|record| !record.is_empty());
    records
        .map(|record| {
            let fields: Vec<&[u8]> = record.split(|b| *b == 0x1e).collect();
            assert_eq!(fields.len(), 3, "offset, key, value: {:?}", String::from_utf8_lossy(record));
            let offset =
                std::str::from_utf8(fields[0]).unwrap().trim_start_matches("Offset:").parse().unwrap();
            Seen { partition, offset, key: Some(fields[1].to_vec()), value: Some(fields[2].to_vec()) }
        })
        .collect()
}
