//! The client crate against a broker: what goes in comes out, errors say what they are, and a broker that dies and comes
//! back costs neither records nor order.

// A test says what it expects by failing where it is not so.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod broker;
mod compaction;
mod groups;
mod services;

use std::collections::HashMap;
use std::io::{Read, Write};
use std::time::Duration;

use broker::Broker;
use futures_util::{StreamExt, TryStreamExt};
use thalweg_client::{
    Client, Compression, Error, ErrorCode, Header, Message, NewTopic, OffsetAt, Record, Start,
    partition_for_key,
};

async fn read_all(client: &Client, topic: &str, start: Start) -> Vec<Message> {
    let reader = client.reader().topic(topic, start).until_end().build().await.unwrap();
    reader.try_collect().await.unwrap()
}

fn record(topic: &str, number: usize) -> Record {
    let mut record = Record::new(topic).timestamp(1_700_000_000_000 + number as i64);
    if !number.is_multiple_of(3) {
        record = record.key(format!("key-{}", number % 17));
    }
    if !number.is_multiple_of(5) {
        record = record.value(format!("value-{number}-").repeat(number % 40));
    }
    if number.is_multiple_of(4) {
        record = record.header("same", format!("{number}")).header("same", "again");
        record.headers.push(Header { key: "null".to_owned(), value: None });
    }
    record
}

#[tokio::test]
async fn every_codec_brings_back_what_went_in_at_the_offsets_that_were_acknowledged() {
    let data = tempfile::tempdir().unwrap();
    let broker = Broker::start(data.path(), "127.0.0.1:0");
    let client = Client::connect(&broker.http).await.unwrap();
    for codec in Compression::ALL {
        let topic = format!("records-{codec}");
        client.admin().create_topic(NewTopic::new(&topic).partitions(3)).await.unwrap();
        let producer = client.producer().compression(codec).max_batch_bytes(8 << 10).build();
        let mut tickets = Vec::new();
        for number in 0..1_000 {
            tickets.push((record(&topic, number), producer.enqueue(record(&topic, number)).await.unwrap()));
        }
        producer.flush().await.unwrap();
        let mut stored = HashMap::new();
        for (record, ticket) in tickets {
            let ack = ticket.await.unwrap();
            if let Some(key) = &record.key {
                assert_eq!(ack.partition, partition_for_key(key, 3));
            }
            stored.insert((ack.partition, ack.offset), record);
        }
        let messages = read_all(&client, &topic, Start::Beginning).await;
        assert_eq!(messages.len(), stored.len(), "{codec}");
        let mut next = HashMap::new();
        for message in messages {
            let expected = &stored[&(message.partition, message.offset)];
            assert_eq!((&message.key, &message.value), (&expected.key, &expected.value), "{codec}");
            assert_eq!(message.headers, expected.headers);
            assert_eq!(Some(message.timestamp), expected.timestamp);
            let next = next.entry(message.partition).or_insert(0);
            assert_eq!(message.offset, *next, "offsets without a gap, in order");
            *next += 1;
        }
        producer.close().await.unwrap();
    }
}

#[tokio::test]
async fn readers_begin_where_they_are_told_and_follow_what_comes() {
    let data = tempfile::tempdir().unwrap();
    let broker = Broker::start(data.path(), "127.0.0.1:0");
    let client = Client::connect(&broker.http).await.unwrap();
    client.admin().create_topic(NewTopic::new("starts").partitions(1)).await.unwrap();
    let producer = client.producer().compression(Compression::Zstd).build();
    for number in 0..100_i64 {
        let record = Record::new("starts").value(format!("{number}")).timestamp(1_000 + number);
        drop(producer.enqueue(record).await.unwrap());
    }
    producer.flush().await.unwrap();
    let cases = [
        (Start::Beginning, 0),
        (Start::Offset(42), 42),
        (Start::Tail(7), 93),
        (Start::Tail(1_000), 0),
        (Start::Timestamp(1_050), 50),
        (Start::Timestamp(5_000), 100),
        (Start::End, 100),
    ];
    for (start, first) in cases {
        let offsets: Vec<_> =
            read_all(&client, "starts", start).await.iter().map(|message| message.offset).collect();
        assert_eq!(offsets, (first..100).collect::<Vec<_>>(), "{start:?}");
    }
    let at = [
        ("starts", 0, OffsetAt::Start),
        ("starts", 0, OffsetAt::End),
        ("starts", 0, OffsetAt::MaxTimestamp),
        ("starts", 0, OffsetAt::Timestamp(1_010)),
        ("starts", 0, OffsetAt::Timestamp(9_999)),
    ];
    let offsets = client.admin().offsets(&at).await.unwrap();
    assert_eq!(offsets, [Some(0), Some(100), Some(99), Some(10), None]);

    let mut reader = client.reader().topic("starts", Start::End).build().await.unwrap();
    let ack = producer.send(Record::new("starts").value("late")).await.unwrap();
    let message =
        tokio::time::timeout(Duration::from_secs(5), reader.next()).await.unwrap().unwrap().unwrap();
    assert_eq!((message.offset, message.value.as_deref()), (ack.offset, Some(b"late".as_slice())));

    assert_eq!(client.admin().trim("starts", &[(0, 60), (9, 1)]).await.unwrap()[0], (0, Ok(60)));
    assert_eq!(read_all(&client, "starts", Start::Beginning).await[0].offset, 60);
    let mut below = client.reader().partition("starts", 0, Start::Offset(5)).build().await.unwrap();
    let error = below.next().await.unwrap().unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::OffsetOutOfRange));
    assert!(below.next().await.is_none(), "a reader ends after an error");
}

#[tokio::test]
async fn errors_carry_kafkas_code_and_leave_the_producer_of_use() {
    let data = tempfile::tempdir().unwrap();
    let broker = Broker::start(data.path(), "127.0.0.1:0");
    let client = Client::connect(&broker.http).await.unwrap();
    let admin = client.admin();
    let created =
        admin.create_topic(NewTopic::new("orders").config("max.message.bytes", "2000")).await.unwrap();
    assert_eq!((created.name.as_str(), created.id.len()), ("orders", 22));
    let code = |error: Error| (error.code(), error.is_retryable());
    let again = admin.create_topic(NewTopic::new("orders")).await.unwrap_err();
    assert_eq!(code(again), (Some(ErrorCode::TopicAlreadyExists), false));
    let missing = admin.topic("ordres").await.unwrap_err();
    assert_eq!(missing.code(), Some(ErrorCode::UnknownTopicOrPartition));
    let setting = admin.create_topic(NewTopic::new("x").config("retention.ms", "soon")).await.unwrap_err();
    assert_eq!(code(setting), (Some(ErrorCode::InvalidConfig), false));
    let name = admin.create_topic(NewTopic::new("no/slash")).await.unwrap_err();
    assert_eq!(code(name), (Some(ErrorCode::InvalidTopicException), false));
    let fewer = admin.add_partitions("orders", 1).await.unwrap_err();
    assert_eq!(code(fewer), (Some(ErrorCode::InvalidPartitions), false));

    let producer = client.producer().max_batch_bytes(1_000).linger(Duration::ZERO).build();
    let mut tickets = Vec::new();
    for number in 0..50 {
        let size = if number % 10 == 7 { 5_000 } else { 100 };
        tickets.push((size, producer.enqueue(Record::new("orders").value(vec![b'v'; size])).await.unwrap()));
    }
    assert!(producer.flush().await.is_err(), "a flush tells of failures");
    let mut next = 0;
    for (size, ticket) in tickets {
        match ticket.await {
            Ok(ack) => {
                assert_eq!((size, ack.offset), (100, next));
                next += 1;
            }
            Err(error) => assert_eq!((size, error.code()), (5_000, Some(ErrorCode::MessageTooLarge))),
        }
    }
    assert_eq!(next, 45, "only the records that are too large are lost, and the order holds");

    let nowhere = producer.send(Record::new("orders").partition(9)).await.unwrap_err();
    assert!(matches!(nowhere, Error::NoSuchPartition { partition: 9, .. }));
    admin.delete_topic("orders").await.unwrap();
    assert!(admin.topics(false).await.unwrap().is_empty());
    drop(broker);
    let gone = admin.topics(false).await.unwrap_err();
    assert!(gone.is_retryable(), "{gone:?}");
}

#[tokio::test]
async fn a_killed_broker_costs_neither_records_nor_order() {
    let data = tempfile::tempdir().unwrap();
    let broker = Broker::start(data.path(), "127.0.0.1:0");
    let http = broker.http.clone();
    let client = Client::connect(&http).await.unwrap();
    client.admin().create_topic(NewTopic::new("kept").partitions(2)).await.unwrap();
    let mut reader = client.reader().topic("kept", Start::Beginning).build().await.unwrap();

    let producer = client.producer().max_batch_bytes(2_000).linger(Duration::from_millis(1)).build();
    let feed = tokio::spawn(async move {
        let mut tickets = Vec::new();
        for number in 0..3_000_u32 {
            let record = Record::new("kept").partition((number % 2) as i32).value(number.to_string());
            tickets.push((number, producer.enqueue(record).await.unwrap()));
            if number % 20 == 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        producer.flush().await.unwrap();
        let mut acks = Vec::new();
        for (number, ticket) in tickets {
            acks.push((number, ticket.await.unwrap()));
        }
        acks
    });
    let mut broker = broker;
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(400)).await;
        broker.kill();
        broker = Broker::start(data.path(), &http);
    }
    let acks = feed.await.unwrap();

    let mut seen: HashMap<i32, Vec<u32>> = HashMap::new();
    for _ in 0..acks.len() {
        let message = tokio::time::timeout(Duration::from_secs(20), reader.next()).await;
        let message = message.expect("every record comes").unwrap().unwrap();
        let number = std::str::from_utf8(message.value.as_deref().unwrap()).unwrap().parse().unwrap();
        let numbers = seen.entry(message.partition).or_default();
        assert_eq!(message.offset, numbers.len() as i64);
        numbers.push(number);
    }
    for partition in 0..2_u32 {
        let expected: Vec<u32> = (0..3_000).filter(|number| number % 2 == partition).collect();
        assert_eq!(seen[&(partition as i32)], expected, "each once, in order");
    }
    for (number, ack) in acks {
        if ack.offset >= 0 {
            assert_eq!(seen[&ack.partition][ack.offset as usize], number);
        }
    }
}

#[tokio::test]
async fn the_same_port_serves_health_and_metrics_to_plain_http() {
    let data = tempfile::tempdir().unwrap();
    let broker = Broker::start(data.path(), "127.0.0.1:0");
    let page = |path: &str| page(&broker, path);
    assert!(page("/livez").starts_with("HTTP/1.1 200"));
    let ready = page("/readyz");
    assert!(ready.starts_with("HTTP/1.1 200") && ready.contains("\"ready\":true"), "{ready}");
    assert!(page("/metrics").contains("\nthalweg_appends_total "));
    assert!(page("/nothing").starts_with("HTTP/1.1 404"));
}

/// A page over plain HTTP/1.1, with its status line.
fn page(broker: &Broker, path: &str) -> String {
    let mut stream = std::net::TcpStream::connect(&broker.http).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}
