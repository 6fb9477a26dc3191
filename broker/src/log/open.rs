//! Opening partitions: one, or all at a start.

use std::path::Path;
use std::sync::Arc;

use thalweg_config::TopicSettings;
use uuid::Uuid;

use super::error::LogError;
use super::identity;
use super::manager::Manager;
use super::names;
use super::partition::{Partition, Place};
use super::recover::{self, Before, Found};
use super::retired;
use super::types::TopicPartition;
use crate::world::Disk;
use crate::world::disk::Entry;

/// Below this many partitions to a thread, another thread costs more than it gains.
const LEAST_PER_THREAD: usize = 64;
/// More threads than this gain nothing on one disk.
const MOST_THREADS: usize = 8;

/// A partition that is to be open.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Its name.
    pub id: TopicPartition,
    /// Its topic's id.
    pub topic_id: Uuid,
    /// Its topic's settings.
    pub settings: Arc<TopicSettings>,
}

/// A partition that was opened, and whether it holds records whose durability is unknown.
struct Opened {
    partition: Partition,
    unsynced: bool,
}

impl Manager {
    /// Opens a partition, making it when it is missing. A directory of that name that belongs to another topic id, left
    /// over from a deleted topic, is set aside under another name, never removed.
    pub fn open_partition(
        &self,
        id: TopicPartition,
        topic_id: Uuid,
        settings: Arc<TopicSettings>,
    ) -> Result<Arc<Partition>, LogError> {
        let wanted = Wanted { id, topic_id, settings };
        match self.partition(&wanted.id) {
            Some(open) if open.topic_id == topic_id => return Ok(open),
            Some(left_over) => {
                // Its deletion failed half-way, and its directory is about to be another's.
                left_over.mark_deleted();
                self.partitions.write().remove(&wanted.id);
            }
            None => {}
        }
        let Opened { partition, unsynced } = self.load(&wanted)?;
        if unsynced {
            partition.sync_recovered()?;
        }
        let mut partitions = self.partitions.write();
        Ok(Arc::clone(partitions.entry(wanted.id).or_insert(Arc::new(partition))))
    }

    /// [`Manager::open_partition`] at a start, for many: several at a time, and with one sync of the file system for all that an
    /// unclean stop left in the page cache, instead of several for each.
    pub fn open_partitions(&self, wanted: &[Wanted]) -> Result<(), LogError> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
        let share = wanted.len().div_ceil(threads).max(LEAST_PER_THREAD);
        let opened = std::thread::scope(|scope| {
            let mut shares = wanted.chunks(share);
            let own = shares.next().unwrap_or_default();
            let others: Vec<_> = shares.map(|share| scope.spawn(|| self.load_all(share))).collect();
            let mut opened = self.load_all(own)?;
            for other in others {
                opened.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
            }
            Ok::<_, LogError>(opened)
        })?;
        let (disk, dir) = (self.shared.disk(), &self.shared.dir);
        if opened.iter().any(|opened| opened.unsynced) {
            disk.sync_all(dir).map_err(LogError::io(dir))?;
        }
        for Opened { partition, unsynced } in opened {
            if unsynced {
                partition.mark_recovered()?;
            }
            self.partitions.write().entry(partition.id.clone()).or_insert(Arc::new(partition));
        }
        Ok(())
    }

    fn load_all(&self, wanted: &[Wanted]) -> Result<Vec<Opened>, LogError> {
        let missing = wanted.iter().filter(|wanted| self.partition(&wanted.id).is_none());
        let load = |wanted| match self.load(wanted) {
            // One damaged partition must not keep all the others from being served.
            Err(damage) if damage.is_damage() => self.keep_offline(wanted, &damage),
            loaded => loaded,
        };
        missing.map(load).collect()
    }

    /// Keeps the place of a partition whose files are damaged: it is there, takes nothing, gives nothing and says so. The
    /// files are left as they are.
    fn keep_offline(&self, wanted: &Wanted, damage: &LogError) -> Result<Opened, LogError> {
        let Wanted { id, topic_id, settings } = wanted.clone();
        let durable = self.shared.marks.get(topic_id, id.partition).map_or(0, |mark| mark.durable_end);
        let dir = names::partition_dir(&self.shared.dir, &id);
        let log_start = self.shared.log_start(&id);
        let place = Place { shared: Arc::clone(&self.shared), id, topic_id, dir };
        let now_ms = self.shared.world.clock.wall_ms();
        let partition = Partition::assemble(place, settings, Found::nothing(durable), log_start, now_ms)?;
        partition.poison(damage);
        Ok(Opened { partition, unsynced: false })
    }

    fn load(&self, wanted: &Wanted) -> Result<Opened, LogError> {
        let Wanted { id, topic_id, settings } = wanted;
        let disk = self.shared.disk();
        let dir = names::partition_dir(&self.shared.dir, id);
        let listed = match list_files(disk, &dir) {
            Ok(entries) => Some(entries),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(source) => return Err(LogError::Io { path: dir, source }),
        };
        let mark = self.shared.marks.get(*topic_id, id.partition);
        let durable = mark.map_or(0, |mark| mark.durable_end);
        let entries = match listed {
            Some(entries) if identity::belongs(disk, &dir, &entries, *topic_id, durable > 0)? => entries,
            other => {
                if other.is_some() {
                    identity::set_aside(disk, &self.shared.dir, &dir)?;
                }
                self.shared.forget(id)?;
                identity::make_partition(disk, &dir, *topic_id)?
            }
        };
        let list = || list_files(disk, &dir).map_err(LogError::io(&dir));
        let swapped = super::compact::finish_swaps(disk, &dir, &entries)?;
        let entries = if swapped { list()? } else { entries };
        let cleared = retired::clear_leftovers(disk, &dir, &entries)?;
        let entries = if cleared { list()? } else { entries };
        let log_start = self.shared.log_start(id);
        // A point above the mark is that of a deleted topic of the same name.
        let before = Before {
            clean: self.clean,
            mark,
            log_start: log_start.unwrap_or(0),
            recovery_point: self.recovery_points.get(id).map_or(0, |point| durable.min(*point)),
            segment_bytes: settings.segment_bytes,
            index_interval_bytes: settings.index_interval_bytes,
        };
        let found = recover::recover(disk, &dir, &entries, &before)?;
        recover::drop_passing_snapshots(disk, &dir, &entries, &found)?;
        let unsynced = found.unsynced;
        let place = Place { shared: Arc::clone(&self.shared), id: id.clone(), topic_id: *topic_id, dir };
        let now_ms = self.shared.world.clock.wall_ms();
        let partition = Partition::assemble(place, Arc::clone(settings), found, log_start, now_ms)?;
        Ok(Opened { partition, unsynced })
    }
}

/// The files of a directory. Directories in it are not ours, whatever their names.
fn list_files(disk: &dyn Disk, dir: &Path) -> std::io::Result<Vec<Entry>> {
    let mut entries = disk.list(dir)?;
    entries.retain(|entry| !entry.is_dir);
    Ok(entries)
}
