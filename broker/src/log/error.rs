//! What can go wrong in a log.

use std::io;
use std::path::{Path, PathBuf};

use thalweg_proto::error::ErrorCode;

/// A failure of storage: of the disk, or of what is found on it.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The file system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The data directory is in use by another process.
    #[error("data directory {} is locked by another process", .0.display())]
    Locked(PathBuf),
    /// The data directory was written by something that this version does not know.
    #[error("data directory {}: {problem}", path.display())]
    Format {
        /// The file or directory.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// Bytes that were durable are not what they were. Nothing is cut or repaired.
    #[error("{}: corrupt at byte {position}: {problem}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Where in it.
        position: u64,
        /// What is wrong there.
        problem: String,
    },
    /// An earlier write or sync of this partition failed: it takes no more appends until the broker is restarted.
    #[error("partition {0} is offline after a storage failure")]
    Poisoned(String),
}

impl LogError {
    /// Wraps an error of the file system with the path it is about; to be used with `map_err`.
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> LogError + use<> {
        let path = path.to_path_buf();
        move |source| LogError::Io { path, source }
    }

    /// Whether what lies on the disk is not what it should be, so that another attempt would find the same.
    pub fn is_damage(&self) -> bool {
        matches!(self, LogError::Corrupt { .. } | LogError::Format { .. })
    }

    /// Whether the disk is full.
    pub(crate) fn is_full(&self) -> bool {
        matches!(self, LogError::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull)
    }

    /// The Kafka error that a client gets.
    pub fn code(&self) -> ErrorCode {
        ErrorCode::KafkaStorageError
    }
}

/// One rejected record of a batch (KIP-467).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordError {
    /// Its place in the batch, from 0.
    pub index: i32,
    /// Why, as Kafka puts it.
    pub message: String,
}

/// An append that was refused; nothing was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppendError {
    /// The Kafka error.
    pub code: ErrorCode,
    /// What Kafka says beside the code, where it says something.
    pub message: Option<String>,
    /// The records at fault, where single ones are.
    pub records: Vec<RecordError>,
    /// The log start offset, for the refusals that report it (those that Kafka finds inside its log); -1 otherwise.
    pub log_start_offset: i64,
}

impl AppendError {
    /// A refusal that says no more than its code.
    pub(crate) fn plain(code: ErrorCode) -> AppendError {
        AppendError { code, message: None, records: Vec::new(), log_start_offset: -1 }
    }

    /// The same with a message.
    pub(crate) fn with_message(code: ErrorCode, message: String) -> AppendError {
        AppendError { message: Some(message), ..AppendError::plain(code) }
    }

    /// The same as found inside the log, where the answer carries its start.
    pub(crate) fn inside(self, log_start_offset: i64) -> AppendError {
        AppendError { log_start_offset, ..self }
    }
}

impl std::fmt::Display for AppendError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.message {
            Some(message) => write!(formatter, "{}: {message}", self.code.name()),
            None => formatter.write_str(self.code.name()),
        }
    }
}

impl std::error::Error for AppendError {}

/// A read or look-up that cannot be answered.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The offset lies before the log start or behind the log end.
    #[error("offset {offset} is out of range: the log is {log_start}..{log_end}")]
    OutOfRange {
        /// What was asked for.
        offset: i64,
        /// The first offset there is.
        log_start: i64,
        /// The offset of the next record.
        log_end: i64,
    },
    /// Storage failed.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl ReadError {
    /// The Kafka error that a client gets.
    pub fn code(&self) -> ErrorCode {
        match self {
            ReadError::OutOfRange { .. } => ErrorCode::OffsetOutOfRange,
            ReadError::Log(error) => error.code(),
        }
    }
}
