//! What can go wrong, and what a caller may do about it.

use std::time::Duration;

use thalweg_proto::error::ErrorCode;
use thalweg_proto::grpc::{ERROR_DOMAIN, KAFKA_CODE, v1};
use thalweg_proto::record::RecordError;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::record::TopicPartition;

/// A failed call, or the failure of one record or partition in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address of the broker is not a URL.
    #[error("invalid broker address {0:?}")]
    InvalidAddress(String),
    /// The broker cannot be reached, or went away.
    #[error("cannot reach the broker: {0}")]
    Unavailable(String),
    /// The broker said no.
    #[error("{message}")]
    Refused {
        /// The canonical gRPC status.
        status: Code,
        /// Kafka's error, where the broker named one.
        code: Option<ErrorCode>,
        /// What happened, in the broker's words.
        message: String,
    },
    /// The answer did not come in time.
    #[error("no answer within {waited:?}")]
    Timeout {
        /// How long was waited.
        waited: Duration,
        /// Whether the request may have taken effect all the same.
        possibly_applied: bool,
    },
    /// The connection broke while a write without idempotence was under way.
    #[error("the connection broke before the answer came: {0}")]
    Interrupted(String),
    /// A record is larger than the producer's whole budget.
    #[error("a record of {bytes} bytes exceeds the limit of {limit} bytes")]
    TooLarge {
        /// The record's size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// A partition number that the topic does not have.
    #[error("topic {topic:?} has no partition {partition}")]
    NoSuchPartition {
        /// The topic.
        topic: String,
        /// The number.
        partition: i32,
    },
    /// The producer or consumer has been closed.
    #[error("it is closed")]
    Closed,
    /// The partition is not, or no longer, one of the consumer's.
    #[error("{partition} is not assigned to the consumer")]
    NotAssigned {
        /// The partition.
        partition: TopicPartition,
    },
    /// A record batch cannot be built, or one that was fetched cannot be read.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The broker's answer makes no sense.
    #[error("unexpected answer from the broker: {0}")]
    Protocol(&'static str),
}

impl Error {
    /// Whether the same call may succeed later without any change.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::Timeout { .. } => true,
            Self::Refused { code: Some(code), .. } => code.retriable(),
            Self::Refused { status, .. } => is_transient(*status),
            _ => false,
        }
    }

    /// Whether the call may have taken effect although it failed.
    #[must_use]
    pub fn possibly_applied(&self) -> bool {
        matches!(self, Self::Interrupted(_) | Self::Timeout { possibly_applied: true, .. })
    }

    /// Kafka's error, where the broker named one.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused { code, .. } => *code,
            Self::NoSuchPartition { .. } => Some(ErrorCode::UnknownTopicOrPartition),
            _ => None,
        }
    }

    /// The canonical gRPC status that says the same, [`Code::Internal`] where none does.
    #[must_use]
    pub fn status(&self) -> Code {
        match self {
            Self::Refused { status, .. } => *status,
            Self::Unavailable(_) | Self::Interrupted(_) => Code::Unavailable,
            Self::Timeout { .. } => Code::DeadlineExceeded,
            Self::InvalidAddress(_) | Self::TooLarge { .. } => Code::InvalidArgument,
            Self::NoSuchPartition { .. } => Code::NotFound,
            Self::Closed | Self::NotAssigned { .. } => Code::FailedPrecondition,
            Self::Record(_) | Self::Protocol(_) => Code::Internal,
        }
    }

    /// The failure of one item of a request.
    pub(crate) fn from_problem(problem: v1::Problem) -> Self {
        let code = i16::try_from(problem.kafka_code).ok().filter(|&code| code != 0).map(ErrorCode::from);
        Self::Refused { status: Code::from_i32(problem.code), code, message: problem.message }
    }
}

/// Statuses that say nothing about the request, only about the moment.
fn is_transient(status: Code) -> bool {
    matches!(status, Code::Unavailable | Code::ResourceExhausted | Code::Aborted | Code::DeadlineExceeded)
}

impl From<Status> for Error {
    fn from(status: Status) -> Self {
        let details = status.get_error_details();
        let info = details.error_info().filter(|info| info.domain == ERROR_DOMAIN);
        let code =
            info.and_then(|info| info.metadata.get(KAFKA_CODE)).and_then(|code| code.parse::<i16>().ok());
        let refused =
            |code| Self::Refused { status: status.code(), code, message: status.message().to_owned() };
        match (code, status.code()) {
            (Some(code), _) => refused(Some(ErrorCode::from(code))),
            (None, Code::Unavailable) => Self::Unavailable(innermost(&status)),
            // A status with a cause was made on this side: the transport's word for a connection that broke.
            (None, Code::Unknown | Code::Internal | Code::Cancelled)
                if std::error::Error::source(&status).is_some() =>
            {
                Self::Unavailable(innermost(&status))
            }
            (None, _) => refused(None),
        }
    }
}

impl From<tonic::transport::Error> for Error {
    fn from(error: tonic::transport::Error) -> Self {
        Self::Unavailable(innermost(&error))
    }
}

/// The last cause of an error: "Connection refused" says more than "transport error".
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
