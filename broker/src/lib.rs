//! The broker: log, coordinators, engine, and the Kafka and gRPC front ends.

pub mod coordinator;
pub mod log;
pub mod world;
