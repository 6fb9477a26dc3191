//! A simulated machine: virtual time, a disk in memory that can lose what was not synced, pipes instead of a network,
//! and randomness from a seed. The same seed gives the same run.

mod clock;
mod disk;
mod net;
mod random;
mod region;
mod tree;

use std::sync::Arc;

pub use clock::SimClock;
pub use disk::SimDisk;
pub use net::SimNetwork;
pub use random::SimRandom;

use super::World;

/// A simulated world with the handles that drive it.
#[derive(Clone)]
pub struct Sim {
    /// Virtual time; moved with [`SimClock::advance`].
    pub clock: Arc<SimClock>,
    /// The disk; crashed with [`SimDisk::crash`].
    pub disk: Arc<SimDisk>,
    /// The seed's random numbers.
    pub random: Arc<SimRandom>,
    /// The network.
    pub net: Arc<SimNetwork>,
}

impl Sim {
    /// A world from a seed.
    pub fn new(seed: u64) -> Sim {
        Sim {
            clock: Arc::new(SimClock::default()),
            disk: Arc::new(SimDisk::new(seed)),
            random: Arc::new(SimRandom::new(seed)),
            net: Arc::new(SimNetwork::default()),
        }
    }

    /// The world as the broker sees it.
    pub fn world(&self) -> World {
        World {
            clock: self.clock.clone(),
            disk: self.disk.clone(),
            random: self.random.clone(),
            net: self.net.clone(),
        }
    }
}
