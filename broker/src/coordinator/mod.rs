//! The machines: state that is replayed from a log.
//!
//! A machine judges a command and says which records it makes; applying records is the only thing that changes what is durable,
//! live and at recovery alike. Nothing here has a clock, a lock or a disk.

pub mod group;
pub mod metadata;
mod refusal;

pub use refusal::Refusal;
