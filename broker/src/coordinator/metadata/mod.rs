//! The metadata machine: topics, their partitions, and the configurations that were set at run time.
//!
//! [`State::decide`] judges a command and makes records, [`State::apply`] replays one. The records are those of
//! [`thalweg_proto::records::metadata`], stored as record batches in the log [`LOG_TOPIC`], partition 0.

mod apply;
mod command;
mod configs;
mod decide;
mod names;
mod snapshot;
mod state;
mod topics;

pub use crate::coordinator::Refusal;
pub use command::{Assignment, Command, ConfigChange, ConfigOperation, NewTopic, Reply, TopicKey};
pub use configs::{Catalog, Configs};
pub use decide::{Judgement, Rules};
pub use names::{collision_key, is_internal, validate_topic_name};
pub use snapshot::Replay;
pub use state::{State, Topic};
pub use thalweg_proto::records::metadata::{ConfigResource, Record, ResourceKind};
pub use topics::{MAX_PARTITIONS_PER_REQUEST, check_replicas, check_request_size};

/// The log that holds the machine's records. Clients neither see nor create a topic of this name.
pub const LOG_TOPIC: &str = "__cluster_metadata";

#[cfg(test)]
mod tests;
