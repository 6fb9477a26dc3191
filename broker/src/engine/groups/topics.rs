//! Topics come, grow and go: the groups are told.

use std::sync::Arc;

use crate::coordinator::metadata::{Reply, Topic};
use crate::engine::Engine;
use crate::engine::metadata::Outcome;

impl Engine {
    /// Tells the groups what has become of topics. The changes are in force already.
    pub(in crate::engine) fn tell_groups(&self, outcomes: &[Outcome]) {
        let (mut changed, mut deleted) = (Vec::new(), Vec::new());
        for outcome in outcomes {
            match outcome {
                Ok(Reply::TopicCreated(topic) | Reply::PartitionsAdded(topic)) => {
                    changed.push(topic.name.clone());
                }
                Ok(Reply::TopicDeleted(topic)) => deleted.push(topic.clone()),
                _ => {}
            }
        }
        changed.extend(deleted.iter().map(|topic: &Arc<Topic>| topic.name.clone()));
        if changed.is_empty() {
            return;
        }
        for host in self.groups.all() {
            // A shard that is not there, or not yet, will see the topics as they are then.
            let _ = host.run_in_parts(self, |shard, env| {
                shard.topics_changed(env, &changed);
                let mut step = crate::coordinator::group::Step::reply(());
                for topic in &deleted {
                    step.absorb(shard.topic_deleted(env, &topic.name, topic.id));
                }
                step
            });
        }
    }
}
