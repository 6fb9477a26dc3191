//! The consumer protocol (KIP-848): members say what they want by heartbeats, the broker assigns.

mod apply;
mod classic;
mod facts;
mod group;
mod operations;
mod request;

pub use group::ConsumerGroup;
pub use request::{
    AssignedPartitions, ConsumerGroupDescription, ConsumerHeartbeat, ConsumerHeartbeatReply,
    ConsumerMemberDescription,
};
