//! Looking at files of a data directory while no broker runs on it: what they say, and whether it fits together.
//!
//! Nothing here writes, repairs or cuts. Segments are read batch by batch, so that their size does not matter.

mod batches;
mod dump;
mod small;
mod verify;

use std::io;
use std::path::{Path, PathBuf};

pub use batches::{BatchAt, SegmentReader};
pub use dump::{Contents, dump};
pub use verify::{PartitionReport, Problem, verify};

/// How much one batch may grow while it is decompressed.
pub const MAX_DECOMPRESSED: usize = 1 << 30;

/// Why a file cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// The file system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Its name is none of a data directory's files.
    #[error("{}: not a file of a data directory that can be shown", .0.display())]
    UnknownFile(PathBuf),
    /// It is not what its name says.
    #[error("{}: damaged, or not what its name says", .0.display())]
    Damaged(PathBuf),
    /// A broker runs on the directory.
    #[error("data directory {} is locked: a broker runs on it", .0.display())]
    Locked(PathBuf),
    /// The directory holds no partitions.
    #[error("{}: no partitions are in it", .0.display())]
    NoPartitions(PathBuf),
}

impl InspectError {
    fn io(path: &Path) -> impl FnOnce(io::Error) -> InspectError + use<> {
        let path = path.to_path_buf();
        move |source| InspectError::Io { path, source }
    }

    /// The kind of the file system's refusal, where that is what it was.
    pub fn io_kind(&self) -> Option<io::ErrorKind> {
        match self {
            InspectError::Io { source, .. } => Some(source.kind()),
            _ => None,
        }
    }
}
