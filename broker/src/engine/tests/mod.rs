//! The engine over whole worlds: a simulated one in which a week passes at once, and the real one under many readers.

mod claims;
mod readers;
mod week;

use std::sync::Arc;

use bytes::Bytes;
use thalweg_config::{BrokerSettings, Loader, Origin};
use thalweg_proto::record::{Batch, BatchBuilder, Batches, Compression};

use super::{Engine, Fetched, Served};
use crate::coordinator::metadata::NewTopic;

pub(super) fn settings(directory: &str) -> Arc<BrokerSettings> {
    let mut loader = Loader::new();
    loader.set("log.dirs", directory, Origin::Flag("test".into())).unwrap();
    Arc::new(loader.finish().unwrap())
}

/// Makes a topic of one partition.
pub(super) async fn make_topic(engine: &Engine, name: &str, configs: &[(&str, &str)]) -> Arc<Served> {
    let configs = configs.iter().map(|(name, value)| ((*name).to_owned(), Some((*value).to_owned())));
    let topic = NewTopic {
        name: name.into(),
        partitions: 1,
        replication_factor: 1,
        configs: configs.collect(),
        ..NewTopic::default()
    };
    engine.create_topics(vec![topic], false).await.remove(0).unwrap();
    engine.topics.by_name(name).unwrap().partitions[0].clone()
}

pub(super) fn record(timestamp: i64, key: &str, value: Option<&str>) -> Bytes {
    let mut builder = BatchBuilder::new(Compression::None);
    builder.append(timestamp, Some(key.as_bytes()), value.map(str::as_bytes), []).unwrap();
    builder.build().unwrap()
}

/// The batches of a read, checksums checked.
pub(super) fn batches(fetched: &Fetched) -> Vec<Batch> {
    let mut found = Vec::new();
    for batch in fetched.slices.iter().flat_map(|slice| Batches::new(slice.clone())) {
        let batch = batch.unwrap();
        batch.verify_crc().unwrap();
        found.push(batch);
    }
    found
}
