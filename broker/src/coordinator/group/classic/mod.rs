//! The classic protocol: the group elects a leader among its members, which assigns for all of them.

mod apply;
mod facts;
mod group;
mod operations;
mod request;

pub use group::ClassicGroup;
pub use request::{Heartbeat, Join, Joined, JoinedMember, Leave, LeavingMember, Left, Sync, Synced};
