//! Group commit: few syncs, nothing acknowledged or visible before its sync, nothing at all after a failed one.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use thalweg_proto::api::ApiKey;
use thalweg_proto::messages::{fetch, list_offsets, produce};
use thalweg_proto::wire::Text;

use crate::disk;
use crate::support::{Broker, Client, fetch_request, produce_request, records};

const SYNC_MS: u64 = 200;

async fn end_of(client: &mut Client, topic: &str) -> i64 {
    let partition = list_offsets::ListOffsetsPartition { timestamp: -1, ..Default::default() };
    let topics =
        vec![list_offsets::ListOffsetsTopic { name: Text::from(topic), partitions: vec![partition] }];
    let request = list_offsets::Request { replica_id: -1, topics, ..Default::default() };
    let response: list_offsets::Response = client.ask(ApiKey::ListOffsets, 7, &request).await;
    response.topics[0].partitions[0].offset
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_sync_serves_everybody_who_waits() {
    let (world, syncs) = disk::world();
    let broker = Broker::with(&[], world).await;
    let mut admin = broker.client().await;
    admin.create_topic("orders", 1, &[]).await;
    admin.produce("orders", 0, &["first"]).await;
    let mut writers = Vec::new();
    for _ in 0..40 {
        writers.push(broker.client().await);
    }
    syncs.slow_ms.store(SYNC_MS, Ordering::SeqCst);
    let before = syncs.count.load(Ordering::SeqCst);
    for writer in &mut writers {
        for _ in 0..5 {
            writer.send(ApiKey::Produce, 9, &produce_request("orders", 0, &["x"])).await;
        }
    }
    for writer in &mut writers {
        for _ in 0..5 {
            let (_, response) = writer.receive::<produce::Response>(ApiKey::Produce, 9).await.unwrap();
            assert_eq!(response.responses[0].partition_responses[0].error_code, 0);
        }
    }
    let spent = syncs.count.load(Ordering::SeqCst) - before;
    // 200 appends come while the first sync runs, or while the second does on a slow machine.
    assert!(spent <= 20, "{spent} syncs for 200 appends");
    assert_eq!(end_of(&mut admin, "orders").await, 201);
    broker.server.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_sees_records_before_they_are_durable() {
    let (world, syncs) = disk::world();
    let broker = Broker::with(&[], world).await;
    let (mut writer, mut reader) = (broker.client().await, broker.client().await);
    writer.create_topic("orders", 1, &[]).await;
    writer.produce("orders", 0, &["old"]).await;
    syncs.slow_ms.store(3 * SYNC_MS, Ordering::SeqCst);
    let begun = Instant::now();
    writer.send(ApiKey::Produce, 9, &produce_request("orders", 0, &["new"])).await;
    let mut looks = 0;
    while begun.elapsed() < Duration::from_millis(2 * SYNC_MS) {
        assert_eq!(end_of(&mut reader, "orders").await, 1);
        let response = reader.fetch(&fetch_request("orders", 0, 1)).await;
        assert!(records(&response.responses[0].partitions[0]).is_empty(), "read before its sync");
        looks += 1;
    }
    assert!(looks > 0);
    // A long poll sleeps through the sync and is woken by its end.
    let wait = fetch::Request { min_bytes: 1, max_wait_ms: 20_000, ..fetch_request("orders", 0, 1) };
    let response = reader.fetch(&wait).await;
    assert_eq!(records(&response.responses[0].partitions[0]), [(1, "new".to_owned())]);
    assert!(begun.elapsed() >= Duration::from_millis(3 * SYNC_MS));
    writer.receive::<produce::Response>(ApiKey::Produce, 9).await.unwrap();
    broker.server.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_syncs_nobody_waits_for_the_disk() {
    let (world, syncs) = disk::world();
    let broker = Broker::with(&[], world).await;
    let mut writer = broker.client().await;
    writer.create_topic("orders", 1, &[("flush.mode", "os")]).await;
    let before = syncs.count.load(Ordering::SeqCst);
    for round in 0..50 {
        assert_eq!(writer.produce("orders", 0, &["x"]).await, round);
    }
    assert_eq!(syncs.count.load(Ordering::SeqCst), before);
    assert_eq!(writer.read_all("orders", 0).await.len(), 50);
    broker.server.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_by_interval_comes_by_itself() {
    let (world, syncs) = disk::world();
    let broker = Broker::with(&[], world).await;
    let mut writer = broker.client().await;
    writer.create_topic("orders", 1, &[("flush.mode", "interval"), ("flush.interval.ms", "50")]).await;
    let before = syncs.count.load(Ordering::SeqCst);
    writer.produce("orders", 0, &["x"]).await;
    let begun = Instant::now();
    while syncs.count.load(Ordering::SeqCst) == before {
        assert!(begun.elapsed() < Duration::from_secs(10), "never synced");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    broker.server.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_failed_sync_nothing_is_acknowledged_any_more() {
    let (world, syncs) = disk::world();
    let broker = Broker::with(&[], world).await;
    let mut writer = broker.client().await;
    writer.create_topic("orders", 1, &[]).await;
    writer.create_topic("clicks", 1, &[]).await;
    writer.produce("orders", 0, &["kept"]).await;
    syncs.fail.store(true, Ordering::SeqCst);
    let request = produce_request("orders", 0, &["lost"]);
    let failed: produce::Response = writer.ask(ApiKey::Produce, 9, &request).await;
    assert_eq!(failed.responses[0].partition_responses[0].error_code, 56);
    // The disk works again, but what it holds is unknown: the partition stays offline, the others go on.
    syncs.fail.store(false, Ordering::SeqCst);
    let failed: produce::Response = writer.ask(ApiKey::Produce, 9, &request).await;
    assert_eq!(failed.responses[0].partition_responses[0].error_code, 56);
    assert_eq!(writer.produce("clicks", 0, &["fine"]).await, 0);
    assert_eq!(writer.read_all("orders", 0).await, [(0, "kept".to_owned())]);
    assert!(broker.server.shutdown().await.is_err(), "a failed partition cannot be closed cleanly");
}
