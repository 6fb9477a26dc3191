//! Groups of both protocols whose broker is killed under them: they go on where they were, without a rebalance.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use rustix::process::Signal;
use thalweg_proto::api::ApiKey;
use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::{
    consumer_group_heartbeat, heartbeat, join_group, offset_commit, offset_fetch, sync_group,
};

use crate::crash::Process;
use crate::support::Client;

const MEMBERS: usize = 3;

/// A member as its group knows it.
#[derive(Clone)]
struct Member {
    group: &'static str,
    id: String,
    generation_or_epoch: i32,
    partition: i32,
}

/// Brings members into a classic group; the rebalance ends when all have asked.
async fn join(address: SocketAddr) -> Vec<Member> {
    let mut joining = Vec::new();
    for _ in 0..MEMBERS {
        let mut client = Client::connect(address).await;
        joining.push(tokio::spawn(async move {
            let request = join_group::Request {
                group_id: "classic".into(),
                session_timeout_ms: 30_000,
                rebalance_timeout_ms: 30_000,
                protocol_type: "consumer".into(),
                protocols: vec![join_group::JoinGroupRequestProtocol {
                    name: "range".into(),
                    metadata: Bytes::from_static(b"m"),
                }],
                ..Default::default()
            };
            let joined: join_group::Response = client.ask(ApiKey::JoinGroup, 3, &request).await;
            assert_eq!(joined.error_code, 0, "{joined:?}");
            if joined.leader == joined.member_id {
                assert_eq!(joined.members.len(), MEMBERS);
            }
            let sync = sync_group::Request {
                group_id: "classic".into(),
                generation_id: joined.generation_id,
                member_id: joined.member_id.clone(),
                ..Default::default()
            };
            let synced: sync_group::Response = client.ask(ApiKey::SyncGroup, 3, &sync).await;
            assert_eq!(synced.error_code, 0, "{synced:?}");
            (joined.member_id.as_str().to_owned(), joined.generation_id)
        }));
    }
    let mut members = Vec::new();
    for (partition, joining) in (0..).zip(joining) {
        let (id, generation) = joining.await.unwrap();
        members.push(Member { group: "classic", id, generation_or_epoch: generation, partition });
    }
    members
}

/// A member of a consumer group.
async fn enter(client: &mut Client) -> Member {
    let request = consumer_group_heartbeat::Request {
        group_id: "consumer".into(),
        member_id: "one".into(),
        rebalance_timeout_ms: 30_000,
        subscribed_topic_names: Some(vec!["orders".into()]),
        topic_partitions: Some(Vec::new()),
        ..Default::default()
    };
    let answer: consumer_group_heartbeat::Response =
        client.ask(ApiKey::ConsumerGroupHeartbeat, 1, &request).await;
    assert_eq!(answer.error_code, 0, "{answer:?}");
    let generation_or_epoch = answer.member_epoch;
    Member { group: "consumer", id: "one".into(), generation_or_epoch, partition: 0 }
}

async fn commit(client: &mut Client, member: &Member, offset: i64) -> Option<i16> {
    let partition = offset_commit::OffsetCommitRequestPartition {
        partition_index: member.partition,
        committed_offset: offset,
        ..Default::default()
    };
    let topic = offset_commit::OffsetCommitRequestTopic {
        name: "orders".into(),
        partitions: vec![partition],
        ..Default::default()
    };
    let request = offset_commit::Request {
        group_id: member.group.into(),
        generation_id_or_member_epoch: member.generation_or_epoch,
        member_id: member.id.as_str().into(),
        topics: vec![topic],
        ..Default::default()
    };
    client.try_send(ApiKey::OffsetCommit, 9, &request).await?;
    let (_, answer) = client.receive::<offset_commit::Response>(ApiKey::OffsetCommit, 9).await?;
    Some(answer.topics[0].partitions[0].error_code)
}

/// Commits until the connection ends; the last offset that was acknowledged.
async fn load(address: SocketAddr, member: Member) -> i64 {
    let mut client = Client::connect(address).await;
    let mut acknowledged = 0;
    while let Some(code) = commit(&mut client, &member, acknowledged + 1).await {
        assert_eq!(code, 0);
        acknowledged += 1;
    }
    acknowledged
}

/// What a group has committed; asks again while its shard is being loaded.
async fn committed(client: &mut Client, member: &Member) -> i64 {
    let topic = offset_fetch::OffsetFetchRequestTopics {
        name: "orders".into(),
        partition_indexes: vec![member.partition],
        ..Default::default()
    };
    let group = offset_fetch::OffsetFetchRequestGroup {
        group_id: member.group.into(),
        topics: Some(vec![topic]),
        ..Default::default()
    };
    let request = offset_fetch::Request { groups: vec![group], ..Default::default() };
    loop {
        let answer: offset_fetch::Response = client.ask(ApiKey::OffsetFetch, 8, &request).await;
        if answer.groups[0].error_code != ErrorCode::CoordinatorLoadInProgress.code() {
            assert_eq!(answer.groups[0].error_code, 0, "{answer:?}");
            return answer.groups[0].topics[0].partitions[0].committed_offset;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Whether the group still knows the member as it was.
async fn beat(client: &mut Client, member: &Member) -> i16 {
    if member.group == "classic" {
        let request = heartbeat::Request {
            group_id: member.group.into(),
            generation_id: member.generation_or_epoch,
            member_id: member.id.as_str().into(),
            ..Default::default()
        };
        let answer: heartbeat::Response = client.ask(ApiKey::Heartbeat, 3, &request).await;
        return answer.error_code;
    }
    let request = consumer_group_heartbeat::Request {
        group_id: member.group.into(),
        member_id: member.id.as_str().into(),
        member_epoch: member.generation_or_epoch,
        ..Default::default()
    };
    let answer: consumer_group_heartbeat::Response =
        client.ask(ApiKey::ConsumerGroupHeartbeat, 1, &request).await;
    assert_eq!(answer.member_epoch, member.generation_or_epoch, "{answer:?}");
    answer.error_code
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn groups_of_a_killed_broker_go_on_where_they_were() {
    let data = tempfile::tempdir().unwrap();
    let process = Process::start(data.path());
    let mut client = Client::connect(process.address).await;
    client.create_topic("orders", 4, &[]).await;
    client.find_coordinator("classic").await;
    let mut members = join(process.address).await;
    members.push(enter(&mut client).await);
    let loads: Vec<_> =
        members.iter().map(|member| tokio::spawn(load(process.address, member.clone()))).collect();
    tokio::time::sleep(Duration::from_millis(700)).await;
    process.signal(Signal::KILL);
    let mut acknowledged = Vec::new();
    for load in loads {
        acknowledged.push(load.await.unwrap());
    }
    drop(process);
    assert!(acknowledged.iter().all(|offset| *offset > 0), "{acknowledged:?}");

    let again = Process::start(data.path());
    let mut client = Client::connect(again.address).await;
    for (member, acknowledged) in members.iter().zip(acknowledged) {
        let found = committed(&mut client, member).await;
        // The one that was under way may have been stored.
        assert!((acknowledged..=acknowledged + 1).contains(&found), "{found}, {acknowledged} acknowledged");
        assert_eq!(beat(&mut client, member).await, 0, "no rebalance");
        assert_eq!(commit(&mut client, member, found + 1).await, Some(0));
        assert_eq!(committed(&mut client, member).await, found + 1);
    }
}
