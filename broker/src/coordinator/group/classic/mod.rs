//! The classic protocol: the group elects a leader among its members, which assigns for all of them.
//!
//! What is true of a group stands in [`group`](ClassicGroup), [`roll`] and [`member`]. What happens to it happens in a [`turn`],
//! in the file of what it is about: [`join`], [`replace`], [`rebalance`] (the join phase), [`sync`] (the sync phase),
//! [`heartbeat`], [`leave`], [`expiry`].

mod apply;
mod convert;
mod expiry;
mod facts;
mod group;
mod heartbeat;
mod join;
mod leave;
mod member;
mod operations;
mod rebalance;
mod records;
mod replace;
mod request;
mod roll;
mod state;
mod sync;
#[cfg(test)]
mod tests;
mod turn;
mod unwritten;
mod vote;

pub use group::ClassicGroup;
pub use member::{Member, Protocols};
pub use request::{Heartbeat, Join, Joined, JoinedMember, Leave, LeavingMember, Left, Sync, Synced};
