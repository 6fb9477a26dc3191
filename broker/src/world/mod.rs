//! What the broker needs of the machine: clock, disk, network and randomness, as values passed in by `main`.
//!
//! Nothing above this module asks the operating system for anything, so that the same code runs on the real machine
//! ([`real`]) and on a simulated one ([`sim`]) with virtual time and a disk that loses what was not synced.

pub mod clock;
pub mod disk;
pub mod net;
pub mod random;
pub mod real;
pub mod region;
pub mod sim;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

pub use clock::Clock;
pub use disk::Disk;
pub use net::Network;
pub use random::Random;
pub use region::Region;

/// A boxed future, as the asynchronous methods of the world's traits return it.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The four things that differ between the real machine and a simulated one. Cheap to clone.
#[derive(Clone)]
pub struct World {
    /// Wall and monotonic time.
    pub clock: Arc<dyn Clock>,
    /// Files, directories and mapped regions.
    pub disk: Arc<dyn Disk>,
    /// Unpredictable bytes (in the simulator: from a seed).
    pub random: Arc<dyn Random>,
    /// Listening and connecting.
    pub net: Arc<dyn Network>,
}

impl std::fmt::Debug for World {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("World").finish_non_exhaustive()
    }
}
