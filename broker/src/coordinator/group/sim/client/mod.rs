//! Simulated clients: each follows the rules that the protocol has for its side, as the Java client does.

mod classic;
mod consumer;
mod embedded;
mod leader;
mod positions;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

pub use classic::Classic;
pub use consumer::Consumer;
pub use positions::Positions;

use super::traffic::{Answer, Ask};
use super::world::World;

/// What a client does next.
#[derive(Debug)]
pub enum Next {
    /// Sends a request and waits for its answer.
    Ask(Ask),
    /// Does nothing until then.
    Wait(Duration),
    /// It has left, or has failed for good.
    Gone,
}

/// What is common to both kinds.
#[derive(Clone, Debug)]
pub struct Seat {
    pub group: Arc<str>,
    pub name: Arc<str>,
    pub instance: Option<Arc<str>>,
    pub topics: BTreeSet<Arc<str>>,
    pub session_ms: i32,
    pub rebalance_ms: i32,
    /// No request leaves before.
    pub not_before: Duration,
    pub next_beat: Duration,
    pub next_commit: Duration,
    /// It is to leave cleanly.
    pub leaving: bool,
    pub gone: bool,
}

/// A member of a group.
#[derive(Debug)]
pub enum Client {
    Classic(Box<Classic>),
    Consumer(Box<Consumer>),
}

impl Client {
    pub fn next(&mut self, world: &World) -> Result<Next, String> {
        if self.seat().gone {
            return Ok(Next::Gone);
        }
        if world.now < self.seat().not_before {
            return Ok(Next::Wait(self.seat().not_before));
        }
        match self {
            Self::Classic(client) => client.next(world),
            Self::Consumer(client) => client.next(world),
        }
    }

    pub fn answered(&mut self, world: &World, answer: Answer) -> Result<(), String> {
        match self {
            Self::Classic(client) => client.answered(world, answer),
            Self::Consumer(client) => client.answered(world, answer),
        }
    }

    pub fn seat(&self) -> &Seat {
        match self {
            Self::Classic(client) => &client.seat,
            Self::Consumer(client) => &client.seat,
        }
    }

    pub fn seat_mut(&mut self) -> &mut Seat {
        match self {
            Self::Classic(client) => &mut client.seat,
            Self::Consumer(client) => &mut client.seat,
        }
    }

    /// The id that the broker knows it by; empty while it has none.
    pub fn member(&self) -> &Arc<str> {
        match self {
            Self::Classic(client) => &client.member,
            Self::Consumer(client) => &client.member,
        }
    }

    /// What it believes to own.
    pub fn owned(&self) -> Vec<(Arc<str>, i32)> {
        match self {
            Self::Classic(client) => client.owned.names(),
            Self::Consumer(client) => client.owned.names(),
        }
    }

    /// Whether it has nothing left to do but send heartbeats.
    pub fn settled(&self) -> bool {
        match self {
            Self::Classic(client) => client.settled(),
            Self::Consumer(client) => client.settled(),
        }
    }
}

impl Seat {
    /// Commits now and then.
    pub fn commit_later(&mut self, world: &World) {
        self.next_commit = world.now + world.random.millis(300, 8000);
    }

    /// Waits a little, as clients do behind an error.
    pub fn back_off(&mut self, world: &World) {
        self.not_before = world.now + world.random.millis(50, 500);
    }
}
