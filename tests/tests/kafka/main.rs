//! The Kafka front end and the engine behind it, over real sockets and a real disk: what the comparison with Kafka
//! cannot show.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod admin;
mod commit;
mod crash;
mod disk;
mod expressions;
mod fetch;
mod groups;
mod hostile;
mod metrics;
mod offsets;
mod order;
mod support;
mod versions;
