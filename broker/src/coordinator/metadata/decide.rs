//! How a command is judged.

use std::sync::Arc;

use super::{Catalog, Command, Record, Refusal, Reply, State, configs, topics};

/// The facts that commands are judged by besides the state: settings of this broker.
#[derive(Clone, Debug)]
pub struct Rules {
    /// This node, the only one a partition can be assigned to.
    pub node_id: i32,
    /// Partitions of a topic whose creator does not say (`num.partitions`).
    pub num_partitions: i32,
    /// Replicas of a topic whose creator does not say (`default.replication.factor`).
    pub replication_factor: i16,
    /// Whether topics can be deleted at all (`delete.topic.enable`).
    pub delete_topics: bool,
    /// The configurations that exist.
    pub catalog: Arc<dyn Catalog>,
}

/// The records that a command makes and its answer, or why it is not carried out.
pub type Judgement = Result<(Vec<Record>, Reply), Refusal>;

impl State {
    /// Judges a command. Nothing changes until the records are applied.
    pub fn decide(&self, rules: &Rules, command: Command) -> Judgement {
        match command {
            Command::CreateTopic(topic) => topics::create(self, rules, topic),
            Command::DeleteTopic(key) => topics::delete(self, rules, &key),
            Command::AddPartitions { topic, count, assignments } => {
                topics::add_partitions(self, rules, &topic, count, assignments.as_deref())
            }
            Command::ChangeConfigs { resource, changes } => configs::change(self, rules, &resource, &changes),
            Command::ReplaceConfigs { resource, configs } => {
                configs::replace(self, rules, &resource, &configs)
            }
            Command::AllocateProducerIds { count } => self.allocate_producer_ids(count),
        }
    }

    fn allocate_producer_ids(&self, count: i64) -> Judgement {
        let first = self.next_producer_id;
        let next = first.checked_add(count.max(1)).ok_or_else(|| {
            Refusal::new(
                thalweg_proto::error::ErrorCode::UnknownServerError,
                "All producer ids have been given out.",
            )
        })?;
        Ok((vec![Record::ProducerIdsAllocated { next }], Reply::ProducerIdsAllocated { first }))
    }
}
