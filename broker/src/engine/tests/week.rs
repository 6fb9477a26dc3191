//! A week on virtual time: what goes, goes on time, whether or not anybody writes or reads.

use std::sync::Arc;
use std::time::Duration;

use super::{make_topic, record, settings};
use crate::engine::{Engine, Isolation, Served, TopicRef};
use crate::log::Origin;
use crate::world::sim::Sim;
use crate::world::{Clock, Disk};

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;
/// Time passes in steps of this many seconds.
const STEP: u64 = HOUR / 2;
const DAY_MS: i64 = 86_400_000;

/// A broker, and time.
struct World {
    sim: Sim,
    engine: Arc<Engine>,
    /// How many tasks sleep when there is nothing to do.
    sleepers: usize,
}

impl World {
    async fn begin(sim: Sim) -> World {
        let engine = Engine::open(settings("/data"), sim.world()).await.unwrap();
        let mut world = World { sim, engine, sleepers: 0 };
        let mut steady = 0;
        while steady < 30 {
            tokio::time::sleep(Duration::from_millis(1)).await;
            let now = world.sim.clock.sleepers();
            steady = if now == world.sleepers && now > 0 { steady + 1 } else { 0 };
            world.sleepers = now;
        }
        world
    }

    /// Lets seconds pass. After each step everything that was due has been done.
    async fn pass(&self, seconds: u64) {
        for _ in 0..seconds / STEP {
            self.sim.clock.advance(Duration::from_secs(STEP));
            let mut steady = 0;
            while steady < 2 {
                tokio::time::sleep(Duration::from_millis(1)).await;
                let clock = &self.sim.clock;
                let is_quiet = clock.sleepers() >= self.sleepers
                    && clock.next_deadline().is_some_and(|deadline| deadline > clock.monotonic());
                steady = if is_quiet { steady + 1 } else { 0 };
            }
        }
    }

    fn now_ms(&self) -> i64 {
        self.sim.clock.wall_ms()
    }

    fn put(&self, served: &Served, timestamp: i64, key: &str, value: Option<&str>) -> i64 {
        let appended = served.append(record(timestamp, key, value), Origin::Client, self.now_ms()).unwrap();
        served.flush().unwrap();
        appended.base_offset
    }

    fn files(&self, served: &Served, end: &str) -> usize {
        let entries = self.sim.disk.list(served.dir()).unwrap();
        entries.iter().filter(|entry| entry.name.ends_with(end)).count()
    }
}

/// The offsets of the records that a reader finds.
fn offsets(served: &Served) -> Vec<i64> {
    let (mut next, mut found) = (served.offsets().log_start, Vec::new());
    while next < served.offsets().high_watermark {
        let fetched = served.read(next, 1_000, true, Isolation::ReadUncommitted).unwrap();
        assert!(fetched.bytes > 0, "a reader stands at {next}");
        for batch in super::batches(&fetched) {
            next = batch.header().next_offset();
            let records = batch.records(1 << 20).unwrap();
            found.extend(records.iter().map(|record| record.unwrap().offset));
        }
    }
    found
}

const IDLE_TABLE: [(&str, &str); 3] = [
    ("cleanup.policy", "compact"),
    ("max.compaction.lag.ms", "3600000"),
    ("delete.retention.ms", "86400000"),
];

#[tokio::test]
async fn idle_topics_expire_and_are_compacted_on_time() {
    let world = World::begin(Sim::new(1)).await;
    let (engine, start_ms) = (&world.engine, world.now_ms());
    let two_days = ("retention.ms", "172800000");
    let logs = make_topic(engine, "logs", &[two_days, ("segment.ms", "86400000")]).await;
    let endless = ("message.timestamp.after.max.ms", "9223372036854775807");
    let future = make_topic(engine, "future", &[two_days, endless]).await;
    let untimed = make_topic(engine, "untimed", &[two_days]).await;
    let table = make_topic(engine, "table", &IDLE_TABLE).await;
    let both = ("cleanup.policy", "compact,delete");
    let both = make_topic(engine, "both", &[both, IDLE_TABLE[1], ("retention.ms", "259200000")]).await;
    let kept = make_topic(engine, "kept", &[("cleanup.policy", "")]).await;
    for served in [&logs, &table, &both, &kept] {
        world.put(served, start_ms, "a", Some("1"));
        world.put(served, start_ms, "a", Some("2"));
        world.put(served, start_ms, "b", Some("3"));
    }
    let tombstone = world.put(&table, start_ms, "b", None);
    world.put(&future, start_ms + 3 * DAY_MS, "a", Some("1"));
    world.put(&untimed, -1, "a", Some("1"));
    let reading = logs.read(0, 1_000, true, Isolation::ReadUncommitted).unwrap();

    world.pass(2 * HOUR).await;
    assert_eq!(offsets(&table), [1, tombstone], "compacted, though nobody writes");
    assert_eq!(offsets(&both), [1, 2]);
    world.pass(DAY).await;
    assert_eq!(offsets(&table), [1], "the tombstone has gone, though nobody writes");
    assert_eq!(world.files(&logs, ".log"), 2, "the idle segment has ended");
    engine.delete_records(&TopicRef::Name("kept".into()), 0, 2).unwrap();
    world.pass(DAY - 3 * HOUR).await;
    assert_eq!((offsets(&logs).len(), offsets(&untimed).len()), (3, 1), "not a day, not an hour too early");
    world.pass(2 * HOUR).await;
    for served in [&logs, &untimed] {
        let bounds = served.offsets();
        assert_eq!(bounds.log_start, bounds.log_end, "{}", served.id());
        let below = served.read(0, 1_000, true, Isolation::ReadUncommitted).unwrap_err();
        assert_eq!(below.code(), thalweg_proto::error::ErrorCode::OffsetOutOfRange);
    }
    assert_eq!((world.files(&logs, ".log.deleted"), world.files(&untimed, ".deleted")), (1, 0));
    let still: i64 = super::batches(&reading).iter().map(|batch| batch.header().base_offset).sum();
    assert_eq!(still, 3, "what the slow reader holds is as it was");
    drop(reading);
    world.pass(HOUR).await;
    assert_eq!(world.files(&logs, ".deleted"), 0);

    world.pass(DAY).await;
    assert!(offsets(&both).is_empty(), "three days old, and last of their keys");
    world.pass(DAY + 20 * HOUR).await;
    assert_eq!(offsets(&future).len(), 1, "its time is to come");
    world.pass(2 * DAY + 4 * HOUR).await;
    assert!(offsets(&future).is_empty());
    assert_eq!((offsets(&kept), offsets(&table)), (vec![2], vec![1]));
    assert_eq!(engine.logs.retired_segments(), 0);
    assert!(world.now_ms() - start_ms >= 7 * DAY_MS);
    engine.close().await.unwrap();
}

#[tokio::test]
async fn damage_stops_its_own_partition_alone_until_it_is_repaired() {
    let world = World::begin(Sim::new(2)).await;
    let broken = make_topic(&world.engine, "broken", &IDLE_TABLE).await;
    let whole = make_topic(&world.engine, "whole", &IDLE_TABLE).await;
    for served in [&broken, &whole] {
        for value in ["1", "2", "3"] {
            world.put(served, world.now_ms(), "a", Some(value));
        }
        served.end_newest(world.now_ms()).unwrap();
    }
    let path = broken.dir().join(format!("{:020}.log", 0));
    let bytes = world.sim.disk.read(&path).unwrap().unwrap();
    world.sim.disk.flip_bit(&path, 70).unwrap();
    world.pass(3 * HOUR).await;
    assert_eq!((offsets(&whole), broken.size_bytes() > whole.size_bytes()), (vec![2], true));
    let care = world.engine.outlook(&broken).care;
    assert!(care.failures > 0 && care.last_run.unwrap().outcome.is_err(), "it says so");
    assert!(broken.is_online());
    world.put(&broken, world.now_ms(), "b", Some("still taken"));
    // Somebody has the damaged file open when another comes in its place.
    broken.read(0, 1_000, true, Isolation::ReadUncommitted).unwrap();
    let repaired = path.with_extension("repaired");
    world.sim.disk.write(&repaired, &bytes).unwrap();
    world.sim.disk.rename(&repaired, &path).unwrap();
    assert!(world.engine.compact_now(&broken, &|_| true).outcome.is_ok());
    assert_eq!(offsets(&broken), [2, 3], "tried again, and done");
    assert!(world.engine.outlook(&broken).care.last_run.unwrap().outcome.is_ok());
    world.engine.close().await.unwrap();
}
