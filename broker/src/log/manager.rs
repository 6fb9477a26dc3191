//! A data directory and the partitions in it.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::{Mutex, RwLock};

use super::checkpoint;
use super::compact::NEVER;
use super::error::LogError;
use super::identity::{self, Identity};
use super::marks::Marks;
use super::names;
use super::partition::Partition;
use super::retired::RetiredSegments;
use super::types::TopicPartition;
use crate::world::World;
use crate::world::disk::{Disk, Lock, Space};

/// Bytes kept for checkpoints on a full disk.
const BALLAST: usize = 256 << 10;
/// Free bytes on the disk from which on they are kept.
const ROOM_FOR_BALLAST: u64 = 1 << 20;

/// What a manager is opened with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The data directory; made when it is missing.
    pub dir: PathBuf,
    /// The node's id, written into `meta.properties`.
    pub node_id: i32,
    /// The cluster's id for a new directory; without one it is drawn.
    pub cluster_id: Option<String>,
}

/// What the partitions of a directory share.
pub(super) struct Shared {
    pub(super) world: World,
    pub(super) dir: PathBuf,
    pub(super) marks: Marks,
    /// The log starts that DeleteRecords and retention moved.
    log_starts: Mutex<HashMap<TopicPartition, i64>>,
    /// Dropped segments whose files are still there.
    pub(super) retired: RetiredSegments,
    /// Up to where partitions are compacted.
    cleaned_to: Mutex<HashMap<TopicPartition, i64>>,
    /// When the first tombstone of each partition may go.
    horizons: Mutex<HashMap<TopicPartition, i64>>,
}

impl Shared {
    /// The log start that was set for a partition.
    pub(super) fn log_start(&self, id: &TopicPartition) -> Option<i64> {
        self.log_starts.lock().get(id).copied()
    }

    pub(super) fn disk(&self) -> &dyn Disk {
        &*self.world.disk
    }

    /// Makes a partition's log start durable.
    pub(super) fn set_log_start(&self, partition: &Partition, offset: i64) -> Result<(), LogError> {
        let mut log_starts = self.log_starts.lock();
        let mut next = log_starts.clone();
        next.insert(partition.id.clone(), offset);
        self.write_log_starts(&next)?;
        *log_starts = next;
        Ok(())
    }

    /// Forgets log start and compaction of a partition that is no more: one of the same name starts at 0.
    pub(super) fn forget(&self, id: &TopicPartition) -> Result<(), LogError> {
        if self.cleaned_to.lock().remove(id).is_some() {
            self.write_offsets(names::CLEANED_TO, &self.cleaned_to.lock())?;
        }
        if self.horizons.lock().remove(id).is_some() {
            self.write_offsets(names::HORIZONS, &self.horizons.lock())?;
        }
        let mut log_starts = self.log_starts.lock();
        if !log_starts.contains_key(id) {
            return Ok(());
        }
        let mut next = log_starts.clone();
        next.remove(id);
        self.write_log_starts(&next)?;
        *log_starts = next;
        Ok(())
    }

    /// Up to where a partition is compacted; -1 if it never was.
    pub(super) fn cleaned_to(&self, id: &TopicPartition) -> i64 {
        self.cleaned_to.lock().get(id).copied().unwrap_or(-1)
    }

    /// Writes down up to where a partition is compacted.
    pub(super) fn set_cleaned_to(&self, partition: &Partition, offset: i64) -> Result<(), LogError> {
        let mut cleaned_to = self.cleaned_to.lock();
        cleaned_to.insert(partition.id.clone(), offset);
        self.write_offsets(names::CLEANED_TO, &cleaned_to)
    }

    /// When the first tombstone of a partition may go.
    pub(super) fn horizon(&self, id: &TopicPartition) -> i64 {
        self.horizons.lock().get(id).copied().unwrap_or(NEVER)
    }

    /// Writes down when the first tombstone of a partition may go.
    pub(super) fn set_horizon(&self, partition: &Partition, horizon: i64) -> Result<(), LogError> {
        let mut horizons = self.horizons.lock();
        match horizon {
            NEVER => horizons.remove(&partition.id),
            _ => horizons.insert(partition.id.clone(), horizon),
        };
        self.write_offsets(names::HORIZONS, &horizons)
    }

    fn write_log_starts(&self, offsets: &HashMap<TopicPartition, i64>) -> Result<(), LogError> {
        match self.write_offsets(names::LOG_STARTS, offsets) {
            Err(error) if error.is_full() => {
                // Without this file no client could delete anything, and a full disk would stay full.
                let ballast = self.dir.join(names::BALLAST);
                self.disk().remove(&ballast).map_err(LogError::io(&ballast))?;
                self.write_offsets(names::LOG_STARTS, offsets)
            }
            written => written,
        }
    }

    fn write_offsets(&self, name: &str, offsets: &HashMap<TopicPartition, i64>) -> Result<(), LogError> {
        let mut entries: Vec<(TopicPartition, i64)> =
            offsets.iter().map(|(id, offset)| (id.clone(), *offset)).collect();
        entries.sort();
        let (disk, path) = (self.disk(), self.dir.join(name));
        disk.replace(&path, &checkpoint::encode_offsets(&entries)).map_err(LogError::io(&path))
    }

    /// Puts by some room for checkpoints, if there is any.
    fn load_ballast(&self) {
        let path = self.dir.join(names::BALLAST);
        let has_room = || self.disk().space(&self.dir).is_ok_and(|space| space.free > ROOM_FOR_BALLAST);
        if !self.disk().exists(&path) && has_room() && self.disk().write(&path, &vec![0; BALLAST]).is_err() {
            let _ = self.disk().remove(&path);
        }
    }

    /// What a checkpoint says that only saves work; `None` without it, or where it is damaged: the work is done again.
    fn known_offsets(
        disk: &dyn Disk,
        dir: &Path,
        name: &str,
    ) -> Result<Option<HashMap<TopicPartition, i64>>, LogError> {
        match Shared::read_offsets(disk, dir, name) {
            Err(error) if error.is_damage() => {
                tracing::error!(%error, "it is made again");
                Ok(None)
            }
            read => Ok(Some(read?).filter(|_| disk.exists(&dir.join(name)))),
        }
    }

    fn read_offsets(
        disk: &dyn Disk,
        dir: &Path,
        name: &str,
    ) -> Result<HashMap<TopicPartition, i64>, LogError> {
        let path = dir.join(name);
        let Some(bytes) = disk.read(&path).map_err(LogError::io(&path))? else { return Ok(HashMap::new()) };
        let entries = checkpoint::decode_offsets(&bytes)
            .ok_or_else(|| LogError::Format { path, problem: "a damaged checkpoint".to_owned() })?;
        Ok(entries.into_iter().collect())
    }
}

/// The partitions of a data directory.
pub struct Manager {
    pub(super) shared: Arc<Shared>,
    identity: Identity,
    pub(super) clean: bool,
    pub(super) recovery_points: HashMap<TopicPartition, i64>,
    pub(super) partitions: RwLock<HashMap<TopicPartition, Arc<Partition>>>,
    closed: AtomicBool,
    _lock: Box<dyn Lock>,
}

impl std::fmt::Debug for Manager {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Manager").field("dir", &self.shared.dir).finish_non_exhaustive()
    }
}

impl Manager {
    /// Locks the directory and reads what it says of itself; partitions are opened one by one.
    pub fn open(world: World, options: &Options) -> Result<Manager, LogError> {
        let (disk, dir) = (Arc::clone(&world.disk), options.dir.clone());
        disk.create_dir(&dir).map_err(LogError::io(&dir))?;
        let lock = disk.lock(&dir.join(names::LOCK)).map_err(|source| match source.kind() {
            std::io::ErrorKind::WouldBlock => LogError::Locked(dir.clone()),
            _ => LogError::Io { path: dir.join(names::LOCK), source },
        })?;
        let identity = identity::read_or_make(&world, options)?;
        let clean_path = dir.join(names::CLEAN_SHUTDOWN);
        let clean = disk.read(&clean_path).map_err(LogError::io(&clean_path))?.is_some();
        if clean {
            // Gone before anything is appended: from here on, only another clean stop makes it true again.
            disk.remove(&clean_path).map_err(LogError::io(&clean_path))?;
            disk.sync_dir(&dir).map_err(LogError::io(&dir))?;
        }
        let marks = Marks::open(&*disk, &dir.join(names::MARKS))?;
        identity::sync_new_names(&*disk, &dir)?;
        let log_starts = Mutex::new(Shared::read_offsets(&*disk, &dir, names::LOG_STARTS)?);
        let recovery_points =
            Shared::known_offsets(&*disk, &dir, names::RECOVERY_POINTS)?.unwrap_or_default();
        let cleaned_to = Shared::known_offsets(&*disk, &dir, names::CLEANED_TO)?.unwrap_or_default();
        // A directory that another broker wrote may have tombstones that nobody knows of.
        let horizons = match Shared::known_offsets(&*disk, &dir, names::HORIZONS)? {
            Some(horizons) => horizons,
            None => cleaned_to.keys().map(|id| (id.clone(), 0)).collect(),
        };
        let (cleaned_to, horizons) = (Mutex::new(cleaned_to), Mutex::new(horizons));
        let retired = RetiredSegments::default();
        let shared = Arc::new(Shared { world, dir, marks, log_starts, retired, cleaned_to, horizons });
        shared.load_ballast();
        Ok(Manager {
            shared,
            identity,
            clean,
            recovery_points,
            partitions: RwLock::default(),
            closed: AtomicBool::new(false),
            _lock: lock,
        })
    }

    /// The cluster's id: 22 characters, as Kafka writes a UUID.
    pub fn cluster_id(&self) -> &str {
        &self.identity.cluster_id
    }

    /// The data directory.
    pub fn dir(&self) -> &Path {
        &self.shared.dir
    }

    /// Room on the directory's file system.
    pub fn space(&self) -> Result<Space, LogError> {
        self.shared.disk().space(&self.shared.dir).map_err(LogError::io(&self.shared.dir))
    }

    /// Whether the last stop was a clean one.
    pub fn was_clean(&self) -> bool {
        self.clean
    }

    /// A partition that is open.
    pub fn partition(&self, id: &TopicPartition) -> Option<Arc<Partition>> {
        self.partitions.read().get(id).cloned()
    }

    /// Every open partition.
    pub fn partitions(&self) -> Vec<Arc<Partition>> {
        self.partitions.read().values().cloned().collect()
    }

    /// Takes a partition out of service and renames its directory; [`Manager::sweep`] removes the files. Readers that
    /// hold slices of it keep them.
    pub fn delete_partition(&self, id: &TopicPartition) -> Result<(), LogError> {
        let Some(partition) = self.partitions.write().remove(id) else { return Ok(()) };
        partition.mark_deleted();
        let disk = self.shared.disk();
        identity::rename_deleted(disk, &self.shared.dir, &partition.dir, &self.shared.world)?;
        let marks = self.shared.dir.join(names::MARKS);
        self.shared.marks.remove(partition.topic_id, id.partition).map_err(LogError::io(&marks))?;
        self.shared.forget(id)
    }

    /// Sets aside, under another name, the directories of partitions that are not open: to be called when every partition
    /// that exists is. Their topics were deleted, and a crash came before their files were. Returns how many there were.
    pub fn set_strays_aside(&self) -> Result<usize, LogError> {
        let (disk, root) = (self.shared.disk(), &self.shared.dir);
        let open: HashSet<String> = self.partitions.read().keys().map(TopicPartition::to_string).collect();
        let mut strays = 0;
        for entry in disk.list(root).map_err(LogError::io(root))? {
            if entry.is_dir && names::is_partition_dir(&entry.name) && !open.contains(&entry.name) {
                identity::set_aside(disk, root, &root.join(&entry.name))?;
                strays += 1;
            }
        }
        Ok(strays)
    }

    /// Removes the directories of deleted partitions: for a thread off the hot path.
    pub fn sweep(&self) -> Result<(), LogError> {
        let (disk, root) = (self.shared.disk(), &self.shared.dir);
        for entry in disk.list(root).map_err(LogError::io(root))? {
            if entry.is_dir && entry.name.ends_with(names::DELETE_SUFFIX) {
                let dir = root.join(&entry.name);
                disk.remove_dir(&dir).map_err(LogError::io(&dir))?;
            }
        }
        Ok(())
    }

    /// Writes the recovery points and high watermarks, as Kafka does every minute: what an unclean start reads again
    /// begins there.
    pub fn checkpoint(&self) -> Result<(), LogError> {
        let (mut points, mut watermarks) = (HashMap::new(), HashMap::new());
        for partition in self.partitions() {
            let point = partition.recovery_point.load(Ordering::Acquire);
            if point > 0 {
                points.insert(partition.id.clone(), point);
                watermarks.insert(partition.id.clone(), partition.published.high_watermark());
            }
        }
        self.shared.load_ballast();
        self.shared.marks.sync().map_err(LogError::io(&self.shared.dir.join(names::MARKS)))?;
        self.shared.write_offsets(names::RECOVERY_POINTS, &points)?;
        self.shared.write_offsets(names::HIGH_WATERMARKS, &watermarks)
    }

    /// Stops cleanly: everything is flushed, and the next start reads nothing but names. A partition that cannot be
    /// flushed leaves the directory without the mark of a clean stop.
    pub fn close(&self) -> Result<(), LogError> {
        if self.closed.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        let mut failed = None;
        for partition in self.partitions() {
            if let Err(error) = partition.stop() {
                tracing::error!(partition = %partition.id, %error, "cannot stop cleanly");
                failed = Some(error);
            }
        }
        self.clear_retired();
        self.checkpoint()?;
        let (disk, dir) = (self.shared.disk(), &self.shared.dir);
        disk.sync_all(dir).map_err(LogError::io(dir))?;
        if let Some(error) = failed {
            return Err(error);
        }
        let path = dir.join(names::CLEAN_SHUTDOWN);
        disk.replace(&path, b"{\"version\":0,\"brokerEpoch\":-1}").map_err(LogError::io(&path))
    }
}
