//! The front ends: they decode, call the engine, and encode. Nothing is decided here.

mod address;
pub mod complaints;
pub mod grpc;
pub mod http;
pub mod kafka;
pub mod listener;
mod metrics;
