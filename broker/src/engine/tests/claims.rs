//! Who may compact a partition.

use super::{make_topic, settings};
use crate::engine::Engine;
use crate::log::LogError;
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
