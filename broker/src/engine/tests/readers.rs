//! Many readers of a partition whose segments are ended, compacted, purged, dropped and closed under their hands: never an error, never
//! a wrong byte. Below the log start they are told that the offset is out of range.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use thalweg_config::{CleanupPolicy, FlushMode, TopicSettings};
use thalweg_proto::error::ErrorCode;
use thalweg_proto::record::{Batch, BatchBuilder, Batches, Compression};

use super::{make_topic, settings};
use crate::engine::{Bounds, Engine, Isolation, Outcome, Read, Served, TopicRef};
use crate::log::{Limits, Origin};
use crate::world::real;
use crate::world::sim::SimRandom;
use crate::world::{Random, World};

/// Records that are written.
const RECORDS: i64 = 9_000;
/// Batches after which the writer waits until something has been done to the partition.
const BATCHES_PER_ROUND: u64 = 80;
const READERS: u64 = 4;
const NOW: i64 = 1_700_000_000_000;

/// The record of an offset: key, and a value unless it is a tombstone.
fn record_at(offset: i64) -> (String, Option<String>) {
    let key = format!("key-{}", offset.wrapping_mul(7_919) % 2_003);
    let length = usize::try_from(offset % 400).unwrap();
    (key, (offset % 9 != 0).then(|| format!("{offset}-{}", "v".repeat(length))))
}

fn small_segments() -> TopicSettings {
    TopicSettings {
        cleanup_policy: CleanupPolicy { compact: true, delete: true },
        segment_bytes: 30_000,
        index_interval_bytes: 500,
        max_message_bytes: 20_000,
        retention_ms: None,
        retention_bytes: Some(60_000),
        delete_retention_ms: 5,
        file_delete_delay_ms: 3,
        flush_mode: FlushMode::Os,
        ..TopicSettings::default()
    }
}

struct Scene {
    engine: Arc<Engine>,
    served: Arc<Served>,
    done: AtomicBool,
    /// Things done to the partition.
    rounds: AtomicU64,
    compactions: AtomicU64,
    dropped: AtomicU64,
    /// Segments that purges wrote anew.
    purged: AtomicU64,
    resets: AtomicU64,
}

impl Scene {
    fn write(&self, random: &SimRandom) {
        let (mut next, mut batches) = (0, 0);
        while next < RECORDS {
            let rounds = || self.rounds.load(Ordering::Relaxed);
            let enough = if batches % BATCHES_PER_ROUND == 0 { rounds() + 1 } else { 0 };
            while rounds() < enough {
                std::thread::sleep(Duration::from_millis(1));
            }
            batches += 1;
            let codec = Compression::ALL[usize::try_from(random.below(5)).unwrap()];
            let mut builder = BatchBuilder::new(codec);
            let count = 1 + random.below(5) as i64;
            for offset in next..next + count {
                let (key, value) = record_at(offset);
                let value = value.as_ref().map(String::as_bytes);
                builder.append(NOW + offset, Some(key.as_bytes()), value, []).unwrap();
            }
            let batch = builder.build().unwrap();
            let appended = self.served.append(batch, Origin::Client, NOW + next).unwrap();
            assert_eq!(appended.base_offset, next);
            next += count;
        }
        self.served.flush().unwrap();
    }

    /// Everything that time does to a partition, all the time: each thing in every nine rounds, in an order of chance.
    fn care(&self, random: &SimRandom) {
        let mut turns = Vec::new();
        while !self.done.load(Ordering::Acquire) {
            if turns.is_empty() {
                turns = (0..9).collect();
            }
            let turn = turns.swap_remove(random.below(turns.len() as u64) as usize);
            self.take(turn, random);
            self.engine.logs.sweep_retired();
            self.served.prepare_ahead().unwrap();
            self.rounds.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn take(&self, turn: u64, random: &SimRandom) {
        let served = &self.served;
        match turn {
            0..3 => {
                let now_ms = self.engine.world.clock.wall_ms();
                let limits = Limits { now_ms, memory_bytes: 1 << 20, pace: &|_| true, wrote: &|_| () };
                let done = served.compact(&limits).unwrap();
                self.compactions.fetch_add(u64::from(done.is_some()), Ordering::Relaxed);
            }
            3 => {
                let gone = served.retain(NOW).unwrap().segments;
                self.dropped.fetch_add(gone as u64, Ordering::Relaxed);
            }
            4 => {
                let start = served.offsets().log_start;
                let to = (start + random.below(60) as i64).min(served.offsets().high_watermark);
                served.delete_records_before(to).unwrap();
            }
            5 => served.idle_close().unwrap(),
            6 => served.close_sealed(),
            7 => self.purge(random),
            _ => drop(served.end_newest(NOW).unwrap()),
        }
    }

    fn purge(&self, random: &SimRandom) {
        // The key of a record that is likely to be there still.
        let written = self.served.offsets().high_watermark;
        let (key, _) = record_at((written - 1 - random.below(40) as i64).max(0));
        let purged = self.engine.purge_key(&self.served, key.as_bytes(), false, &|_| true);
        let proof = purged.proof.unwrap_or_else(|| panic!("{:?}", purged.problem));
        assert_eq!((proof.strange_files, purged.still_read), (Vec::new(), 0));
        for (first, last) in purged.segments.iter().flat_map(|segment| segment.removed.runs()) {
            assert!((*first..=*last).all(|offset| record_at(offset).0 == key));
        }
        self.purged.fetch_add(purged.segments.len() as u64, Ordering::Relaxed);
    }

    /// Looks offsets up, by time, which reads segments, too.
    fn look_up(&self, random: &SimRandom) {
        while !self.done.load(Ordering::Acquire) {
            self.served.max_timestamp().unwrap();
            let wanted = NOW + random.below(RECORDS as u64) as i64;
            if let Some(found) = self.served.offset_for_timestamp(wanted).unwrap() {
                assert!(found.timestamp >= wanted && found.offset == found.timestamp - NOW);
            }
            self.served.bytes_between(random.below(RECORDS as u64) as i64, RECORDS);
        }
    }

    /// Reads everything twice: the second time the first offsets are gone for certain.
    async fn read(&self, random: &SimRandom) {
        self.read_from_zero(random).await;
        self.read_from_zero(random).await;
    }

    async fn read_from_zero(&self, random: &SimRandom) {
        let (mut next, mut held) = (0, Vec::new());
        while next < RECORDS {
            let read = Read {
                topic: TopicRef::Name("shared".into()),
                partition: 0,
                offset: next,
                current_leader_epoch: -1,
                last_fetched_epoch: -1,
                max_bytes: 1 + random.below(40_000) as i32,
            };
            let isolations = [Isolation::ReadUncommitted, Isolation::ReadCommitted];
            let bounds = Bounds {
                min_bytes: 1,
                max_wait: Duration::from_millis(5),
                max_bytes: 50_000,
                isolation: isolations[usize::try_from(random.below(2)).unwrap()],
                whole_batches: random.below(2) == 0,
            };
            match self.engine.fetch(&[read], bounds).await.remove(0) {
                Outcome::Records(fetched) => {
                    for batch in fetched.slices.iter().flat_map(|slice| Batches::new(slice.clone())) {
                        // The last may be cut off.
                        let Ok(batch) = batch else { break };
                        check(&batch, next);
                        next = batch.header().next_offset();
                        held.push(batch);
                    }
                }
                Outcome::Failed(error) => {
                    assert_eq!(error.code(), ErrorCode::OffsetOutOfRange, "{error}");
                    let start = self.served.offsets().log_start;
                    assert!(next < start, "{next} is not below {start}");
                    self.resets.fetch_add(1, Ordering::Relaxed);
                    next = start;
                }
                Outcome::Diverging(..) => panic!("nothing diverges"),
            }
            // A slow reader: what it has in its hands stays what it was.
            if random.below(6) == 0 {
                tokio::time::sleep(Duration::from_millis(random.below(12))).await;
                held.drain(..).for_each(|batch| check(&batch, i64::MIN));
            }
            // Now and then somebody begins again.
            if random.below(300) == 0 {
                next = 0;
            }
        }
    }
}

fn check(batch: &Batch, next: i64) {
    batch.verify_crc().unwrap();
    assert!(batch.header().last_offset() >= next);
    for record in &batch.records(1 << 20).unwrap() {
        let record = record.unwrap();
        let (key, value) = record_at(record.offset);
        assert_eq!((record.key, record.timestamp), (Some(key.as_bytes()), NOW + record.offset));
        assert_eq!(record.value, value.as_ref().map(String::as_bytes), "offset {}", record.offset);
    }
}

async fn run(world: World, directory: &str) {
    let engine = Engine::open(settings(directory), world).await.unwrap();
    let served = make_topic(&engine, "shared", &[]).await;
    served.set_config(Arc::new(small_segments()));
    let (done, zero) = (AtomicBool::new(false), || AtomicU64::new(0));
    let (rounds, compactions, dropped, purged, resets) = (zero(), zero(), zero(), zero(), zero());
    let scene = Arc::new(Scene { engine, served, done, rounds, compactions, dropped, purged, resets });
    let start = |work: fn(&Scene, &SimRandom), seed: u64| {
        let scene = Arc::clone(&scene);
        tokio::task::spawn_blocking(move || work(&scene, &SimRandom::new(seed)))
    };
    let background = [start(Scene::care, 1), start(Scene::look_up, 2)];
    let readers: Vec<_> = (0..READERS)
        .map(|reader| {
            let scene = Arc::clone(&scene);
            tokio::spawn(async move { scene.read(&SimRandom::new(10 + reader)).await })
        })
        .collect();
    start(Scene::write, 3).await.unwrap();
    for reader in readers {
        tokio::time::timeout(Duration::from_secs(60), reader).await.expect("it reaches the end").unwrap();
    }
    scene.done.store(true, Ordering::Release);
    for work in background {
        work.await.unwrap();
    }
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let seen = [&scene.compactions, &scene.dropped, &scene.purged, &scene.resets].map(count);
    assert!(seen[0] > 3 && seen[1] > 3 && seen[2] > 0 && seen[3] > 0, "too little happened: {seen:?}");
    tokio::time::sleep(Duration::from_millis(5)).await;
    scene.engine.logs.sweep_retired();
    assert_eq!(scene.engine.logs.retired_segments(), 0, "nobody reads any more");
    scene.engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn readers_never_notice_what_becomes_of_their_segments() {
    let directory = tempfile::tempdir().unwrap();
    run(real::world(), directory.path().to_str().unwrap()).await;
}
