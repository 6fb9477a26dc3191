//! The wire formats of Thalweg: Kafka's protocol, record batches, and the gRPC services.

pub mod record;
