//! The log against a model, over a simulated disk that crashes, fills up and decays.

mod append;
mod cleaning;
mod compact;
mod crash;
mod history;
mod lifecycle;
mod model;
mod purge;
mod real;
mod retention;
mod storage;
mod timestamps;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use thalweg_config::TopicSettings;
use thalweg_proto::record::{Batch, BatchBuilder, Batches, Compression};
use uuid::Uuid;

use super::{Fetched, LogError, Manager, Options, Origin, Partition, TopicPartition};
use crate::world::World;
use crate::world::sim::Sim;

pub(super) const TOPIC_ID: Uuid = Uuid::from_u128(7);
pub(super) const NOW: i64 = 1_700_000_000_000;

/// A data directory of the simulated disk and one partition in it.
pub(super) struct Fixture {
    pub(super) sim: Sim,
    pub(super) settings: Arc<TopicSettings>,
    pub(super) manager: Manager,
    pub(super) partition: Arc<Partition>,
}

pub(super) fn id() -> TopicPartition {
    TopicPartition::new("orders", 0)
}

pub(super) fn options(dir: &Path) -> Options {
    Options { dir: dir.to_path_buf(), node_id: 1, cluster_id: None }
}

pub(super) fn root() -> PathBuf {
    PathBuf::from("/data")
}

pub(super) fn settings(change: impl FnOnce(&mut TopicSettings)) -> Arc<TopicSettings> {
    let mut settings = TopicSettings::default();
    change(&mut settings);
    Arc::new(settings)
}

pub(super) fn open(
    world: World,
    dir: &Path,
    settings: &Arc<TopicSettings>,
) -> Result<(Manager, Arc<Partition>), LogError> {
    let manager = Manager::open(world, &options(dir))?;
    let partition = manager.open_partition(id(), TOPIC_ID, Arc::clone(settings))?;
    Ok((manager, partition))
}

impl Fixture {
    pub(super) fn new(seed: u64, settings: Arc<TopicSettings>) -> Fixture {
        let sim = Sim::new(seed);
        let (manager, partition) = open(sim.world(), &root(), &settings).unwrap();
        Fixture { sim, settings, manager, partition }
    }

    /// Opens everything again over what the disk holds now.
    pub(super) fn reopen(&mut self) -> Result<(), LogError> {
        // The lock of the old manager goes with it.
        let placeholder = Sim::new(0);
        let (manager, partition) = open(placeholder.world(), &root(), &self.settings)?;
        self.manager = manager;
        self.partition = partition;
        let (manager, partition) = open(self.sim.world(), &root(), &self.settings)?;
        self.manager = manager;
        self.partition = partition;
        Ok(())
    }

    pub(super) fn append(&self, records: Bytes) -> Result<super::Appended, super::AppendError> {
        self.partition.append(records, Origin::Client, NOW)
    }

    pub(super) fn log_file(&self, base_offset: i64) -> PathBuf {
        self.partition.dir().join(format!("{base_offset:020}.log"))
    }
}

/// A batch of these values, one ms apart.
pub(super) fn batch(values: &[&str]) -> Bytes {
    batch_at(values, NOW, Compression::None)
}

pub(super) fn batch_at(values: &[&str], timestamp: i64, codec: Compression) -> Bytes {
    let mut builder = BatchBuilder::new(codec);
    for (step, value) in (0..).zip(values) {
        builder.append(timestamp + step, None, Some(value.as_bytes()), []).unwrap();
    }
    builder.build().unwrap()
}

/// A batch as an idempotent producer sends it.
pub(super) fn sequenced(producer_id: i64, epoch: i16, sequence: i32, count: usize) -> Bytes {
    let mut builder = BatchBuilder::new(Compression::None);
    for _ in 0..count {
        builder.append(NOW, None, Some(b"v"), []).unwrap();
    }
    builder.set_producer(producer_id, epoch, sequence);
    builder.build().unwrap()
}

/// The batches of a read, checksums checked.
pub(super) fn batches(fetched: &Fetched) -> Vec<Batch> {
    let mut found = Vec::new();
    for slice in &fetched.slices {
        for batch in Batches::new(slice.clone()) {
            let batch = batch.unwrap();
            batch.verify_crc().unwrap();
            found.push(batch);
        }
    }
    found
}

/// Offset and value of every record of a read.
pub(super) fn records(fetched: &Fetched) -> Vec<(i64, String)> {
    let mut found = Vec::new();
    for batch in batches(fetched) {
        for record in &batch.records(1 << 20).unwrap() {
            let record = record.unwrap();
            found.push((record.offset, String::from_utf8(record.value.unwrap().to_vec()).unwrap()));
        }
    }
    found
}
