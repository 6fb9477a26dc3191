//! What a shard has done, for those who count it. Nothing is decided by it, and a restart forgets it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Group, Record, Shard};

/// A number for the groups of each type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByType {
    /// Of groups whose clients assign.
    pub classic: u64,
    /// Of groups whose partitions the broker assigns (KIP-848).
    pub consumer: u64,
}

/// What has happened since [`Shard::take_tally`] was called last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rebalances that have come to their end: of a classic group, its leader's assignment is written; of a consumer group, all
    /// of its members have what the target of a new epoch gives them.
    pub rebalances: ByType,
    /// Members that were let go because nothing was heard of them for their session.
    pub silent_members: ByType,
    /// Members that were let go because they did not do their part of a rebalance in time.
    pub late_members: ByType,
    /// Offsets committed, each of one partition.
    pub offsets_committed: u64,
    /// Committed offsets whose time was over, or whose topic was found gone.
    pub offsets_expired: u64,
    /// Consumer groups of which a member stands elsewhere than before.
    moved: BTreeSet<Arc<str>>,
}

impl Tally {
    /// Counts a record that was written.
    pub(super) fn written(&mut self, record: &Record) {
        match record {
            Record::OffsetCommit { value: Some(_), .. } => self.offsets_committed += 1,
            Record::CurrentAssignment { group, value: Some(_), .. } if !self.moved.contains(group) => {
                self.moved.insert(group.clone());
            }
            _ => {}
        }
    }

    /// What these records would have removed is there still.
    pub(super) fn not_written(&mut self, records: &[Record]) {
        let are = |what: fn(&Record) -> bool| records.iter().filter(|record| what(record)).count() as u64;
        let offsets = are(|record| matches!(record, Record::OffsetCommit { value: None, .. }));
        self.offsets_expired = self.offsets_expired.saturating_sub(offsets);
        let members = are(|record| matches!(record, Record::ConsumerGroupMember { value: None, .. }));
        for gone in [&mut self.silent_members, &mut self.late_members] {
            gone.consumer = gone.consumer.saturating_sub(members);
        }
    }
}

impl Shard {
    /// What has happened since the last call; none if nothing has, as with most heartbeats.
    pub fn take_tally(&mut self) -> Option<Tally> {
        if self.tally == Tally::default() {
            return None;
        }
        let mut tally = std::mem::take(&mut self.tally);
        for id in std::mem::take(&mut tally.moved) {
            if let Some(Group::Consumer(group)) = self.groups.get_mut(&id) {
                tally.rebalances.consumer += u64::from(group.has_newly_settled());
            }
        }
        Some(tally)
    }
}
