//! How a record changes the state: the only code that writes it, live and at recovery.

use std::sync::Arc;

use super::{ConfigResource, Record, ResourceKind, State, Topic, collision_key};

impl State {
    /// Replays a record. A record about a topic that does not exist changes nothing. Marks of snapshots are [`Replay`](super::Replay)'s business.
    pub fn apply(&mut self, record: &Record) {
        match record {
            Record::TopicCreated { id, name, partitions, configs } => {
                let name: Arc<str> = name.as_str().into();
                let topic = Topic {
                    id: *id,
                    name: name.clone(),
                    partitions: *partitions,
                    overrides: configs.clone(),
                };
                self.insert(name, topic);
            }
            Record::TopicDeleted { id } => self.remove(*id),
            Record::PartitionsAdded { id, partitions } => {
                if let Some(topic) = self.names.get(id).and_then(|name| self.topics.get_mut(name)) {
                    Arc::make_mut(topic).partitions = *partitions;
                }
            }
            Record::ConfigSet { resource, key, value } => self.set_config(resource, key, value.as_deref()),
            Record::ProducerIdsAllocated { next } => self.next_producer_id = *next,
            Record::SnapshotStarted | Record::SnapshotEnded => {}
        }
    }

    fn insert(&mut self, name: Arc<str>, topic: Topic) {
        if let Some(previous) = self.topics.get(&name).map(|topic| topic.id) {
            self.remove(previous);
        }
        if let Some(key) = collision_key(&name) {
            self.collisions.entry(key).or_default().insert(name.clone());
        }
        self.names.insert(topic.id, name.clone());
        self.topics.insert(name, Arc::new(topic));
    }

    fn remove(&mut self, id: uuid::Uuid) {
        let Some(name) = self.names.remove(&id) else { return };
        self.topics.remove(&name);
        let Some(key) = collision_key(&name) else { return };
        if let Some(names) = self.collisions.get_mut(&key) {
            names.remove(&name);
            if names.is_empty() {
                self.collisions.remove(&key);
            }
        }
    }

    fn set_config(&mut self, resource: &ConfigResource, key: &str, value: Option<&str>) {
        if resource.kind == ResourceKind::Topic {
            let Some(topic) = self.topics.get_mut(resource.name.as_str()) else { return };
            let overrides = &mut Arc::make_mut(topic).overrides;
            match value {
                Some(value) => overrides.insert(key.to_owned(), value.to_owned()),
                None => overrides.remove(key),
            };
            return;
        }
        let configs = self.configs.entry(resource.clone()).or_default();
        match value {
            Some(value) => configs.insert(key.to_owned(), value.to_owned()),
            None => configs.remove(key),
        };
        if configs.is_empty() {
            self.configs.remove(resource);
        }
    }
}
