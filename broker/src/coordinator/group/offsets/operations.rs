//! Fetch and delete.

use std::sync::Arc;

use thalweg_proto::error::ErrorCode;
use uuid::Uuid;

use super::{CommittedOffset, DeleteOffsets, FetchOffsets, FetchedOffset, FetchedTopics, tombstone};
use crate::coordinator::group::{Shard, Step};

/// Says that nothing was committed.
const NONE: i64 = -1;

impl Shard {
    /// OffsetFetch, of one group: topics in the order asked for (`OffsetMetadataManager.fetchOffsets`). A group that there is not
    /// has committed nothing.
    pub fn fetch_offsets(&self, fetch: &FetchOffsets) -> Result<FetchedTopics, ErrorCode> {
        if let Some(group) = self.groups.get(&fetch.group) {
            group.validate_fetch(fetch.member.as_deref(), fetch.member_epoch)?;
        }
        // `fetch.require_stable` changes nothing yet: only transactions make offsets that are not stable, and where they come,
        // here is the place to answer UNSTABLE_OFFSET_COMMIT for the partitions that one holds.
        let Some(topics) = &fetch.topics else {
            let all = self.offsets.of_group(&fetch.group);
            let topic = |offsets: &[(i32, CommittedOffset)]| {
                offsets.iter().map(|(partition, offset)| fetched(*partition, offset)).collect()
            };
            return Ok(all.map(|(name, offsets)| (name.clone(), topic(offsets))).collect());
        };
        let answer = topics.iter().map(|asked| {
            let one = |partition: &i32| {
                let offset = self.offsets.get(&fetch.group, &asked.topic, *partition);
                let offset = offset.filter(|offset| is_same(offset.topic_id, asked.topic_id));
                offset.map_or_else(|| nothing(*partition), |offset| fetched(*partition, offset))
            };
            (asked.topic.clone(), asked.partitions.iter().map(one).collect())
        });
        Ok(answer.collect())
    }

    /// OffsetDelete: what became of each partition, in the order of the request (`OffsetMetadataManager.deleteOffsets`).
    pub fn delete_offsets(&self, delete: &DeleteOffsets) -> Step<Result<Vec<Vec<ErrorCode>>, ErrorCode>> {
        let group = self.groups.get(&delete.group).ok_or(ErrorCode::GroupIdNotFound);
        let group = match group.and_then(|group| group.validate_delete_offsets().map(|()| group)) {
            Ok(group) => group,
            Err(error) => return Step::reply(Err(error)),
        };
        let mut records = Vec::new();
        let mut outcome = Vec::with_capacity(delete.topics.len());
        for (topic, partitions) in &delete.topics {
            if group.is_subscribed_to(topic) {
                outcome.push(vec![ErrorCode::GroupSubscribedToTopic; partitions.len()]);
                continue;
            }
            outcome.push(vec![ErrorCode::None; partitions.len()]);
            let there = |partition: &&i32| self.offsets.get(&delete.group, topic, **partition).is_some();
            let there = partitions.iter().filter(there);
            records.extend(there.map(|partition| tombstone(&delete.group, topic, *partition)));
        }
        Step::with_records(Ok(outcome), records)
    }
}

/// Whether two ids may be of one topic: old commits and old clients do not say.
fn is_same(one: Uuid, other: Uuid) -> bool {
    one.is_nil() || other.is_nil() || one == other
}

fn fetched(partition: i32, offset: &CommittedOffset) -> FetchedOffset {
    FetchedOffset {
        partition,
        offset: offset.offset,
        leader_epoch: offset.leader_epoch,
        metadata: offset.metadata.clone(),
        error: ErrorCode::None,
    }
}

fn nothing(partition: i32) -> FetchedOffset {
    FetchedOffset {
        partition,
        offset: NONE,
        leader_epoch: -1,
        metadata: Arc::default(),
        error: ErrorCode::None,
    }
}
