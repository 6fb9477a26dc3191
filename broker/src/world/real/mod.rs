//! The machine itself.

mod clock;
mod disk;
mod net;
mod random;
mod region;
mod writer;

use std::sync::Arc;

use super::World;

/// The real clock, disk, network and randomness.
pub fn world() -> World {
    World {
        clock: Arc::new(clock::RealClock::new()),
        disk: Arc::new(disk::RealDisk),
        random: Arc::new(random::RealRandom),
        net: Arc::new(net::RealNetwork),
    }
}
