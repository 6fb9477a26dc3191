//! The broker: log, coordinators, engine, and the Kafka and gRPC front ends.

pub mod coordinator;
pub mod engine;
pub mod front;
pub mod log;
pub mod server;
pub mod storage;
pub mod world;
