//! What one file says.

use std::path::Path;

use super::small::{self, Fields};
use super::{InspectError, SegmentReader};
use crate::log::names::{self, FileKind};

/// What a file holds.
#[derive(Debug)]
pub enum Contents {
    /// Record batches: to be read one by one.
    Batches(SegmentReader),
    /// Entries, each with the same fields.
    Entries(Vec<Fields>),
}

/// Tells by its name what a file holds, and reads it.
pub fn dump(path: &Path) -> Result<Contents, InspectError> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let entries = match names::parse_segment_file(name) {
        Some((_, FileKind::Log)) => return SegmentReader::open(path).map(Contents::Batches),
        Some((base_offset, FileKind::OffsetIndex)) => small::offsets(path, base_offset)?,
        Some((base_offset, FileKind::TimeIndex)) => small::times(path, base_offset)?,
        Some((_, FileKind::TransactionIndex)) => small::aborted(path)?,
        Some((_, FileKind::Snapshot)) => small::producers(path)?,
        None if name == names::LEADER_EPOCHS => small::epochs(path)?,
        None if name == names::MARKS => small::durable_marks(path)?,
        None if small::is_checkpoint(name) => small::checkpoint(path)?,
        None if name == names::META_PROPERTIES || name == names::PARTITION_METADATA => {
            small::properties(path)?
        }
        None => return Err(InspectError::UnknownFile(path.to_path_buf())),
    };
    Ok(Contents::Entries(entries))
}

impl SegmentReader {
    /// The next batch, or in words what is wrong where it should be; `None` at the end.
    pub fn read_next(&mut self) -> Result<Option<Result<super::BatchAt, String>>, InspectError> {
        Ok(match self.next()? {
            Ok(None) => None,
            Ok(Some(found)) => Some(Ok(found)),
            Err(broken) => Some(Err(format!("at byte {}: {}", broken.position, broken.problem))),
        })
    }
}
