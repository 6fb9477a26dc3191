//! Topics: made, deleted, given more partitions, found.

use std::sync::Arc;

use thalweg_proto::error::ErrorCode;
use uuid::Uuid;

use super::Engine;
use crate::coordinator::metadata::{
    Command, NewTopic, Refusal, Reply, Topic, TopicKey, check_replicas, check_request_size,
};
use crate::world::Random;

/// What became of one topic of a request.
pub type TopicOutcome = Result<Arc<Topic>, Refusal>;

/// A wish for more partitions.
#[derive(Clone, Debug, Default)]
pub struct MorePartitions {
    /// The topic's name.
    pub topic: String,
    /// How many it shall have, counting those it has.
    pub count: i32,
    /// The replicas of each new partition, where the client chooses.
    pub assignments: Option<Vec<Vec<i32>>>,
}

impl Engine {
    /// Makes topics. When this returns, those that were made are durable and can be produced to and fetched from.
    ///
    /// With `validate_only` nothing is made; the answer is what it would have been.
    pub async fn create_topics(&self, mut topics: Vec<NewTopic>, validate_only: bool) -> Vec<TopicOutcome> {
        if let Err(refusal) = check_request_size(&topics, self.current_settings().topics.partitions) {
            return vec![Err(refusal); topics.len()];
        }
        for topic in topics.iter_mut().filter(|topic| topic.id.is_nil()) {
            topic.id = new_topic_id(self.world.random.as_ref());
        }
        let commands = topics.into_iter().map(Command::CreateTopic).collect();
        self.command(commands, validate_only).await.into_iter().map(topic_of).collect()
    }

    /// Deletes topics with all their records. When this returns, those that were deleted are served no more.
    pub async fn delete_topics(&self, topics: Vec<TopicKey>) -> Vec<TopicOutcome> {
        let commands = topics.into_iter().map(Command::DeleteTopic).collect();
        self.command(commands, false).await.into_iter().map(topic_of).collect()
    }

    /// Gives topics more partitions. When this returns, they can be produced to and fetched from.
    pub async fn add_partitions(
        &self,
        wishes: Vec<MorePartitions>,
        validate_only: bool,
    ) -> Vec<TopicOutcome> {
        let command = |MorePartitions { topic, count, assignments }| Command::AddPartitions {
            topic,
            count,
            assignments,
        };
        let commands = wishes.into_iter().map(command).collect();
        self.command(commands, validate_only).await.into_iter().map(topic_of).collect()
    }

    /// Judges a wish to move a partition, as `ReplicationControlManager.alterPartitionReassignment`: it can stay where it is,
    /// and without replicas, there is no move to stop.
    pub fn reassign(&self, topic: &str, partition: i32, replicas: Option<&[i32]>) -> Result<(), Refusal> {
        let unknown = |what: String| Refusal::new(ErrorCode::UnknownTopicOrPartition, what);
        let found = self.topics.by_name(topic);
        let handle = found.ok_or_else(|| unknown(format!("Unable to find a topic named {topic}.")))?;
        let missing = |_| unknown(format!("Unable to find partition {topic}:{partition}."));
        handle.partition(partition).map_err(missing)?;
        let replicas = replicas.ok_or(Refusal::bare(ErrorCode::NoReassignmentInProgress))?;
        check_replicas(replicas, self.settings.node_id)
    }

    /// Makes topics that a client asked about, with the defaults of the broker (`auto.create.topics.enable`).
    pub async fn auto_create_topics(&self, names: impl IntoIterator<Item = String>) -> Vec<TopicOutcome> {
        let topic = |name| NewTopic { name, partitions: -1, replication_factor: -1, ..NewTopic::default() };
        self.create_topics(names.into_iter().map(topic).collect(), false).await
    }
}

fn topic_of(outcome: super::metadata::Outcome) -> TopicOutcome {
    match outcome? {
        Reply::TopicCreated(topic) | Reply::TopicDeleted(topic) | Reply::PartitionsAdded(topic) => Ok(topic),
        Reply::ConfigsChanged(_) | Reply::ProducerIdsAllocated { .. } => {
            Err(Refusal::bare(ErrorCode::UnknownServerError))
        }
    }
}

/// A random id whose text does not begin with a dash, which command lines would take for an option (as Kafka sees to).
fn new_topic_id(random: &dyn Random) -> Uuid {
    const DASH: u8 = 62;
    loop {
        let id = random.uuid();
        if id.as_bytes().first().is_some_and(|byte| byte >> 2 != DASH) {
            return id;
        }
    }
}
