//! The gRPC services of package `thalweg.v1`: messages, clients and servers, compiled from `proto/thalweg/v1`.
//!
//! Byte fields are [`bytes::Bytes`], slices of the frame they came in. A failure of a whole call is a canonical status
//! with an `ErrorInfo` of domain [`ERROR_DOMAIN`], whose reason is the Kafka error's name and whose metadata has its
//! number under [`KAFKA_CODE`].

/// Domain of the `ErrorInfo` that goes with a failed call.
pub const ERROR_DOMAIN: &str = "thalweg";

/// Key of the Kafka error number in the metadata of `ErrorInfo`.
pub const KAFKA_CODE: &str = "kafka_code";

/// Largest message that either side accepts, in bytes; above the broker's default `message.max.bytes` of 1 MiB by far.
pub const MAX_MESSAGE_BYTES: usize = 64 << 20;

/// The services and their messages.
#[allow(clippy::all, clippy::too_many_lines, missing_docs, unused_qualifications)] // generated
pub mod v1 {
    tonic::include_proto!("thalweg.v1");
}

/// The compiled descriptors of the services, for server reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/thalweg.v1.bin"));
