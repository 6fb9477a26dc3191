//! Topics and configurations through the engine: many at once, through restarts, power cuts and failing disks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod configs;
mod durability;
mod support;
mod topics;
