//! Configurations take effect when they are answered.

use thalweg_broker::coordinator::metadata::{ConfigResource, ResourceKind};
use thalweg_broker::engine::{ConfigEdit, ConfigWish, Engine};
use thalweg_broker::log::Origin;
use thalweg_broker::world::sim::Sim;
use thalweg_proto::error::ErrorCode;
use thalweg_proto::record::build::BatchBuilder;
use thalweg_proto::record::compress::Compression;

use crate::support::{create, open, set};

fn append(engine: &Engine, topic: &str, bytes: usize) -> Result<(), ErrorCode> {
    let mut batch = BatchBuilder::new(Compression::None);
    batch.append(0, Some(b"k"), Some(&vec![0; bytes]), []).unwrap();
    let handle = engine.topics.by_name(topic).unwrap();
    handle.partitions[0]
        .append(batch.build().unwrap(), Origin::Client, 0)
        .map(drop)
        .map_err(|error| error.code)
}

fn retention(engine: &Engine, topic: &str) -> Option<i64> {
    let handle = engine.topics.by_name(topic).unwrap();
    assert_eq!(
        handle.settings.retention_ms,
        handle.partitions[0].settings().retention_ms,
        "the log knows it too"
    );
    handle.settings.retention_ms
}

#[tokio::test]
async fn a_topics_configuration_takes_effect_at_once() {
    let sim = Sim::new(1);
    let engine = open(sim.world(), "/data".as_ref()).await.unwrap();
    create(&engine, "orders", 1).await.unwrap();
    append(&engine, "orders", 5000).unwrap();
    set(&engine, ResourceKind::Topic, "orders", "max.message.bytes", Some("1000")).await.unwrap();
    assert_eq!(append(&engine, "orders", 5000), Err(ErrorCode::MessageTooLarge));
    set(&engine, ResourceKind::Topic, "orders", "max.message.bytes", None).await.unwrap();
    append(&engine, "orders", 5000).unwrap();
}

#[tokio::test]
async fn the_brokers_defaults_reach_topics_that_set_none() {
    let sim = Sim::new(2);
    let engine = open(sim.world(), "/data".as_ref()).await.unwrap();
    create(&engine, "follows", 1).await.unwrap();
    create(&engine, "decides", 1).await.unwrap();
    set(&engine, ResourceKind::Topic, "decides", "retention.ms", Some("7000")).await.unwrap();
    set(&engine, ResourceKind::Broker, "", "log.retention.ms", Some("5000")).await.unwrap();
    assert_eq!((retention(&engine, "follows"), retention(&engine, "decides")), (Some(5000), Some(7000)));
    let node = engine.settings.node_id.to_string();
    set(&engine, ResourceKind::Broker, &node, "log.retention.ms", Some("6000")).await.unwrap();
    assert_eq!(retention(&engine, "follows"), Some(6000), "the broker's own covers the cluster's");
    create(&engine, "later", 1).await.unwrap();
    assert_eq!(retention(&engine, "later"), Some(6000));
    engine.close().await.unwrap();
    drop(engine);
    sim.disk.kill();
    let engine = open(sim.world(), "/data".as_ref()).await.unwrap();
    assert_eq!((retention(&engine, "follows"), retention(&engine, "decides")), (Some(6000), Some(7000)));
    set(&engine, ResourceKind::Broker, &node, "log.retention.ms", None).await.unwrap();
    set(&engine, ResourceKind::Broker, "", "log.retention.ms", None).await.unwrap();
    assert_eq!(retention(&engine, "follows"), Some(604_800_000));
}

#[tokio::test]
async fn replacing_takes_back_what_is_not_named() {
    let sim = Sim::new(3);
    let engine = open(sim.world(), "/data".as_ref()).await.unwrap();
    create(&engine, "orders", 1).await.unwrap();
    set(&engine, ResourceKind::Topic, "orders", "retention.ms", Some("7000")).await.unwrap();
    let resource = ConfigResource { kind: ResourceKind::Topic, name: "orders".into() };
    let replace = |configs: &[(&str, &str)]| ConfigWish {
        resource: resource.clone(),
        change: ConfigEdit::Replace(configs.iter().map(|(k, v)| ((*k).into(), Some((*v).into()))).collect()),
    };
    let refused = engine.alter_configs(vec![replace(&[("segment.ms", "soon")])], false).await.remove(0);
    assert_eq!(refused.unwrap_err().code, ErrorCode::InvalidConfig);
    assert_eq!(retention(&engine, "orders"), Some(7000), "nothing changes where something is wrong");
    engine.alter_configs(vec![replace(&[("segment.ms", "60000")])], false).await.remove(0).unwrap();
    assert_eq!(retention(&engine, "orders"), Some(604_800_000));
    assert_eq!(engine.topics.by_name("orders").unwrap().settings.segment_ms, 60_000);
}
