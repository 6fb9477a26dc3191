//! One table from the engine's errors to canonical statuses: that of the error codes.

use std::collections::HashMap;

use thalweg_proto::error::ErrorCode;
use thalweg_proto::grpc::{ERROR_DOMAIN, KAFKA_CODE, v1};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::engine::EngineError;

/// A failed call: the canonical status, and an `ErrorInfo` that names Kafka's error.
pub(super) fn status(error: &EngineError) -> Status {
    coded(error.code(), error.to_string())
}

/// [`status`] for an error that only has a code.
pub(super) fn coded(code: ErrorCode, message: impl Into<String>) -> Status {
    let metadata = HashMap::from([(KAFKA_CODE.to_owned(), (code as i16).to_string())]);
    let details = ErrorDetails::with_error_info(code.name(), ERROR_DOMAIN, metadata);
    Status::with_error_details(code.grpc_code(), message, details)
}

/// The failure of one item of a request.
pub(super) fn problem(error: &EngineError) -> v1::Problem {
    let code = error.code();
    v1::Problem {
        code: code.grpc_code().into(),
        reason: code.name().to_owned(),
        kafka_code: i32::from(code as i16),
        message: error.to_string(),
    }
}

/// A field of the request that makes no sense.
pub(super) fn invalid(message: impl Into<String>) -> Status {
    coded(ErrorCode::InvalidRequest, message)
}

/// The broker is on its way down; the client may find the next one at the same place.
pub(super) fn stopping() -> Status {
    Status::new(Code::Unavailable, "the broker is stopping")
}
