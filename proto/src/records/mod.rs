//! Records of the broker's own topics: what the machines store.

pub mod consumer;
pub mod group;
pub mod metadata;
