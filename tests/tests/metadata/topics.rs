//! Topics, many and at once.

use std::time::{Duration, Instant};

use thalweg_broker::coordinator::metadata::TopicKey;
use thalweg_broker::engine::MorePartitions;
use thalweg_broker::world::real;
use thalweg_broker::world::sim::Sim;
use thalweg_proto::error::ErrorCode;

use crate::support::{create, open, served, topic};

/// Memory of this process, in KiB.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_creators_of_one_name_exactly_one_wins() {
    let sim = Sim::new(1);
    let engine = open(sim.world(), "/data".as_ref()).await.unwrap();
    for round in 0..20 {
        let name = format!("orders-{round}");
        let creators = (0..16).map(|_| {
            let (engine, name) = (engine.clone(), name.clone());
            tokio::spawn(async move { create(&engine, &name, 2).await })
        });
        let mut winners = Vec::new();
        for creator in creators.collect::<Vec<_>>() {
            match creator.await.unwrap() {
                Ok(topic) => winners.push(topic),
                Err(refusal) => assert_eq!(refusal.code, ErrorCode::TopicAlreadyExists),
            }
        }
        assert_eq!(winners.len(), 1);
        let handle = engine.topics.by_name(&name).expect("served as soon as it is answered");
        assert_eq!(handle.topic.id, winners[0].id);
    }
}

#[tokio::test]
async fn a_topic_made_again_is_another() {
    let sim = Sim::new(2);
    let engine = open(sim.world(), "/data".as_ref()).await.unwrap();
    let first = create(&engine, "orders", 3).await.unwrap();
    let deleted = engine.delete_topics(vec![TopicKey::Id(first.id)]).await.remove(0).unwrap();
    assert_eq!(deleted.id, first.id);
    assert!(engine.topics.by_name("orders").is_none() && engine.topics.by_id(&first.id).is_none());
    let second = create(&engine, "orders", 1).await.unwrap();
    assert_ne!(first.id, second.id);
    let handle = engine.topics.by_id(&second.id).unwrap();
    assert_eq!((handle.partitions.len(), handle.leader_epoch(0)), (1, 0));
    engine.close().await.unwrap();
    sim.disk.kill();
    let again = open(sim.world(), "/data".as_ref()).await.unwrap();
    assert_eq!(again.topics.by_name("orders").unwrap().topic.id, second.id);
    assert_eq!(again.topics.all().len(), 1);
}

#[tokio::test]
async fn ten_thousand_topics_cost_little() {
    const TOPICS: usize = 10_000;
    // In memory, where there is such a place: the bounds are about the broker, and a disk takes a minute to forget so many files.
    let dir = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let (memory, files) = (resident_kib(), open_files());
    let began = Instant::now();
    let engine = open(real::world(), dir.path()).await.unwrap();
    for batch in 0..TOPICS / 1000 {
        let topics = (0..1000).map(|index| topic(&format!("topic-{batch}-{index}"), 1)).collect();
        let outcomes = engine.create_topics(topics, false).await;
        assert!(outcomes.iter().all(Result::is_ok));
    }
    let made = began.elapsed();
    let before = served(&engine);
    assert_eq!(before.len(), TOPICS);
    engine.close_idle_partitions();
    let (grown, opened) = (resident_kib().saturating_sub(memory), open_files().saturating_sub(files));
    let began = Instant::now();
    engine.close().await.unwrap();
    drop(engine);
    let stopped = began.elapsed();
    let began = Instant::now();
    let engine = open(real::world(), dir.path()).await.unwrap();
    let restarted = began.elapsed();
    assert_eq!(served(&engine), before);
    println!(
        "made in {made:?}, stopped in {stopped:?}, restarted in {restarted:?}, {grown} KiB, {opened} open files"
    );
    // Generous, for debug builds on busy machines: what must not happen is that cost grows with the square.
    assert!(made < Duration::from_secs(240), "made in {made:?}");
    assert!(stopped < Duration::from_secs(60), "stopped in {stopped:?}");
    assert!(restarted < Duration::from_secs(60), "restarted in {restarted:?}");
    assert!(grown < 400 * 1024, "{grown} KiB");
    assert!(opened < 1000, "{opened} open files");
}

#[tokio::test]
async fn partitions_are_added_and_stay() {
    let sim = Sim::new(3);
    let engine = open(sim.world(), "/data".as_ref()).await.unwrap();
    let topic = create(&engine, "orders", 1).await.unwrap();
    let wish = |count| MorePartitions { topic: "orders".into(), count, assignments: None };
    let before = engine.topics.by_id(&topic.id).unwrap();
    assert!(engine.add_partitions(vec![wish(4)], true).await[0].is_ok());
    assert_eq!(engine.topics.by_id(&topic.id).unwrap().partitions.len(), 1, "only validated");
    assert_eq!(engine.add_partitions(vec![wish(4)], false).await[0].as_ref().unwrap().partitions, 4);
    let after = engine.topics.by_id(&topic.id).unwrap();
    assert_eq!(after.partitions.len(), 4);
    assert!(std::sync::Arc::ptr_eq(&before.partitions[0], &after.partitions[0]), "the first is the same log");
    assert_eq!(
        engine.add_partitions(vec![wish(3)], false).await[0].as_ref().unwrap_err().code,
        ErrorCode::InvalidPartitions
    );
    engine.close().await.unwrap();
    sim.disk.kill();
    assert_eq!(served(&open(sim.world(), "/data".as_ref()).await.unwrap()), served(&engine));
}
