//! Topics go: the groups are told. That topics come and grow, they see by [`Surroundings::topics_version`].
//!
//! [`Surroundings::topics_version`]: crate::coordinator::group::Surroundings::topics_version

use crate::coordinator::group::Step;
use crate::coordinator::metadata::Reply;
use crate::engine::Engine;
use crate::engine::metadata::Outcome;

impl Engine {
    /// Has the offsets go that were committed for deleted topics. The topics are gone already.
    pub(in crate::engine) fn tell_groups(&self, outcomes: &[Outcome]) {
        let gone = |outcome: &Outcome| match outcome {
            Ok(Reply::TopicDeleted(topic)) => Some(topic.clone()),
            _ => None,
        };
        let deleted: Vec<_> = outcomes.iter().filter_map(gone).collect();
        if deleted.is_empty() {
            return;
        }
        for host in self.groups.all() {
            // A shard that is being loaded, or cannot write now, finds the orphans when offsets expire.
            let _ = host.run_in_parts(self, |shard, _| {
                let mut step: Step = Step::default();
                for topic in &deleted {
                    step.absorb(shard.topic_deleted(&topic.name, topic.id));
                }
                step
            });
        }
    }
}
