//! Offsets that a group commits: durable before they are acknowledged, in the order of the requests, and few syncs for many.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use thalweg_proto::api::ApiKey;
use thalweg_proto::messages::{find_coordinator, offset_commit, offset_fetch};
use thalweg_proto::wire::Text;

use crate::disk;
use crate::support::{Broker, Client};

const SYNC: Duration = Duration::from_millis(200);
const GROUP: Text = Text::from_static("group");
const TOPIC: Text = Text::from_static("orders");

async fn find_coordinator(client: &mut Client) {
    let request = find_coordinator::Request { key: GROUP, ..Default::default() };
    loop {
        let found: find_coordinator::Response = client.ask(ApiKey::FindCoordinator, 3, &request).await;
        if found.error_code == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn commit(offset: i64) -> offset_commit::Request {
    let partition =
        offset_commit::OffsetCommitRequestPartition { committed_offset: offset, ..Default::default() };
    let topic = offset_commit::OffsetCommitRequestTopic {
        name: TOPIC,
        partitions: vec![partition],
        ..Default::default()
    };
    offset_commit::Request { group_id: GROUP, topics: vec![topic], ..Default::default() }
}

fn committed() -> offset_fetch::Request {
    let topic = offset_fetch::OffsetFetchRequestTopics {
        name: TOPIC,
        partition_indexes: vec![0],
        ..Default::default()
    };
    let group = offset_fetch::OffsetFetchRequestGroup {
        group_id: GROUP,
        topics: Some(vec![topic]),
        ..Default::default()
    };
    offset_fetch::Request { groups: vec![group], ..Default::default() }
}

fn offset_of(response: &offset_fetch::Response) -> i64 {
    response.groups[0].topics[0].partitions[0].committed_offset
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commits_behind_each_other_share_syncs_and_keep_their_order() {
    let (world, syncs) = disk::world();
    let broker = Broker::with(&[], world).await;
    let (mut client, mut other) = (broker.client().await, broker.client().await);
    client.create_topic("orders", 1, &[]).await;
    find_coordinator(&mut client).await;
    client.ask::<offset_commit::Response>(ApiKey::OffsetCommit, 8, &commit(0)).await;
    syncs.slow_ms.store(SYNC.as_millis().try_into().unwrap(), Ordering::SeqCst);
    let (before, begun) = (syncs.count.load(Ordering::SeqCst), Instant::now());
    let mut sent = Vec::new();
    for offset in 1..=100 {
        sent.push(client.send(ApiKey::OffsetCommit, 8, &commit(offset)).await);
    }
    let fetch = client.send(ApiKey::OffsetFetch, 8, &committed()).await;
    for number in sent {
        let (answered, response) =
            client.receive::<offset_commit::Response>(ApiKey::OffsetCommit, 8).await.unwrap();
        assert_eq!((answered, response.topics[0].partitions[0].error_code), (number, 0));
        assert!(begun.elapsed() >= SYNC, "acknowledged before its sync");
    }
    let (answered, response) =
        client.receive::<offset_fetch::Response>(ApiKey::OffsetFetch, 8).await.unwrap();
    assert_eq!((answered, offset_of(&response)), (fetch, 100));
    let seen: offset_fetch::Response = other.ask(ApiKey::OffsetFetch, 8, &committed()).await;
    assert_eq!(offset_of(&seen), 100);
    // The first sync serves whatever came before it, the second the rest; a slow machine may need some more.
    let spent = syncs.count.load(Ordering::SeqCst) - before;
    assert!(spent <= 20, "{spent} syncs for 100 commits");
    broker.server.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_sees_a_commit_before_it_is_durable() {
    let (world, syncs) = disk::world();
    let broker = Broker::with(&[], world).await;
    let (mut client, mut other) = (broker.client().await, broker.client().await);
    client.create_topic("orders", 1, &[]).await;
    find_coordinator(&mut client).await;
    client.ask::<offset_commit::Response>(ApiKey::OffsetCommit, 8, &commit(1)).await;
    syncs.slow_ms.store(SYNC.as_millis().try_into().unwrap(), Ordering::SeqCst);
    let begun = Instant::now();
    client.send(ApiKey::OffsetCommit, 8, &commit(2)).await;
    loop {
        let seen: offset_fetch::Response = other.ask(ApiKey::OffsetFetch, 8, &committed()).await;
        if offset_of(&seen) == 2 {
            break;
        }
        assert_eq!(offset_of(&seen), 1);
    }
    assert!(begun.elapsed() >= SYNC, "seen before its sync");
    client.receive::<offset_commit::Response>(ApiKey::OffsetCommit, 8).await.unwrap();
    broker.server.shutdown().await.unwrap();
}
