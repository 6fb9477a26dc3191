//! A broker's engine over a simulated or a real machine.

use std::path::Path;
use std::sync::Arc;

use thalweg_broker::coordinator::metadata::{
    ConfigChange, ConfigOperation, ConfigResource, NewTopic, Refusal, ResourceKind,
};
use thalweg_broker::engine::{ConfigEdit, ConfigWish, Engine, OpenError, TopicOutcome};
use thalweg_broker::world::World;
use thalweg_config::{Loader, Origin};

/// Opens an engine on a directory.
pub async fn open(world: World, dir: &Path) -> Result<Arc<Engine>, OpenError> {
    open_with(world, dir, &[]).await
}

/// The same with settings.
pub async fn open_with(
    world: World,
    dir: &Path,
    settings: &[(&str, &str)],
) -> Result<Arc<Engine>, OpenError> {
    let mut loader = Loader::new();
    for (name, value) in settings.iter().chain(&[("log.dirs", dir.to_str().unwrap())]) {
        loader.set(name, value, Origin::Flag("test".into())).unwrap();
    }
    Engine::open(Arc::new(loader.finish().unwrap()), world).await
}

pub fn topic(name: &str, partitions: i32) -> NewTopic {
    NewTopic { name: name.into(), partitions, replication_factor: -1, ..NewTopic::default() }
}

/// Makes one topic.
pub async fn create(engine: &Engine, name: &str, partitions: i32) -> TopicOutcome {
    engine.create_topics(vec![topic(name, partitions)], false).await.remove(0)
}

/// Sets or takes back one configuration.
pub async fn set(
    engine: &Engine,
    kind: ResourceKind,
    name: &str,
    key: &str,
    value: Option<&str>,
) -> Result<(), Refusal> {
    let operation = if value.is_some() { ConfigOperation::Set } else { ConfigOperation::Delete };
    let change = ConfigChange { name: key.into(), operation, value: value.map(str::to_owned) };
    let resource = ConfigResource { kind, name: name.into() };
    let wish = ConfigWish { resource, change: ConfigEdit::Change(vec![change]) };
    engine.alter_configs(vec![wish], false).await.remove(0)
}

/// What is served: name, id, partitions and overrides of each topic, by name.
pub fn served(engine: &Engine) -> Vec<String> {
    let mut topics: Vec<String> = engine
        .topics
        .all()
        .iter()
        .map(|handle| {
            assert_eq!(handle.partitions.len(), usize::try_from(handle.topic.partitions).unwrap());
            format!(
                "{} {} {} {:?}",
                handle.topic.name, handle.topic.id, handle.topic.partitions, handle.topic.overrides
            )
        })
        .collect();
    topics.sort();
    topics
}
