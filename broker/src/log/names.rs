//! Names of files and directories: Apache Kafka's.

use std::path::{Path, PathBuf};

use super::types::TopicPartition;

/// Written at a clean stop, removed at the start.
pub(super) const CLEAN_SHUTDOWN: &str = ".kafka_cleanshutdown";
/// The directory's lock.
pub(super) const LOCK: &str = ".lock";
/// The directory's identity.
pub(super) const META_PROPERTIES: &str = "meta.properties";
/// Per partition: everything below is synced, and its indexes are right.
pub(super) const RECOVERY_POINTS: &str = "recovery-point-offset-checkpoint";
/// Per partition: the first offset that may be read, where it is not the first segment's.
pub(super) const LOG_STARTS: &str = "log-start-offset-checkpoint";
/// Per partition: everything below has been compacted.
pub(super) const CLEANED_TO: &str = "cleaner-offset-checkpoint";
/// Per partition: the high watermark.
pub(super) const HIGH_WATERMARKS: &str = "replication-offset-checkpoint";
/// Our durable marks.
pub(super) const MARKS: &str = "thalweg-durable-marks";
/// Per partition: when the first of its tombstones may go.
pub(super) const HORIZONS: &str = "thalweg-delete-horizons";
/// Room that is given up to write a checkpoint on a full disk.
pub(super) const BALLAST: &str = "thalweg-ballast";
/// In a partition: its topic's id.
pub(super) const PARTITION_METADATA: &str = "partition.metadata";
/// In a partition: where each leader epoch begins.
pub(super) const LEADER_EPOCHS: &str = "leader-epoch-checkpoint";
/// The end of a directory's name whose partition was deleted.
pub(super) const DELETE_SUFFIX: &str = "-delete";

/// The end of the name of a segment that compaction is writing.
pub(super) const CLEANED_SUFFIX: &str = ".cleaned";
/// The end of the name of a segment that is about to take the place of others.
pub(super) const SWAP_SUFFIX: &str = ".swap";
/// The end of a file's name whose segment was dropped.
pub(super) const DELETED_SUFFIX: &str = ".deleted";

/// One kind of file of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileKind {
    Log,
    OffsetIndex,
    TimeIndex,
    TransactionIndex,
    Snapshot,
}

impl FileKind {
    pub(super) const ALL: [FileKind; 5] = [
        FileKind::Log,
        FileKind::OffsetIndex,
        FileKind::TimeIndex,
        FileKind::TransactionIndex,
        FileKind::Snapshot,
    ];

    /// The files that are made of a segment's batches.
    pub(super) const INDEXES: [FileKind; 3] =
        [FileKind::OffsetIndex, FileKind::TimeIndex, FileKind::TransactionIndex];

    fn extension(self) -> &'static str {
        match self {
            FileKind::Log => "log",
            FileKind::OffsetIndex => "index",
            FileKind::TimeIndex => "timeindex",
            FileKind::TransactionIndex => "txnindex",
            FileKind::Snapshot => "snapshot",
        }
    }
}

/// The path of a segment's file: its base offset in twenty digits.
pub(super) fn segment_file(dir: &Path, base_offset: i64, kind: FileKind) -> PathBuf {
    dir.join(format!("{base_offset:020}.{}", kind.extension()))
}

/// A path with more at its end.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// The base offset and kind of a segment's file; `None` for any other name.
pub(super) fn parse_segment_file(name: &str) -> Option<(i64, FileKind)> {
    let (digits, extension) = name.split_once('.')?;
    if digits.len() != 20 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let kind = FileKind::ALL.into_iter().find(|kind| kind.extension() == extension)?;
    Some((digits.parse().ok()?, kind))
}

/// Whether a directory's name is that of a partition: a topic, a dash and a number.
pub(super) fn is_partition_dir(name: &str) -> bool {
    name.rsplit_once('-').is_some_and(|(topic, number)| {
        !topic.is_empty() && number.parse::<i32>().is_ok_and(|number| number >= 0)
    })
}

/// The directory of a partition.
pub(super) fn partition_dir(root: &Path, partition: &TopicPartition) -> PathBuf {
    root.join(partition.to_string())
}
