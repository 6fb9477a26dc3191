//! OffsetCommit.

use thalweg_proto::error::ErrorCode;
use thalweg_proto::records::group::OffsetCommitValue;
use uuid::Uuid;

use super::{CommitOffsets, CommitPartition};
use crate::coordinator::group::{Env, Group, Record, Shard, Step};

/// The first version whose clients know GROUP_ID_NOT_FOUND (KIP-848).
const KNOWS_GROUP_ID_NOT_FOUND: i16 = 9;

impl Shard {
    /// OffsetCommit: what became of each partition, in the order of the request (`OffsetMetadataManager.commitOffset`).
    pub fn commit_offsets(&mut self, env: &Env<'_>, commit: CommitOffsets) -> Step<Vec<ErrorCode>> {
        let longest = env.settings.offsets.metadata_max_bytes;
        if let Err(error) = self.validate_commit(&commit, longest) {
            return Step::reply(vec![error; commit.partitions.len()]);
        }
        self.refresh_classic_session(env, &commit.group, &commit.member);
        let expire_timestamp = commit.retention_ms.map_or(-1, |keep| env.wall_ms.saturating_add(keep));
        let mut outcome = Vec::with_capacity(commit.partitions.len());
        let mut records = Vec::with_capacity(commit.partitions.len());
        for partition in commit.partitions {
            if has_long_metadata(&partition, longest) {
                outcome.push(ErrorCode::OffsetMetadataTooLarge);
                continue;
            }
            outcome.push(ErrorCode::None);
            // The format that has room for an expiry has none for these: what is kept is what a restart will find.
            let (leader_epoch, topic_id) = match expire_timestamp {
                -1 => (partition.leader_epoch, partition.topic_id),
                _ => (-1, Uuid::nil()),
            };
            records.push(Record::OffsetCommit {
                group: commit.group.clone(),
                topic: partition.topic,
                partition: partition.partition,
                value: Some(OffsetCommitValue {
                    offset: partition.offset,
                    leader_epoch,
                    metadata: partition.metadata,
                    commit_timestamp: env.wall_ms,
                    expire_timestamp,
                    topic_id,
                }),
            });
        }
        Step::with_records(outcome, records)
    }

    fn validate_commit(&self, commit: &CommitOffsets, longest: usize) -> Result<(), ErrorCode> {
        match self.groups.get(&commit.group) {
            // A consumer that is no member needs no group: the first offset makes it.
            None if commit.generation_or_epoch < 0 => Ok(()),
            None if commit.version >= KNOWS_GROUP_ID_NOT_FOUND => Err(ErrorCode::GroupIdNotFound),
            None => Err(ErrorCode::IllegalGeneration),
            Some(Group::Classic(group)) => {
                group.validate_commit(&commit.member, commit.instance.as_deref(), commit.generation_or_epoch)
            }
            Some(Group::Consumer(group)) => {
                let partitions = commit.partitions.iter().filter(|one| !has_long_metadata(one, longest));
                let mut partitions = partitions.map(|one| (one.topic_id, one.partition));
                group.validate_commit(
                    &commit.member,
                    commit.generation_or_epoch,
                    commit.version,
                    &mut partitions,
                )
            }
        }
    }
}

/// Java measures a text in UTF-16 code units, of which there are never more than bytes.
fn has_long_metadata(partition: &CommitPartition, longest: usize) -> bool {
    partition.metadata.len() > longest && partition.metadata.encode_utf16().count() > longest
}
