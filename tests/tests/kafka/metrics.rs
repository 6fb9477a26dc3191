//! What the page of counters says of groups, while members of both protocols do what it counts.

use std::io::{Read, Write};

use bytes::Bytes;
use thalweg_broker::world::real;
use thalweg_proto::api::ApiKey;
use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::{consumer_group_heartbeat, heartbeat, join_group, offset_commit, sync_group};

use crate::support::{Broker, Client, PATIENCE};

/// The lines of the page about a metric, by what stands behind its name.
async fn metric(broker: &Broker, name: &str) -> Vec<(String, u64)> {
    let (http, name) = (broker.server.http, name.to_owned());
    let read = move || {
        let mut stream = std::net::TcpStream::connect(http).unwrap();
        write!(stream, "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut page = String::new();
        stream.read_to_string(&mut page).unwrap();
        let lines = page.lines().filter_map(|line| {
            let (labels, value) = line.strip_prefix(&name)?.rsplit_once(' ')?;
            Some((labels.to_owned(), value.parse().unwrap()))
        });
        lines.collect()
    };
    tokio::task::spawn_blocking(read).await.unwrap()
}

/// One number of the page, which must be on it once.
async fn number(broker: &Broker, line: &str) -> u64 {
    match metric(broker, line).await.as_slice() {
        [(rest, number)] if rest.is_empty() => *number,
        other => panic!("{line}: {other:?}"),
    }
}

async fn rebalances(broker: &Broker) -> [u64; 2] {
    [
        number(broker, "thalweg_group_rebalances_total{type=\"classic\"}").await,
        number(broker, "thalweg_group_rebalances_total{type=\"consumer\"}").await,
    ]
}

async fn groups(broker: &Broker) -> Vec<(String, u64)> {
    metric(broker, "thalweg_groups").await
}

fn to_join(group: &str, member: &str, session_timeout_ms: i32) -> join_group::Request {
    join_group::Request {
        group_id: group.into(),
        member_id: member.into(),
        session_timeout_ms,
        rebalance_timeout_ms: 60_000,
        protocol_type: "consumer".into(),
        protocols: vec![join_group::JoinGroupRequestProtocol {
            name: "range".into(),
            metadata: Bytes::from_static(b"m"),
        }],
        ..Default::default()
    }
}

async fn joined(client: &mut Client) -> join_group::Response {
    let (_, joined) = client.receive::<join_group::Response>(ApiKey::JoinGroup, 3).await.unwrap();
    assert_eq!(joined.error_code, 0, "{joined:?}");
    joined
}

async fn sync(client: &mut Client, joined: &join_group::Response) {
    let request = sync_group::Request {
        group_id: "classic".into(),
        generation_id: joined.generation_id,
        member_id: joined.member_id.clone(),
        ..Default::default()
    };
    let synced: sync_group::Response = client.ask(ApiKey::SyncGroup, 3, &request).await;
    assert_eq!(synced.error_code, 0, "{synced:?}");
}

async fn beat(client: &mut Client, joined: &join_group::Response) -> i16 {
    let request = heartbeat::Request {
        group_id: "classic".into(),
        generation_id: joined.generation_id,
        member_id: joined.member_id.clone(),
        ..Default::default()
    };
    client.ask::<heartbeat::Response>(ApiKey::Heartbeat, 3, &request).await.error_code
}

/// Two members of a classic group, one after the other: two rebalances.
async fn classic(broker: &Broker) {
    let (mut one, mut two) = (broker.client().await, broker.client().await);
    one.send(ApiKey::JoinGroup, 3, &to_join("classic", "", 60_000)).await;
    let first = joined(&mut one).await;
    assert_eq!(rebalances(broker).await, [0, 0], "the leader has not assigned yet");
    sync(&mut one, &first).await;
    assert_eq!(rebalances(broker).await, [1, 0]);

    two.send(ApiKey::JoinGroup, 3, &to_join("classic", "", 60_000)).await;
    while beat(&mut one, &first).await != ErrorCode::RebalanceInProgress.code() {
        tokio::task::yield_now().await;
    }
    assert_eq!(groups(broker).await, [("{type=\"classic\",state=\"PreparingRebalance\"}".to_owned(), 1)]);
    one.send(ApiKey::JoinGroup, 3, &to_join("classic", &first.member_id, 60_000)).await;
    let (first, second) = (joined(&mut one).await, joined(&mut two).await);
    assert_eq!((first.generation_id, second.generation_id), (2, 2));
    assert_eq!(rebalances(broker).await, [1, 0]);
    let (mut leader, leading, mut other, following) = match first.leader == first.member_id {
        true => (one, first, two, second),
        false => (two, second, one, first),
    };
    sync(&mut leader, &leading).await;
    sync(&mut other, &following).await;
    for _ in 0..3 {
        assert_eq!(beat(&mut leader, &leading).await, 0);
        assert_eq!(beat(&mut other, &following).await, 0);
    }
    assert_eq!(rebalances(broker).await, [2, 0]);
    assert_eq!(groups(broker).await, [("{type=\"classic\",state=\"Stable\"}".to_owned(), 1)]);
    assert_eq!(number(broker, "thalweg_group_members{group=\"classic\"}").await, 2);
}

/// One member of a consumer group, which stays: one rebalance.
async fn consumer(broker: &Broker) {
    let mut client = broker.client().await;
    let joining = consumer_group_heartbeat::Request {
        group_id: "consumer".into(),
        member_id: "one".into(),
        rebalance_timeout_ms: 30_000,
        subscribed_topic_names: Some(vec!["orders".into()]),
        topic_partitions: Some(Vec::new()),
        ..Default::default()
    };
    let mut answer: consumer_group_heartbeat::Response =
        client.ask(ApiKey::ConsumerGroupHeartbeat, 1, &joining).await;
    for _ in 0..3 {
        assert_eq!(answer.error_code, 0, "{answer:?}");
        let staying = consumer_group_heartbeat::Request {
            group_id: "consumer".into(),
            member_id: "one".into(),
            member_epoch: answer.member_epoch,
            ..Default::default()
        };
        answer = client.ask(ApiKey::ConsumerGroupHeartbeat, 1, &staying).await;
    }
    assert_eq!(rebalances(broker).await, [2, 1]);
    assert_eq!(number(broker, "thalweg_group_members{group=\"consumer\"}").await, 1);
    assert_eq!(number(broker, "thalweg_groups{type=\"consumer\",state=\"Stable\"}").await, 1);
}

/// A consumer that is no member commits two offsets, to a group with a name of which nothing may be believed.
async fn commit(client: &mut Client) {
    let partition = |index| offset_commit::OffsetCommitRequestPartition {
        partition_index: index,
        committed_offset: 7,
        ..Default::default()
    };
    let topic = offset_commit::OffsetCommitRequestTopic {
        name: "orders".into(),
        partitions: vec![partition(0), partition(1)],
        ..Default::default()
    };
    let request = offset_commit::Request {
        group_id: "a\"} 7\n\\".into(),
        generation_id_or_member_epoch: -1,
        topics: vec![topic],
        ..Default::default()
    };
    let answer: offset_commit::Response = client.ask(ApiKey::OffsetCommit, 9, &request).await;
    assert!(answer.topics[0].partitions.iter().all(|partition| partition.error_code == 0), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_of_counters_tells_what_groups_do() {
    let settings = [
        ("offsets.topic.num.partitions", "3"),
        ("group.initial.rebalance.delay.ms", "0"),
        ("group.min.session.timeout.ms", "1"),
        ("flush.mode", "os"),
    ];
    let broker = Broker::with(&settings, real::world()).await;
    let mut client = broker.client().await;
    client.create_topic("orders", 4, &[]).await;
    client.find_coordinator("classic").await;
    classic(&broker).await;
    consumer(&broker).await;

    commit(&mut client).await;
    assert_eq!(number(&broker, "thalweg_group_offsets_committed_total").await, 2);
    assert_eq!(number(&broker, r#"thalweg_group_members{group="a\"} 7\n\\"}"#).await, 0);

    // A member that is never heard of again.
    let expired = |kind, timeout| {
        let line = format!("thalweg_group_members_expired_total{{type=\"{kind}\",timeout=\"{timeout}\"}}");
        let broker = &broker;
        async move { number(broker, &line).await }
    };
    assert_eq!(expired("classic", "session").await, 0);
    client.send(ApiKey::JoinGroup, 3, &to_join("silent", "", 50)).await;
    joined(&mut client).await;
    let begun = tokio::time::Instant::now();
    while number(&broker, "thalweg_group_members{group=\"silent\"}").await > 0 {
        assert!(begun.elapsed() < PATIENCE, "its session does not end");
    }
    assert_eq!(expired("classic", "session").await, 1);
    for (kind, timeout) in [("classic", "rebalance"), ("consumer", "session"), ("consumer", "rebalance")] {
        assert_eq!(expired(kind, timeout).await, 0, "{kind} {timeout}");
    }
    assert_eq!(rebalances(&broker).await, [2, 1]);
    assert_eq!(number(&broker, "thalweg_group_offsets_expired_total").await, 0);
}
