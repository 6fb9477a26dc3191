//! What the machine can be asked to do, and what it answers.

use std::sync::Arc;

use uuid::Uuid;

use super::{ConfigResource, Topic};

/// A change that somebody wants. One command is one item of a request: it succeeds or is refused by itself.
#[derive(Clone, Debug)]
pub enum Command {
    /// Make a topic.
    CreateTopic(NewTopic),
    /// Remove a topic with all its partitions and configurations.
    DeleteTopic(TopicKey),
    /// Raise the number of partitions of a topic to `count`, counting those it has.
    AddPartitions {
        /// The topic's name.
        topic: String,
        /// The number of partitions wanted.
        count: i32,
        /// The replicas of each new partition, where the client wants to choose.
        assignments: Option<Vec<Vec<i32>>>,
    },
    /// Change some configurations of a resource and leave the others (KIP-339).
    ChangeConfigs {
        /// Whose configurations.
        resource: ConfigResource,
        /// The changes, in the order of the request.
        changes: Vec<ConfigChange>,
    },
    /// Replace all configurations of a resource: what is not named goes back to its default.
    ReplaceConfigs {
        /// Whose configurations.
        resource: ConfigResource,
        /// Name and value of each; a null value is refused.
        configs: Vec<(String, Option<String>)>,
    },
    /// Reserve `count` producer ids.
    AllocateProducerIds {
        /// How many.
        count: i64,
    },
}

/// A topic to be made.
#[derive(Clone, Debug, Default)]
pub struct NewTopic {
    /// The id that it gets; chosen by the caller, since the machine has no randomness of its own.
    pub id: Uuid,
    /// Its name, unchecked.
    pub name: String,
    /// Number of partitions, or -1 for the broker's default (KIP-464).
    pub partitions: i32,
    /// Replicas of each partition, or -1 for the broker's default.
    pub replication_factor: i16,
    /// Partitions and their replicas as chosen by the client; empty if it leaves that to the broker.
    pub assignments: Vec<Assignment>,
    /// Configurations that differ from the defaults. A null value is refused.
    pub configs: Vec<(String, Option<String>)>,
    /// Whether it is the log of one of the broker's own coordinators, which nobody else may make.
    pub by_broker: bool,
}

/// The replicas of one partition, as a client chose them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assignment {
    /// The partition.
    pub partition: i32,
    /// The nodes that hold it.
    pub replicas: Vec<i32>,
}

/// A topic, by its name or by its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TopicKey {
    /// By name.
    Name(String),
    /// By id.
    Id(Uuid),
}

/// One change of one configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigChange {
    /// The configuration's name.
    pub name: String,
    /// What to do.
    pub operation: ConfigOperation,
    /// The value; only DELETE goes without.
    pub value: Option<String>,
}

/// The operations of IncrementalAlterConfigs (KIP-339).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigOperation {
    /// Set the value.
    Set,
    /// Go back to the default.
    Delete,
    /// Add the values to a list.
    Append,
    /// Take the values off a list.
    Subtract,
    /// A number that means nothing.
    Unknown(i8),
}

impl From<i8> for ConfigOperation {
    fn from(operation: i8) -> Self {
        match operation {
            0 => Self::Set,
            1 => Self::Delete,
            2 => Self::Append,
            3 => Self::Subtract,
            other => Self::Unknown(other),
        }
    }
}

/// What became of a command that was carried out.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// The topic as it is now.
    TopicCreated(Arc<Topic>),
    /// The topic as it was.
    TopicDeleted(Arc<Topic>),
    /// The topic as it is now.
    PartitionsAdded(Arc<Topic>),
    /// The configurations of this resource are changed.
    ConfigsChanged(ConfigResource),
    /// The ids from `first` on, as many as were asked for, are the caller's.
    ProducerIdsAllocated {
        /// The first of them.
        first: i64,
    },
}
