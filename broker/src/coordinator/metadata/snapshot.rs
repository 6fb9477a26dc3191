//! The whole state as records, so that the log need not be kept from its beginning.

use super::{Record, State};

impl State {
    /// Records that make this state out of any other. Written behind the log's end, they let everything before them be deleted.
    pub fn snapshot(&self) -> Vec<Record> {
        let mut records = vec![Record::SnapshotStarted];
        records.extend(self.topics().map(|topic| Record::TopicCreated {
            id: topic.id,
            name: topic.name.to_string(),
            partitions: topic.partitions,
            configs: topic.overrides.clone(),
        }));
        for (resource, configs) in &self.configs {
            records.extend(configs.iter().map(|(key, value)| Record::ConfigSet {
                resource: resource.clone(),
                key: key.clone(),
                value: Some(value.clone()),
            }));
        }
        records.push(Record::ProducerIdsAllocated { next: self.next_producer_id });
        records.push(Record::SnapshotEnded);
        records
    }
}
