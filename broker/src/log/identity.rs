//! Whose files these are: `meta.properties` of a data directory, `partition.metadata` of a partition's.

use std::path::Path;

use uuid::Uuid;

use super::checkpoint;
use super::error::LogError;
use super::manager::Options;
use super::names;
use crate::world::World;
use crate::world::disk::{Disk, Entry};

/// The newest layout of a data directory that this version reads and the one it writes.
const FORMAT: &str = "1";
/// Kafka cuts the names of deleted directories to what a file system takes.
const LONGEST_NAME: usize = 255;

/// What `meta.properties` says.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub(super) cluster_id: String,
}

/// Reads a directory's identity, or gives a new directory one.
pub(super) fn read_or_make(world: &World, options: &Options) -> Result<Identity, LogError> {
    let (disk, path) = (&world.disk, options.dir.join(names::META_PROPERTIES));
    if let Some(bytes) = disk.read(&path).map_err(LogError::io(&path))? {
        let problem = |problem: String| LogError::Format { path: path.clone(), problem };
        let text = String::from_utf8(bytes).map_err(|_| problem("not text".to_owned()))?;
        let format = checkpoint::property(&text, "thalweg.format").unwrap_or(FORMAT);
        if format != FORMAT {
            return Err(problem(format!("format {format} is not known; this version knows {FORMAT}")));
        }
        let cluster_id = checkpoint::property(&text, "cluster.id")
            .ok_or_else(|| problem("no cluster.id".to_owned()))?
            .to_owned();
        let node_id = checkpoint::property(&text, "node.id");
        if node_id.is_some_and(|id| id != options.node_id.to_string()) {
            let found = node_id.unwrap_or_default();
            return Err(problem(format!("it belongs to node {found}, this is node {}", options.node_id)));
        }
        return Ok(Identity { cluster_id });
    }
    let drawn = || checkpoint::encode_uuid(world.random.uuid());
    let cluster_id = options.cluster_id.clone().unwrap_or_else(drawn);
    let (node_id, directory_id) = (options.node_id.to_string(), drawn());
    let bytes = checkpoint::encode_properties(&[
        ("version", "1"),
        ("cluster.id", &cluster_id),
        ("node.id", &node_id),
        ("directory.id", &directory_id),
        ("thalweg.format", FORMAT),
    ]);
    disk.replace(&path, &bytes).map_err(LogError::io(&path))?;
    Ok(Identity { cluster_id })
}

/// Makes the names in a data directory durable, and its own name, which may all be new.
pub(super) fn sync_new_names(disk: &dyn Disk, dir: &Path) -> Result<(), LogError> {
    disk.sync_dir(dir).map_err(LogError::io(dir))?;
    for above in dir.ancestors().skip(1).filter(|above| !above.as_os_str().is_empty()) {
        match disk.sync_dir(above) {
            // Where we may not look, we made nothing.
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => break,
            other => other.map_err(LogError::io(above))?,
        }
    }
    Ok(())
}

/// Whether a partition's directory is that of the topic id; one that says nothing is. `was_flushed`: anything in it was
/// ever made durable, and what the directory says of itself with it.
pub(super) fn belongs(
    disk: &dyn Disk,
    dir: &Path,
    entries: &[Entry],
    topic_id: Uuid,
    was_flushed: bool,
) -> Result<bool, LogError> {
    let path = dir.join(names::PARTITION_METADATA);
    if !entries.iter().any(|entry| entry.name == names::PARTITION_METADATA) {
        let bytes = checkpoint::encode_partition_metadata(topic_id);
        disk.write(&path, &bytes).map_err(LogError::io(&path))?;
        return Ok(true);
    }
    let bytes = disk.read(&path).map_err(LogError::io(&path))?.unwrap_or_default();
    match checkpoint::decode_partition_metadata(&bytes) {
        Some(found) => Ok(found == topic_id),
        // Torn in a power cut before the first flush.
        None if !was_flushed => {
            let bytes = checkpoint::encode_partition_metadata(topic_id);
            disk.write(&path, &bytes).map_err(LogError::io(&path))?;
            Ok(true)
        }
        None => Err(LogError::Format { path, problem: "no topic id".to_owned() }),
    }
}

/// Makes the directory of a new partition. Not durable before its first flush: without records there is nothing to lose.
pub(super) fn make_partition(disk: &dyn Disk, dir: &Path, topic_id: Uuid) -> Result<Vec<Entry>, LogError> {
    disk.create_dir(dir).map_err(LogError::io(dir))?;
    let path = dir.join(names::PARTITION_METADATA);
    disk.write(&path, &checkpoint::encode_partition_metadata(topic_id)).map_err(LogError::io(&path))?;
    Ok(Vec::new())
}

/// Moves a directory that belongs to another topic out of the way.
pub(super) fn set_aside(disk: &dyn Disk, root: &Path, dir: &Path) -> Result<(), LogError> {
    let name = dir.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let path = dir.join(names::PARTITION_METADATA);
    let bytes = disk.read(&path).map_err(LogError::io(&path))?.unwrap_or_default();
    let owner = checkpoint::decode_partition_metadata(&bytes).unwrap_or_default().simple();
    let aside = root.join(shortened(name, &format!(".{owner}-stray")));
    tracing::warn!(from = %dir.display(), to = %aside.display(), "a directory of another topic is set aside");
    disk.rename(dir, &aside).map_err(LogError::io(dir))
}

/// Renames the directory of a deleted partition, durably, so that its name is free.
pub(super) fn rename_deleted(
    disk: &dyn Disk,
    root: &Path,
    dir: &Path,
    world: &World,
) -> Result<(), LogError> {
    let name = dir.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let unique = world.random.uuid().simple();
    let doomed = root.join(shortened(name, &format!(".{unique}{}", names::DELETE_SUFFIX)));
    disk.rename(dir, &doomed).map_err(LogError::io(dir))?;
    disk.sync_dir(root).map_err(LogError::io(root))
}

fn shortened(name: &str, suffix: &str) -> String {
    let keep = LONGEST_NAME.saturating_sub(suffix.len());
    format!("{}{suffix}", name.get(..keep).unwrap_or(name))
}
