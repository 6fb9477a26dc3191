//! Groups: the group machine at work.
//!
//! [`host`] holds the shards: it runs an operation under the shard's lock, appends and applies its records, and lets the answer
//! leave when they are durable. The other files are the operations as the front ends call them.

mod admin;
mod classic;
mod consumer;
mod host;
mod offsets;

pub use host::Groups;

pub use crate::coordinator::group::admin::{ClassicMemberDescription, GroupDescription, GroupListing};
pub use crate::coordinator::group::classic::{
    Heartbeat, Join, Joined, JoinedMember, Leave, LeavingMember, Left, Sync, Synced,
};
pub use crate::coordinator::group::consumer::{
    AssignedPartitions, ConsumerGroupDescription, ConsumerHeartbeat, ConsumerHeartbeatReply,
    ConsumerMemberDescription,
};
pub use crate::coordinator::group::offsets::{
    CommitOffsets, CommitPartition, DeleteOffsets, FetchOffsets, FetchTopic, FetchedOffset,
};
