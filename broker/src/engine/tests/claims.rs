//! Who may compact a partition, and what one who has asked is told.

use std::path::Path;

use super::{make_topic, record, settings};
use crate::engine::Engine;
use crate::log::{LogError, Origin};
use crate::world::Disk;
use crate::world::sim::Sim;

#[tokio::test(flavor = "multi_thread")]
async fn one_at_a_time_compacts_a_partition_whatever_another_finds_wrong_with_it() {
    let sim = Sim::new(1);
    let engine = Engine::open(settings("/data"), sim.world()).await.unwrap();
    let served = make_topic(&engine, "t", &[("cleanup.policy", "compact")]).await;
    let damage = || LogError::Poisoned("t-0".to_owned());
    let claim = engine.try_claim(&served, false).unwrap();
    engine.put_off(&served, damage());
    assert!(engine.try_claim(&served, false).is_none());
    assert!(engine.try_claim(&served, true).is_none(), "somebody is at it");
    drop(claim);
    engine.put_off(&served, damage());
    assert!(engine.try_claim(&served, false).is_none(), "the workers leave it alone");
    let insisting = engine.try_claim(&served, true).unwrap();
    assert!(engine.try_claim(&served, true).is_none());
    drop(insisting);
    assert!(engine.try_claim(&served, false).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compaction_that_a_full_disk_kept_from_beginning_is_not_said_to_have_had_nothing_to_do() {
    let sim = Sim::new(1);
    let engine = Engine::open(settings("/data"), sim.world()).await.unwrap();
    let served = make_topic(&engine, "t", &[("cleanup.policy", "compact")]).await;
    let now_ms = sim.world().clock.wall_ms();
    for value in ["1", "2", "3"] {
        served.append(record(now_ms, "key", Some(value)), Origin::Client, now_ms).unwrap();
    }
    served.flush().unwrap();
    // What is kept for such an hour is gone as well.
    sim.disk.remove(Path::new("/data/thalweg-ballast")).unwrap();
    sim.disk.set_capacity(sim.disk.used());
    let refused = engine.compact_now(&served, &|_| true).outcome.unwrap_err();
    assert!(refused.to_string().contains("no storage space"), "{refused}");
    sim.disk.set_capacity(u64::MAX);
    let done = engine.compact_now(&served, &|_| true).outcome.unwrap().unwrap();
    assert_eq!((done.records_before, done.records_after), (3, 1));
    assert_eq!(engine.compact_now(&served, &|_| true).outcome.unwrap().map(|done| done.cleaned_to), None);
}
