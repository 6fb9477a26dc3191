//! The group machine: consumer groups of both protocols, and the offsets that they commit.
//!
//! A [`Shard`] is one partition of [`LOG_TOPIC`]: the groups whose id falls on it ([`shard_of`]) and their offsets. What is
//! durable of it changes by [`Shard::apply`] alone, live and at recovery. What a restart may forget (who has sent a heartbeat
//! when, who waits for a rebalance to end) lives beside it and is changed by the operations themselves.
//!
//! Every operation gives a [`Step`]: the reply, the records that must be durable before it leaves, and answers for those who
//! have been waiting. The caller appends the records, applies them, and delivers; where they cannot be appended, it says so
//! with [`Shard::refused`] instead.
//!
//! - [`classic`]: JoinGroup, SyncGroup, Heartbeat, LeaveGroup; the clients assign.
//! - [`consumer`]: KIP-848; the broker assigns, by an [`assignor`].
//! - [`offsets`]: commit, fetch, delete, expire.
//! - [`admin`]: list, describe, delete.

pub mod admin;
pub mod assignor;
pub mod classic;
pub mod consumer;
#[cfg(test)]
mod damage;
mod env;
pub mod offsets;
mod shard;
#[cfg(test)]
mod sim;
mod step;
mod tally;
#[cfg(test)]
pub mod testing;
mod timers;

pub use env::{Env, Surroundings, TopicFacts};
use shard::java_hash;
pub use shard::{Group, Shard, shard_of};
pub use step::{Step, Ticket, Woken};
pub use tally::{ByType, Tally};
pub use timers::{TimerKey, Timers};

pub use thalweg_proto::records::group::Record;

/// The topic that holds the machine's records, one shard in each partition.
pub const LOG_TOPIC: &str = "__consumer_offsets";
