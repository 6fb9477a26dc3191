//! What was answered is there after a power cut; what the disk refuses changes nothing.

use std::collections::BTreeMap;

use thalweg_broker::coordinator::metadata::{LOG_TOPIC, ResourceKind, TopicKey};
use thalweg_broker::engine::{Acks, Bounds, Engine, Isolation, Outcome, Read, TopicRef, Write};
use thalweg_broker::log::TopicPartition;
use thalweg_broker::world::sim::Sim;
use thalweg_proto::error::ErrorCode;
use thalweg_proto::record::{BatchBuilder, Compression};

use crate::support::{create, open, open_with, served, set};

/// What the client has been told: the value of a configuration by topic, and which topics may be anything because the last
/// command about them was not answered with success.
#[derive(Default)]
struct Told {
    topics: BTreeMap<String, Option<String>>,
    unknown: Option<String>,
}

async fn step(engine: &Engine, told: &mut Told, number: u64) -> bool {
    let name = format!("topic-{}", number % 7);
    let exists = told.topics.contains_key(&name);
    let done = match (number / 7 % 3, exists) {
        (_, false) => {
            let made = create(engine, &name, 2).await.is_ok();
            made.then(|| told.topics.insert(name.clone(), None)).is_some()
        }
        (0, true) => {
            let gone = engine.delete_topics(vec![TopicKey::Name(name.clone())]).await[0].is_ok();
            gone.then(|| told.topics.remove(&name)).is_some()
        }
        (_, true) => {
            let value = (60_000 + number).to_string();
            let changed = set(engine, ResourceKind::Topic, &name, "segment.ms", Some(&value)).await.is_ok();
            changed.then(|| told.topics.insert(name.clone(), Some(value))).is_some()
        }
    };
    if !done {
        told.unknown = Some(name);
    }
    done
}

#[tokio::test]
async fn a_power_cut_takes_back_nothing_that_was_answered() {
    for seed in 0..40_u64 {
        let sim = Sim::new(seed);
        let mut told = Told::default();
        {
            let engine = open(sim.world(), "/data".as_ref()).await.unwrap();
            sim.disk.crash_after(seed * 23 + 5);
            for number in 0..60 {
                if !step(&engine, &mut told, number).await {
                    break;
                }
            }
        }
        sim.disk.crash();
        let engine =
            open(sim.world(), "/data".as_ref()).await.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        for (name, value) in told.topics.iter().filter(|(name, _)| told.unknown.as_ref() != Some(name)) {
            let handle = engine.topics.by_name(name).unwrap_or_else(|| panic!("seed {seed}: {name} is lost"));
            assert_eq!(handle.topic.overrides.get("segment.ms"), value.as_ref(), "seed {seed}: {name}");
        }
        let expected = |name: &str| told.topics.contains_key(name) || told.unknown.as_deref() == Some(name);
        let mut partitions = vec![format!("{LOG_TOPIC}-0")];
        for handle in engine.topics.all() {
            partitions
                .extend((0..handle.topic.partitions).map(|index| format!("{}-{index}", handle.topic.name)));
            assert!(expected(&handle.topic.name), "seed {seed}: {} is back", handle.topic.name);
        }
        let entries = sim.world().disk.list("/data".as_ref()).unwrap();
        let is_partition =
            |name: &str| name.rsplit_once('-').is_some_and(|(_, number)| number.parse::<i32>().is_ok());
        let mut found: Vec<String> = entries
            .into_iter()
            .filter(|entry| entry.is_dir && is_partition(&entry.name))
            .map(|entry| entry.name)
            .collect();
        found.sort();
        partitions.sort();
        assert_eq!(found, partitions, "seed {seed}: directories of partitions, and nothing of deleted ones");
        create(&engine, "afterwards", 1).await.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    }
}

#[tokio::test]
async fn a_failed_sync_is_told_and_never_retried() {
    let sim = Sim::new(5);
    let engine = open(sim.world(), "/data".as_ref()).await.unwrap();
    create(&engine, "before", 1).await.unwrap();
    sim.disk.fail_syncs(true);
    assert_eq!(create(&engine, "during", 1).await.unwrap_err().code, ErrorCode::KafkaStorageError);
    assert!(engine.topics.by_name("during").is_none());
    sim.disk.fail_syncs(false);
    assert_eq!(create(&engine, "after", 1).await.unwrap_err().code, ErrorCode::KafkaStorageError);
    assert!(engine.topics.by_name("before").is_some(), "what is there is served on");
    drop(engine);
    sim.disk.crash();
    let engine = open(sim.world(), "/data".as_ref()).await.unwrap();
    assert!(engine.topics.by_name("before").is_some());
    create(&engine, "after", 1).await.unwrap();
}

#[tokio::test]
async fn a_full_disk_refuses_and_is_forgiven_when_there_is_room() {
    let mut refused = 0;
    for room in [0, 100, 1000, 5000, 20_000, 100_000, 1_000_000] {
        let sim = Sim::new(room);
        let engine = open(sim.world(), "/data".as_ref()).await.unwrap();
        create(&engine, "before", 1).await.unwrap();
        let only_before = served(&engine);
        sim.disk.set_capacity(sim.disk.used() + room);
        let outcome = create(&engine, "during", 200).await;
        match outcome {
            Ok(_) => drop(engine.delete_topics(vec![TopicKey::Name("during".into())]).await),
            Err(refusal) => {
                refused += 1;
                assert_eq!(refusal.code, ErrorCode::KafkaStorageError);
            }
        }
        assert_eq!(served(&engine), only_before, "room {room}");
        sim.disk.set_capacity(u64::MAX);
        create(&engine, "after", 1).await.unwrap_or_else(|error| panic!("room {room}: {error}"));
        create(&engine, "during", 3).await.unwrap_or_else(|error| panic!("room {room}: {error}"));
        engine.delete_topics(vec![TopicKey::Name("after".into()), TopicKey::Name("during".into())]).await;
        assert_eq!(served(&engine), only_before);
        engine.close().await.unwrap();
        sim.disk.kill();
        assert_eq!(served(&open(sim.world(), "/data".as_ref()).await.unwrap()), only_before);
    }
    assert!(refused > 1, "the disk was never full");
}

#[tokio::test]
async fn the_metadata_log_does_not_grow_for_ever() {
    let sim = Sim::new(7);
    let engine = open(sim.world(), "/data".as_ref()).await.unwrap();
    create(&engine, "orders", 2).await.unwrap();
    let id = TopicPartition::new(LOG_TOPIC, 0);
    for number in 0..12_000_i32 {
        set(&engine, ResourceKind::Topic, "orders", "segment.ms", Some(&(60_000 + number).to_string()))
            .await
            .unwrap();
    }
    let offsets = engine.logs.partition(&id).unwrap().offsets();
    assert!(offsets.log_start > 10_000, "{offsets:?}");
    assert!(offsets.log_end - offsets.log_start < 2_500, "{offsets:?}");
    engine.close().await.unwrap();
    sim.disk.kill();
    assert_eq!(served(&open(sim.world(), "/data".as_ref()).await.unwrap()), served(&engine));
}

async fn write(engine: &Engine, partition: i32) -> Result<(), ErrorCode> {
    let mut builder = BatchBuilder::new(Compression::None);
    builder.append(0, None, Some(b"value"), []).unwrap();
    let (topic, records) = (TopicRef::Name("orders".into()), builder.build().unwrap());
    let write = Write { topic, partition, records, refused: None };
    let written = engine.produce(Acks::Durable, [write]).await.remove(0);
    written.map(drop).map_err(|error| error.code())
}

async fn read(engine: &Engine, partition: i32) -> Result<usize, ErrorCode> {
    let topic = TopicRef::Name("orders".into());
    let max_bytes = 1 << 20;
    let read =
        Read { topic, partition, offset: 0, current_leader_epoch: -1, last_fetched_epoch: -1, max_bytes };
    let bounds = Bounds {
        min_bytes: 0,
        max_wait: std::time::Duration::ZERO,
        max_bytes,
        isolation: Isolation::ReadUncommitted,
        whole_batches: true,
    };
    match engine.fetch(&[read], bounds).await.remove(0) {
        Outcome::Records(fetched) => Ok(fetched.bytes),
        Outcome::Diverging(..) => panic!("one epoch cannot diverge"),
        Outcome::Failed(error) => Err(error.code()),
    }
}

#[tokio::test]
async fn a_damaged_partition_is_offline_and_the_others_are_served() {
    let sim = Sim::new(9);
    let engine = open(sim.world(), "/data".as_ref()).await.unwrap();
    create(&engine, "orders", 2).await.unwrap();
    for partition in [0, 1, 0] {
        write(&engine, partition).await.unwrap();
    }
    drop(engine);
    sim.disk.kill();
    let file = "/data/orders-0/00000000000000000000.log";
    sim.disk.flip_bit(file.as_ref(), 65).unwrap();
    for round in 0..2 {
        let engine = open(sim.world(), "/data".as_ref()).await.unwrap();
        assert_eq!(write(&engine, 0).await, Err(ErrorCode::KafkaStorageError));
        assert_eq!(read(&engine, 0).await, Err(ErrorCode::KafkaStorageError));
        assert!(read(&engine, 1).await.unwrap() > 0);
        write(&engine, 1).await.unwrap();
        // Not a clean stop: the next start must look again, and find the damage again.
        assert!(engine.close().await.is_err(), "round {round}");
        drop(engine);
        sim.disk.kill();
    }
}

#[tokio::test]
async fn a_small_message_limit_does_not_stop_the_machine() {
    let sim = Sim::new(8);
    let settings = [("message.max.bytes", "100"), ("log.segment.bytes", "1048576")];
    let engine = open_with(sim.world(), "/data".as_ref(), &settings).await.unwrap();
    let name = "n".repeat(200);
    create(&engine, &name, 2).await.unwrap();
    engine.close().await.unwrap();
    sim.disk.kill();
    let engine = open_with(sim.world(), "/data".as_ref(), &settings).await.unwrap();
    assert!(engine.topics.by_name(&name).is_some());
}
