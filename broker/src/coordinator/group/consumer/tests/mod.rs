//! Whole scenarios over the shard's operations, on virtual time.

mod classic_members;
mod expressions;
mod membership;
mod reconciliation;
mod records;
mod statics;
mod tally;
mod world;
