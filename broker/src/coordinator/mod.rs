//! The machines: pure state that is replayed from a log.
//!
//! Each machine has two functions. `decide` reads the state and says which records a command makes; `apply` is the only thing
//! that writes, and it is the same code live and at recovery.

pub mod metadata;
