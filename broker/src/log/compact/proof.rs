//! What shows that a key is gone: everything looked through, after a purge.

use super::Limits;
use super::purge::{Purge, PurgeError};
use super::search::OffsetRuns;
use super::survey::Looked;
use crate::log::error::LogError;
use crate::log::names::{self, CLEANED_SUFFIX, FileKind};
use crate::log::partition::Partition;

/// What was looked through after a purge, and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// Segments, the newest included.
    pub segments: u64,
    /// Records in them.
    pub records: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Everything below was looked at.
    pub up_to: i64,
    /// Records of the key, but for the tombstone that was asked for: they came while the purge was at work.
    pub remaining: OffsetRuns,
    /// Files in the directory that may hold records and belong to no segment.
    pub strange_files: Vec<String>,
}

impl Proof {
    /// Whether nothing of the key was found.
    pub fn holds(&self) -> bool {
        self.remaining.is_empty() && self.strange_files.is_empty()
    }

    /// What was looked through, and what is there of the key but for one record.
    pub(super) fn of(up_to: i64, looked: &[Looked], spared: Option<i64>) -> Proof {
        let mut proof = Proof { up_to, segments: looked.len() as u64, ..Proof::default() };
        for Looked { held, .. } in looked {
            proof.records = proof.records.saturating_add(held.records);
            proof.bytes = proof.bytes.saturating_add(held.bytes);
            proof.remaining.push_all_but(spared, &held.offsets);
        }
        proof
    }
}

impl Purge<'_> {
    /// Looks through every segment, the newest and what of it nobody can see yet included.
    pub fn prove(&self, limits: &Limits<'_>) -> Result<Proof, PurgeError> {
        let partition = self.partition;
        let (up_to, looked) = partition.look_everywhere(self.key, limits)?;
        let mut proof = Proof::of(up_to, &looked, self.tombstone);
        let shared = &partition.shared;
        shared.retired.finish_off(shared, &partition.dir)?;
        // The names of what was deleted do not come back.
        shared.disk().sync_dir(&partition.dir).map_err(LogError::io(&partition.dir))?;
        proof.strange_files = self.strange_files()?;
        if partition.is_out_of_service() {
            // Its files were taken away while they were looked at.
            return Err(LogError::Poisoned(partition.id.to_string()).into());
        }
        Ok(proof)
    }
}

impl Purge<'_> {
    /// Files in the directory whose names begin like those of a segment's batches, of no segment that there is.
    fn strange_files(&self) -> Result<Vec<String>, LogError> {
        let (partition, disk) = (self.partition, self.partition.shared.disk());
        let listed = disk.list(&partition.dir).map_err(LogError::io(&partition.dir))?;
        let view = {
            // A segment that was being begun while the names were listed is one by now.
            let _writer = partition.writer.lock();
            partition.view.load_full()
        };
        let known: Vec<_> = view.segments.iter().map(|segment| segment.path(FileKind::Log)).collect();
        let is_strange = |name: &str| {
            let path = partition.dir.join(name);
            holds_batches(name) && !known.contains(&path) && disk.exists(&path)
        };
        let files = listed.into_iter().filter(|entry| !entry.is_dir);
        Ok(files.map(|entry| entry.name).filter(|name| is_strange(name)).collect())
    }
}

/// Whether a file of this name holds batches of a segment, whatever stands behind: `.log`, `.log.cleaned`, `.log.deleted`.
fn holds_batches(name: &str) -> bool {
    let mut parts = name.splitn(3, '.');
    let (base, kind) = (parts.next().unwrap_or_default(), parts.next());
    names::parse_segment_file(&format!("{base}.log")).is_some() && kind == Some("log")
}

impl Partition {
    /// Removes what compactions that failed have left: whoever calls this keeps others from being at work.
    pub(super) fn remove_unfinished(&self) -> Result<(), LogError> {
        let disk = self.shared.disk();
        for entry in disk.list(&self.dir).map_err(LogError::io(&self.dir))? {
            let cleaned = entry.name.strip_suffix(CLEANED_SUFFIX).and_then(names::parse_segment_file);
            if cleaned.is_some() && !entry.is_dir {
                let path = self.dir.join(&entry.name);
                disk.remove(&path).map_err(LogError::io(&path))?;
            }
        }
        Ok(())
    }
}
