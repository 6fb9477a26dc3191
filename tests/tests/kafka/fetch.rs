//! Long polls: woken once, by as many bytes as they want, over all their partitions.

use std::time::{Duration, Instant};

use thalweg_proto::api::ApiKey;
use thalweg_proto::messages::{delete_topics, fetch, metadata};
use thalweg_proto::wire::Text;

use crate::support::{Broker, Client, PATIENCE, batch, fetch_request, records};

const LONG: i32 = 20_000;

fn both_partitions(min_bytes: usize) -> fetch::Request {
    let mut request = fetch_request("orders", 0, 0);
    request.topics[0].partitions.push(fetch_request("orders", 1, 0).topics[0].partitions[0].clone());
    fetch::Request { min_bytes: i32::try_from(min_bytes).unwrap(), max_wait_ms: LONG, ..request }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn min_bytes_are_counted_over_all_partitions() {
    let broker = Broker::start().await;
    let (mut reader, mut writer) = (broker.client().await, broker.client().await);
    writer.create_topic("orders", 2, &[]).await;
    let one = batch(&["a"]).len();
    reader.send(ApiKey::Fetch, 12, &both_partitions(2 * one)).await;
    writer.produce("orders", 0, &["a"]).await;
    let early = tokio::time::timeout(
        Duration::from_millis(300),
        reader.receive::<fetch::Response>(ApiKey::Fetch, 12),
    );
    assert!(early.await.is_err(), "answered with less than min_bytes");

    let begun = Instant::now();
    writer.produce("orders", 1, &["b"]).await;
    let (_, response) = reader.receive::<fetch::Response>(ApiKey::Fetch, 12).await.unwrap();
    assert!(begun.elapsed() < PATIENCE / 3, "not woken by the second partition");
    let read: Vec<_> = response.responses[0].partitions.iter().map(records).collect();
    assert_eq!(read, [vec![(0, "a".to_owned())], vec![(0, "b".to_owned())]]);
    broker.server.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn aborted_transactions_are_told_with_what_was_read_and_nowhere_else() {
    let broker = Broker::start().await;
    let mut client = broker.client().await;
    client.create_topic("orders", 1, &[]).await;
    client.produce("orders", 0, &["a"]).await;
    let mut told = async |isolation_level: i8, offset: i64, last_fetched_epoch: i32| {
        let mut request = fetch::Request { isolation_level, ..fetch_request("orders", 0, offset) };
        request.topics[0].partitions[0].last_fetched_epoch = last_fetched_epoch;
        let response: fetch::Response = client.ask(ApiKey::Fetch, 12, &request).await;
        let answer = &response.responses[0].partitions[0];
        (answer.error_code, answer.diverging_epoch.epoch, answer.aborted_transactions.as_ref().map(Vec::len))
    };
    assert_eq!(told(0, 0, -1).await, (0, -1, None));
    assert_eq!(told(1, 0, -1).await, (0, -1, Some(0)));
    assert_eq!(told(1, 1, 0).await, (0, -1, Some(0)));
    assert_eq!(told(1, 9, 0).await, (0, 0, None), "a log that has diverged");
    assert_eq!(told(1, 9, -1).await, (1, -1, None), "an offset out of range");
    assert_eq!(told(0, 9, -1).await, (1, -1, None), "an offset out of range");
    broker.server.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_poll_ends_when_its_topic_is_deleted() {
    let broker = Broker::start().await;
    let (mut reader, mut admin) = (broker.client().await, broker.client().await);
    admin.create_topic("orders", 2, &[]).await;
    reader.send(ApiKey::Fetch, 12, &both_partitions(1)).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let request = delete_topics::Request {
        topic_names: vec![Text::from("orders")],
        timeout_ms: LONG,
        ..Default::default()
    };
    let begun = Instant::now();
    let _: delete_topics::Response = admin.ask(ApiKey::DeleteTopics, 5, &request).await;
    let (_, response) = reader.receive::<fetch::Response>(ApiKey::Fetch, 12).await.unwrap();
    assert!(begun.elapsed() < PATIENCE / 3);
    assert_eq!(response.responses[0].partitions[0].error_code, 3);
    broker.server.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_long_polls_are_all_woken_by_one_append() {
    let broker = Broker::start().await;
    let mut writer = broker.client().await;
    writer.create_topic("orders", 2, &[]).await;
    let mut readers = Vec::new();
    for _ in 0..50 {
        let mut reader = broker.client().await;
        reader.send(ApiKey::Fetch, 12, &both_partitions(1)).await;
        readers.push(reader);
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    let begun = Instant::now();
    writer.produce("orders", 1, &["x"]).await;
    for mut reader in readers {
        let (_, response) = reader.receive::<fetch::Response>(ApiKey::Fetch, 12).await.unwrap();
        assert_eq!(records(&response.responses[0].partitions[1]), [(0, "x".to_owned())]);
    }
    assert!(begun.elapsed() < PATIENCE / 3);
    broker.server.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_goes_away_ends_its_long_poll() {
    let broker = Broker::start().await;
    let mut writer = broker.client().await;
    writer.create_topic("orders", 2, &[]).await;
    let mut reader = broker.client().await;
    reader.send(ApiKey::Fetch, 12, &both_partitions(1)).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(broker.server.connections(), 2);
    drop(reader);
    let begun = Instant::now();
    while broker.server.connections() > 1 {
        assert!(begun.elapsed() < PATIENCE / 3, "the connection outlives its client");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    broker.server.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_stops_answers_its_long_polls() {
    let broker = Broker::start().await;
    let (mut reader, mut writer) = (broker.client().await, broker.client().await);
    writer.create_topic("orders", 2, &[]).await;
    reader.send(ApiKey::Fetch, 12, &both_partitions(1)).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let begun = Instant::now();
    broker.server.shutdown().await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(8), "the stop waited for a long poll");
    let (_, response) = reader.receive::<fetch::Response>(ApiKey::Fetch, 12).await.unwrap();
    assert_eq!(response.error_code, 0);
}

/// `localhost` is two addresses, and clients try either first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn localhost_is_served_in_both_its_forms_and_told_as_reached() {
    let world = thalweg_broker::world::real::world();
    let broker = Broker::with(&[("listeners", "PLAINTEXT://localhost:0")], world).await;
    let port = broker.address().port();
    let mut served = 0;
    for host in ["127.0.0.1", "::1"] {
        let address = std::net::SocketAddr::new(host.parse().unwrap(), port);
        // A machine may have no IPv6.
        if std::net::TcpListener::bind((host, 0)).is_err() {
            continue;
        }
        let mut client = Client::connect(address).await;
        let response: metadata::Response =
            client.ask(ApiKey::Metadata, 9, &metadata::Request::default()).await;
        assert_eq!((response.brokers[0].host.as_str(), response.brokers[0].port), (host, i32::from(port)));
        served += 1;
    }
    assert!(served > 0);
    broker.server.shutdown().await.unwrap();
}
