//! Why a machine does not do what it was asked.

use thalweg_proto::error::ErrorCode;

/// Why a command was not carried out, as the client is told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", .code.name(), .message.as_deref().unwrap_or("no reason given"))]
pub struct Refusal {
    /// Kafka's error.
    pub code: ErrorCode,
    /// The reason for people, where Kafka gives one.
    pub message: Option<String>,
}

impl Refusal {
    /// A refusal with a reason.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: Some(message.into()) }
    }

    /// A refusal whose code says it all.
    pub fn bare(code: ErrorCode) -> Self {
        Self { code, message: None }
    }
}

impl From<ErrorCode> for Refusal {
    fn from(code: ErrorCode) -> Self {
        Self::bare(code)
    }
}
