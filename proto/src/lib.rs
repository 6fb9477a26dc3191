//! The wire formats of Thalweg: Kafka's protocol, record batches, and the gRPC services.

pub mod api;
pub mod error;
pub mod frame;
pub mod grpc;
pub mod messages;
pub mod record;
pub mod records;
pub mod wire;
