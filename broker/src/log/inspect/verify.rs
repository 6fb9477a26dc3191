//! Whether the files of a data directory fit together.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use thalweg_proto::record::Batch;

use super::small;
use super::{InspectError, MAX_DECOMPRESSED, SegmentReader};
use crate::log::names::{self, FileKind};
use crate::log::{checkpoint, index};

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// Where in it, in bytes, where that can be said.
    pub position: Option<u64>,
    /// What.
    pub text: String,
}

/// What was found in one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartitionReport {
    /// The name of its directory: topic and number.
    pub name: String,
    /// How many segments it has.
    pub segments: usize,
    /// How many batches.
    pub batches: u64,
    /// How many records.
    pub records: u64,
    /// Bytes of batches.
    pub bytes: u64,
    /// The base offset of the first segment.
    pub start: i64,
    /// The offset after the last record.
    pub end: i64,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// Checks a data directory, or the directory of one partition. Every checksum, offset and record is read, every index
/// entry followed.
pub fn verify(directory: &Path) -> Result<Vec<PartitionReport>, InspectError> {
    if is_partition(directory)? {
        refuse_locked(directory.parent().unwrap_or(directory))?;
        return Ok(vec![partition(directory)?]);
    }
    refuse_locked(directory)?;
    let mut found = Vec::new();
    for path in entries(directory)? {
        if path.is_dir() && is_partition(&path)? {
            found.push(partition(&path)?);
        }
    }
    if found.is_empty() {
        return Err(InspectError::NoPartitions(directory.to_path_buf()));
    }
    Ok(found)
}

fn entries(directory: &Path) -> Result<Vec<PathBuf>, InspectError> {
    let listed = std::fs::read_dir(directory).map_err(InspectError::io(directory))?;
    let paths: Result<Vec<PathBuf>, _> = listed.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths.map_err(InspectError::io(directory))?;
    paths.sort();
    Ok(paths)
}

fn is_partition(directory: &Path) -> Result<bool, InspectError> {
    let name = |path: &PathBuf| path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
    let names: Vec<String> = entries(directory)?.iter().filter_map(name).collect();
    let is_log = |name: &String| matches!(names::parse_segment_file(name), Some((_, FileKind::Log)));
    Ok(names.iter().any(|name| is_log(name) || name == names::PARTITION_METADATA))
}

fn refuse_locked(directory: &Path) -> Result<(), InspectError> {
    let Ok(lock) = File::open(directory.join(names::LOCK)) else { return Ok(()) };
    match lock.try_lock_shared() {
        Err(std::fs::TryLockError::WouldBlock) => Err(InspectError::Locked(directory.to_path_buf())),
        _ => Ok(()),
    }
}

fn partition(directory: &Path) -> Result<PartitionReport, InspectError> {
    let name = directory.file_name().map(|name| name.to_string_lossy().into_owned());
    let mut report = PartitionReport { name: name.unwrap_or_default(), ..PartitionReport::default() };
    let mut segments: BTreeMap<i64, Vec<(FileKind, PathBuf)>> = BTreeMap::new();
    for path in entries(directory)? {
        let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        match names::parse_segment_file(file) {
            Some((base_offset, kind)) => segments.entry(base_offset).or_default().push((kind, path)),
            None => report.check_small(&path, file),
        }
    }
    segments.retain(|_, files| {
        let lonely = files.iter().all(|(kind, _)| *kind == FileKind::Snapshot);
        if lonely {
            files.iter().for_each(|(_, path)| report.check_file(path, small::producers(path)));
        }
        !lonely
    });
    report.start = segments.keys().next().copied().unwrap_or_default();
    report.end = report.start;
    report.segments = segments.len();
    for (base_offset, files) in &segments {
        report.segment(*base_offset, files)?;
    }
    Ok(report)
}

impl PartitionReport {
    fn problem(&mut self, file: &Path, position: Option<u64>, text: impl Into<String>) {
        self.problems.push(Problem { file: file.to_path_buf(), position, text: text.into() });
    }

    fn check_small(&mut self, path: &Path, name: &str) {
        if name == names::LEADER_EPOCHS {
            self.check_file(path, small::epochs(path));
        } else if name == names::PARTITION_METADATA {
            let bytes = std::fs::read(path).unwrap_or_default();
            if checkpoint::decode_partition_metadata(&bytes).is_none() {
                self.problem(path, None, "no topic id");
            }
        }
    }

    fn check_file<T>(&mut self, path: &Path, read: Result<T, InspectError>) {
        if read.is_err() {
            self.problem(path, None, "damaged");
        }
    }

    fn segment(&mut self, base_offset: i64, files: &[(FileKind, PathBuf)]) -> Result<(), InspectError> {
        let of = |wanted: FileKind| files.iter().find(|(kind, _)| *kind == wanted).map(|(_, path)| path);
        let Some(log) = of(FileKind::Log) else {
            for (_, path) in files {
                self.problem(path, None, "its segment is missing");
            }
            return Ok(());
        };
        if base_offset < self.end {
            let text = format!("begins at {base_offset}, but the segment before ends at {}", self.end);
            self.problem(log, None, text);
        }
        self.end = self.end.max(base_offset);
        let batches = self.batches_of(log)?;
        if let Some(path) = of(FileKind::OffsetIndex) {
            self.check_offsets(path, base_offset, &batches);
        }
        if let Some(path) = of(FileKind::TimeIndex) {
            self.check_times(path);
        }
        if let Some(path) = of(FileKind::TransactionIndex) {
            self.check_file(path, small::aborted(path));
        }
        if let Some(path) = of(FileKind::Snapshot) {
            self.check_file(path, small::producers(path));
        }
        Ok(())
    }

    /// Reads every batch of a segment; gives the last offset of each by its position.
    fn batches_of(&mut self, log: &Path) -> Result<BTreeMap<u64, i64>, InspectError> {
        let mut last_offsets = BTreeMap::new();
        let mut reader = SegmentReader::open(log)?;
        loop {
            let found = match reader.next()? {
                Ok(Some(found)) => found,
                Ok(None) => break,
                Err(broken) => {
                    self.problem(log, Some(broken.position), broken.problem);
                    break;
                }
            };
            let header = *found.batch.header();
            if let Some(text) = fault(&found.batch) {
                self.problem(log, Some(found.position), text);
            }
            if header.base_offset < self.end {
                let text = format!("offset {} where {} or more is due", header.base_offset, self.end);
                self.problem(log, Some(found.position), text);
            }
            self.end = self.end.max(header.next_offset());
            self.batches += 1;
            self.records += u64::try_from(header.records_count).unwrap_or_default();
            last_offsets.insert(found.position, header.last_offset());
        }
        self.bytes += reader.position();
        Ok(last_offsets)
    }

    fn check_offsets(&mut self, path: &Path, base_offset: i64, batches: &BTreeMap<u64, i64>) {
        let entries = std::fs::read(path).ok().and_then(|bytes| index::decode_offsets(&bytes));
        let Some(entries) = entries else { return self.problem(path, None, "damaged") };
        for entry in entries.iter().filter(|entry| entry.position > 0 || entry.relative > 0) {
            let offset = base_offset.saturating_add(i64::from(entry.relative));
            let found = batches.get(&u64::from(entry.position));
            // Kafka enters a batch by its last offset.
            if found != Some(&offset) {
                let text =
                    format!("says that offset {offset} is at byte {}, which it is not", entry.position);
                self.problem(path, None, text);
            }
        }
    }

    fn check_times(&mut self, path: &Path) {
        let entries = std::fs::read(path).ok().and_then(|bytes| index::decode_times(&bytes));
        let Some(entries) = entries else { return self.problem(path, None, "damaged") };
        let used: Vec<_> = entries.iter().filter(|entry| entry.timestamp > 0).collect();
        if !used.is_sorted_by(|one, next| one.timestamp < next.timestamp && one.relative <= next.relative) {
            self.problem(path, None, "its entries are out of order");
        }
    }
}

/// What is wrong with a batch whose length can be trusted.
fn fault(batch: &Batch) -> Option<String> {
    if let Err(error) = batch.verify_crc() {
        return Some(error.to_string());
    }
    let records = match batch.records(MAX_DECOMPRESSED) {
        Ok(records) => records,
        Err(error) => return Some(error.to_string()),
    };
    records.iter().find_map(|record| record.err().map(|error| error.to_string()))
}
