//! Groups: the group machine at work.
//!
//! [`shards`] is the way in: it finds the shard of a group. [`host`] runs an operation under the shard's lock, appends and
//! applies its records ([`append`]); [`durably`] lets the answer leave when they are durable, [`tickets`] holds those who wait
//! for an answer that another operation gives. [`bell`] lets deadlines pass, [`resolver`] matches regular expressions, [`load`]
//! and [`replay`] bring the shards back at a start, [`around`] is what the machine sees of the broker. The other files are the
//! operations as the front ends call them.

mod admin;
mod append;
mod around;
pub(super) mod bell;
mod census;
mod classic;
mod consumer;
mod durably;
mod host;
pub(super) mod load;
mod log_topic;
mod offsets;
mod replay;
pub(super) mod resolver;
mod shards;
#[cfg(test)]
mod tests;
mod tickets;
mod topics;

pub use census::GroupCensus;
pub use shards::Groups;

pub use crate::coordinator::group::LOG_TOPIC;
pub use crate::coordinator::group::admin::{ClassicMemberDescription, GroupDescription, GroupListing};
pub use crate::coordinator::group::classic::{
    Heartbeat, Join, Joined, JoinedMember, Leave, LeavingMember, Left, Sync, Synced,
};
pub use crate::coordinator::group::consumer::{
    AWAY, AssignedPartitions, ConsumerGroupDescription, ConsumerHeartbeat, ConsumerHeartbeatReply,
    ConsumerMemberDescription, Expression, LEAVING,
};
pub use crate::coordinator::group::offsets::{
    CommitOffsets, CommitPartition, DeleteOffsets, FetchOffsets, FetchTopic, FetchedOffset, FetchedTopics,
};
