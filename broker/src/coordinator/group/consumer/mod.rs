//! The consumer protocol (KIP-848): members say what they want by heartbeats, the broker assigns.
//!
//! A heartbeat is a [`turn`]: who it is from ([`admission`]), what the member wants ([`subscription`], [`resolution`] of
//! regular expressions), what it is to have ([`target`]), and its next step there ([`reconcile`]). A turn gives [`records`];
//! [`apply`] is what they do. What a member must do in time is in [`deadlines`].

mod admission;
mod apply;
mod classic;
mod configs;
mod counts;
mod deadlines;
mod describe;
mod downgrade;
mod facts;
mod group;
mod hash;
mod heartbeat;
mod ids;
mod leave;
mod member;
mod operations;
mod reconcile;
mod records;
mod regex;
mod request;
mod resolution;
mod subscription;
mod target;
mod turn;
mod upgrade;
mod validate;

#[cfg(test)]
mod tests;

pub use configs::ConsumerConfigs;
pub use group::ConsumerGroup;
pub use member::{AWAY, LEAVING, Member as ConsumerMember};
pub use regex::Expression;
pub use request::{
    AssignedPartitions, ConsumerGroupDescription, ConsumerHeartbeat, ConsumerHeartbeatReply,
    ConsumerMemberDescription,
};
pub use resolution::Resolution;
