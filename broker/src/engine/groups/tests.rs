//! The host over the simulated machine: power cuts, full disks, damage, time.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use thalweg_config::{BrokerSettings, Loader, Origin};
use thalweg_proto::error::ErrorCode;
use thalweg_proto::record::build::BatchBuilder;
use thalweg_proto::record::compress::Compression;

use super::{FetchOffsets, LOG_TOPIC};
use crate::coordinator::group::offsets::FetchTopic;
use crate::coordinator::group::{shard_of, testing};
use crate::coordinator::metadata::{NewTopic, TopicKey};
use crate::engine::{Engine, Isolation, OpenError};
use crate::log;
use crate::world::Random;
use crate::world::sim::Sim;

const SHARDS: i32 = 3;

fn settings(flush_mode: &str) -> Arc<BrokerSettings> {
    let mut loader = Loader::new();
    for (name, value) in [
        ("log.dirs", "/data"),
        ("offsets.topic.num.partitions", "3"),
        ("offsets.topic.segment.bytes", "1048576"),
        ("group.initial.rebalance.delay.ms", "0"),
        ("flush.mode", flush_mode),
    ] {
        loader.set(name, value, Origin::Flag("test".into())).unwrap();
    }
    Arc::new(loader.finish().unwrap())
}

async fn open(sim: &Sim) -> Result<Arc<Engine>, OpenError> {
    open_with(sim, "sync").await
}

async fn open_with(sim: &Sim, flush_mode: &str) -> Result<Arc<Engine>, OpenError> {
    let mut engine = Engine::open(settings(flush_mode), sim.world()).await;
    // A task of the engine that was closed just now may have it in hand for a moment still.
    for _ in 0..1_000 {
        let Err(OpenError::DataDirectory(log::LogError::Locked(_))) = &engine else { break };
        tokio::time::sleep(Duration::from_millis(10)).await;
        engine = Engine::open(settings(flush_mode), sim.world()).await;
    }
    let engine = engine?;
    while engine.groups.all().iter().any(|host| host.is_loading()) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(engine)
}

/// An engine that has a topic, and the groups' log.
async fn fresh(sim: &Sim) -> Arc<Engine> {
    let engine = open(sim).await.unwrap();
    make_topic(&engine).await;
    engine.find_group_coordinator("g").await.unwrap();
    engine
}

async fn make_topic(engine: &Engine) {
    let topic =
        NewTopic { name: "orders".into(), partitions: 1, replication_factor: 1, ..NewTopic::default() };
    engine.create_topics(vec![topic], false).await.remove(0).unwrap();
}

async fn commit(engine: &Engine, group: &str, offset: i64) -> ErrorCode {
    let id = engine.topics.by_name("orders").unwrap().topic.id;
    let commit = testing::commit(group, "orders", id, 0, offset);
    engine.commit_offsets(commit).await.remove(0)
}

/// The offset that a group has committed; -1 if none.
async fn committed(engine: &Engine, group: &str) -> Result<i64, ErrorCode> {
    let topic = FetchTopic { topic: "orders".into(), topic_id: uuid::Uuid::nil(), partitions: vec![0] };
    let fetch = FetchOffsets {
        group: group.into(),
        member: None,
        member_epoch: -1,
        topics: Some(vec![topic]),
        require_stable: false,
    };
    Ok(engine.fetch_offsets(&fetch).await?.remove(0).1.remove(0).offset)
}

/// Commits until the power goes; per group what was acknowledged and what was tried last.
async fn work(sim: &Sim, engine: &Engine, acknowledged: &mut [i64], tried: &mut [i64]) {
    for _ in 0..80 {
        let group = usize::try_from(sim.random.below(acknowledged.len() as u64)).unwrap();
        tried[group] += 1;
        match commit(engine, &format!("g{group}"), tried[group]).await {
            ErrorCode::None => acknowledged[group] = tried[group],
            _ => return,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_power_cut_takes_back_no_acknowledged_offset() {
    let mut cuts = 0;
    for seed in 0..12 {
        let sim = Sim::new(seed);
        let mut engine = fresh(&sim).await;
        let (mut acknowledged, mut tried) = (vec![-1; 7], vec![-1; 7]);
        for _ in 0..4 {
            sim.disk.crash_after(30 + sim.random.below(400));
            work(&sim, &engine, &mut acknowledged, &mut tried).await;
            engine.end_long_polls();
            drop(engine);
            sim.disk.crash();
            engine = open(&sim).await.unwrap();
            for group in 0..acknowledged.len() {
                let found = committed(&engine, &format!("g{group}")).await.unwrap();
                let (least, most) = (acknowledged[group], tried[group]);
                assert!((least..=most).contains(&found), "seed {seed}: {found} is not in {least}..={most}");
                cuts += i32::from(found > least);
                // What somebody has been told now must survive the next cut.
                (acknowledged[group], tried[group]) = (found, found);
            }
        }
    }
    println!("{cuts} offsets had been stored and not acknowledged");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_commits_and_changes_nothing() {
    let sim = Sim::new(1);
    let engine = fresh(&sim).await;
    assert_eq!(commit(&engine, "g", 5).await, ErrorCode::None);
    sim.disk.set_capacity(sim.disk.used());
    let mut offset = 5;
    let refused = loop {
        match commit(&engine, "g", offset + 1).await {
            ErrorCode::None => offset += 1,
            error => break error,
        }
    };
    assert_eq!(refused, ErrorCode::CoordinatorNotAvailable);
    assert_eq!(committed(&engine, "g").await, Ok(offset));
    // One who joins is told, and nothing is left of him.
    let joined = engine.join_group(testing::join("h", "", Bytes::new())).await;
    let error = joined.error;
    assert!(matches!(error, ErrorCode::None | ErrorCode::CoordinatorNotAvailable), "{error:?}");
    sim.disk.set_capacity(u64::MAX);
    assert_eq!(commit(&engine, "g", 1000).await, ErrorCode::None);
    assert_eq!(committed(&engine, "g").await, Ok(1000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_sync_takes_a_shard_out_of_service_and_no_other() {
    let sim = Sim::new(2);
    let engine = fresh(&sim).await;
    assert_eq!(commit(&engine, "g", 1).await, ErrorCode::None);
    sim.disk.fail_syncs(true);
    assert_eq!(commit(&engine, "g", 2).await, ErrorCode::NotCoordinator);
    sim.disk.fail_syncs(false);
    assert_eq!(committed(&engine, "g").await, Err(ErrorCode::NotCoordinator));
    assert_eq!(engine.find_group_coordinator("g").await, Err(ErrorCode::CoordinatorNotAvailable));
    let elsewhere =
        (0..).map(|n| format!("h{n}")).find(|name| shard_of(name, SHARDS) != shard_of("g", SHARDS));
    assert_eq!(commit(&engine, &elsewhere.unwrap(), 3).await, ErrorCode::None);
    // After a start it is what the disk says.
    drop(engine);
    sim.disk.crash();
    let engine = open(&sim).await.unwrap();
    assert!([1, 2].contains(&committed(&engine, "g").await.unwrap()));
}

/// The control: where nothing waits for the disk, a power cut must take something back, or the disk above proves nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_synced_can_be_lost() {
    let mut lost = 0;
    for seed in 0..10 {
        let sim = Sim::new(seed);
        let engine = open_with(&sim, "os").await.unwrap();
        make_topic(&engine).await;
        engine.find_group_coordinator("g").await.unwrap();
        for offset in 0..20 {
            assert_eq!(commit(&engine, "g", offset).await, ErrorCode::None);
        }
        drop(engine);
        sim.disk.crash();
        let engine = open_with(&sim, "os").await.unwrap();
        lost += i32::from(committed(&engine, "g").await.unwrap_or(-1) < 19);
    }
    assert!(lost > 5, "{lost}");
}

/// Writes a record into a group's partition past the machine.
fn smuggle(engine: &Engine, group: &str, key: Option<&[u8]>, value: Option<&[u8]>) {
    let handle = engine.topics.by_name(LOG_TOPIC).unwrap();
    let served = handle.partition(shard_of(group, SHARDS)).unwrap();
    let mut batch = BatchBuilder::new(Compression::None);
    batch.append(0, key, value, []).unwrap();
    served.log.append(batch.build().unwrap(), log::Origin::Internal, 0).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kinds_from_the_future_are_passed_over_and_damage_is_not() {
    let sim = Sim::new(3);
    let engine = fresh(&sim).await;
    assert_eq!(commit(&engine, "g", 1).await, ErrorCode::None);
    smuggle(&engine, "g", Some(&[0, 99, 1, 2, 3]), Some(&[0, 0]));
    assert_eq!(commit(&engine, "g", 2).await, ErrorCode::None);
    engine.close().await.unwrap();
    drop(engine);
    let engine = open(&sim).await.unwrap();
    assert_eq!(committed(&engine, "g").await, Ok(2));

    // An offset commit whose value ends in the middle.
    smuggle(&engine, "g", Some(&[0, 1, 0, 1, b'g', 0, 1, b't', 0, 0, 0, 0]), Some(&[0, 3, 0]));
    engine.close().await.unwrap();
    drop(engine);
    let engine = open(&sim).await.unwrap();
    assert_eq!(committed(&engine, "g").await, Err(ErrorCode::NotCoordinator));
    let served = engine.topics.by_name(LOG_TOPIC).unwrap();
    let log = &served.partition(shard_of("g", SHARDS)).unwrap().log;
    let read = log.read(0, 1 << 20, true, Isolation::ReadUncommitted).unwrap();
    assert!(read.bytes > 0, "the records are still there to be looked at");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_topic_takes_its_offsets_along() {
    let sim = Sim::new(4);
    let engine = fresh(&sim).await;
    assert_eq!(commit(&engine, "g", 7).await, ErrorCode::None);
    engine.delete_topics(vec![TopicKey::Name("orders".into())]).await.remove(0).unwrap();
    assert_eq!(committed(&engine, "g").await, Ok(-1));
    make_topic(&engine).await;
    assert_eq!(committed(&engine, "g").await, Ok(-1));
    engine.close().await.unwrap();
    drop(engine);
    let engine = open(&sim).await.unwrap();
    assert_eq!(committed(&engine, "g").await, Ok(-1));
}

/// Lets virtual time pass until something has happened.
async fn pass_until(sim: &Sim, mut happened: impl AsyncFnMut() -> bool) -> Duration {
    let mut passed = Duration::ZERO;
    while !happened().await {
        assert!(passed < Duration::from_secs(3_600), "it never happens");
        sim.clock.advance(Duration::from_millis(500));
        passed += Duration::from_millis(500);
        // The others are real threads.
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    passed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_end_by_the_clock_and_begin_anew_with_a_start() {
    let sim = Sim::new(5);
    let engine = fresh(&sim).await;
    let joining = tokio::spawn({
        let engine = engine.clone();
        async move { engine.join_group(testing::join("g", "", Bytes::new())).await }
    });
    pass_until(&sim, async || joining.is_finished()).await;
    let joined = joining.await.unwrap();
    assert_eq!(joined.error, ErrorCode::None);
    let sync = super::Sync {
        group: "g".into(),
        generation: joined.generation,
        member: joined.member.clone(),
        instance: None,
        protocol_type: None,
        protocol: None,
        assignments: vec![(joined.member.clone(), Bytes::from_static(b"all"))],
    };
    assert_eq!(engine.sync_group(sync).await.error, ErrorCode::None);
    sim.clock.advance(Duration::from_secs(6));
    engine.close().await.unwrap();
    drop(engine);

    let engine = open(&sim).await.unwrap();
    let beat = || super::Heartbeat {
        group: "g".into(),
        generation: joined.generation,
        member: joined.member.clone(),
        instance: None,
    };
    sim.clock.advance(Duration::from_secs(6));
    assert_eq!(engine.group_heartbeat(beat()).await, ErrorCode::None, "the session began with the start");
    let gone = async || engine.describe_group("g").await.is_ok_and(|group| group.members.is_empty());
    let silence = pass_until(&sim, gone).await;
    assert!((9..=12).contains(&silence.as_secs()), "{silence:?}");
    assert_eq!(engine.group_heartbeat(beat()).await, ErrorCode::UnknownMemberId);
}
