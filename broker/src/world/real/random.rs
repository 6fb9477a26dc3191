//! The kernel's random bytes.

use crate::world::Random;

pub(super) struct RealRandom;

impl Random for RealRandom {
    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            // Ids and salts made of predictable bytes would be a hole: better no process than that.
            tracing::error!(%error, "the kernel gives no random bytes");
            std::process::abort();
        }
    }
}
