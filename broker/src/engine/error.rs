//! What the engine answers when it cannot do what it was asked: facts, each with one Kafka error code.

use std::sync::Arc;

use thalweg_proto::error::ErrorCode;

use crate::coordinator::metadata::Refusal;
use crate::log;

/// Why a request, or one partition of it, could not be served.
///
/// Both front ends derive their status from [`EngineError::code`]; the text is for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// No topic of this name is served here.
    #[error("topic {0:?} does not exist")]
    UnknownTopic(Arc<str>),
    /// No topic with this id is served here (KIP-516).
    #[error("no topic has the id {0}")]
    UnknownTopicId(uuid::Uuid),
    /// The topic exists, the partition does not.
    #[error("topic {topic:?} has no partition {partition}")]
    UnknownPartition {
        /// Name of the topic.
        topic: Arc<str>,
        /// The partition that was asked for.
        partition: i32,
    },
    /// The topic's name breaks Kafka's rules for names.
    #[error("{0:?} is not a legal topic name")]
    InvalidTopic(Arc<str>),
    /// `acks` was none of 0, 1 and -1.
    #[error("acks must be 0, 1 or all, not {0}")]
    InvalidAcks(i16),
    /// The client believes in an older leader epoch than the partition's (KIP-320).
    #[error("leader epoch {given} is older than {current}")]
    FencedLeaderEpoch {
        /// Epoch that the client sent.
        given: i32,
        /// Epoch of the partition.
        current: i32,
    },
    /// The client believes in a newer leader epoch than the partition's (KIP-320).
    #[error("leader epoch {given} is newer than {current}")]
    UnknownLeaderEpoch {
        /// Epoch that the client sent.
        given: i32,
        /// Epoch of the partition.
        current: i32,
    },
    /// The log refused the records.
    #[error(transparent)]
    Append(#[from] log::AppendError),
    /// The offset lies before the log's start or behind what can be read.
    #[error("offset {offset} is out of range {log_start}..{log_end}")]
    OffsetOutOfRange {
        /// What was asked for.
        offset: i64,
        /// The first offset there is.
        log_start: i64,
        /// The offset of the next record.
        log_end: i64,
    },
    /// The reader says that it has records of an epoch that this log has never had.
    #[error("the log has no records of leader epoch {0}")]
    UndefinedEpoch(i32),
    /// The records did not become durable within the client's timeout. They may become so yet.
    #[error("the records were not durable in time")]
    TimedOut,
    /// The storage has failed, and why.
    #[error("storage failed: {0}")]
    Storage(Arc<str>),
    /// The topic was deleted while the request was waiting.
    #[error("the topic was deleted")]
    Deleted,
    /// A refusal by a coordinator or an administrative rule, with Kafka's code and a text.
    #[error("{message}")]
    Refused {
        /// Kafka's error code.
        code: ErrorCode,
        /// What a person should read.
        message: String,
    },
}

/// Why the engine could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data directory cannot be used.
    #[error(transparent)]
    DataDirectory(#[from] log::LogError),
    /// What is in it cannot be served.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl EngineError {
    /// A refusal with a code and a text.
    pub fn refused(code: ErrorCode, message: impl Into<String>) -> Self {
        Self::Refused { code, message: message.into() }
    }

    /// That the metadata log holds what it cannot hold.
    pub(super) fn corrupt_metadata(error: impl std::fmt::Display) -> Self {
        Self::Storage(format!("the metadata log is damaged: {error}").into())
    }

    /// That the storage of a partition has failed before.
    pub(super) fn offline() -> Self {
        Self::Storage("the partition is offline after an earlier failure".into())
    }

    /// The error code that Kafka gives for this fact.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::UnknownTopic(_) | Self::UnknownPartition { .. } | Self::Deleted => {
                ErrorCode::UnknownTopicOrPartition
            }
            Self::UnknownTopicId(_) => ErrorCode::UnknownTopicId,
            Self::InvalidTopic(_) => ErrorCode::InvalidTopicException,
            Self::InvalidAcks(_) => ErrorCode::InvalidRequiredAcks,
            Self::FencedLeaderEpoch { .. } => ErrorCode::FencedLeaderEpoch,
            Self::UnknownLeaderEpoch { .. } => ErrorCode::UnknownLeaderEpoch,
            Self::Append(error) => error.code,
            Self::OffsetOutOfRange { .. } | Self::UndefinedEpoch(_) => ErrorCode::OffsetOutOfRange,
            Self::TimedOut => ErrorCode::RequestTimedOut,
            Self::Storage(_) => ErrorCode::KafkaStorageError,
            Self::Refused { code, .. } => *code,
        }
    }
}

impl From<log::DeleteError> for EngineError {
    fn from(error: log::DeleteError) -> Self {
        Self::Refused { code: error.code(), message: error.to_string() }
    }
}

impl From<log::LogError> for EngineError {
    fn from(error: log::LogError) -> Self {
        Self::Storage(error.to_string().into())
    }
}

impl From<log::ReadError> for EngineError {
    fn from(error: log::ReadError) -> Self {
        match error {
            log::ReadError::OutOfRange { offset, log_start, log_end } => {
                Self::OffsetOutOfRange { offset, log_start, log_end }
            }
            log::ReadError::Log(error) => error.into(),
        }
    }
}

impl From<Refusal> for EngineError {
    fn from(refusal: Refusal) -> Self {
        let message = refusal.message.unwrap_or_else(|| refusal.code.message().to_owned());
        Self::Refused { code: refusal.code, message }
    }
}
