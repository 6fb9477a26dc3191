//! What records of consumer groups do to the state, live and at recovery alike.

use std::sync::Arc;

use super::ConsumerGroup;
use super::member::{Member, Profile, Standing};
use super::records;
use crate::coordinator::group::{Group, Record, Shard};

impl Shard {
    /// Applies a record of a consumer group. At recovery, compaction may have taken any record before it under another key.
    pub(in crate::coordinator::group) fn apply_consumer_record(&mut self, record: &Record) {
        match record {
            Record::ConsumerGroup { group, value: None } => {
                if self.is_consumer_group(group) {
                    self.groups.remove(group);
                }
            }
            Record::ConsumerGroup { group, .. }
            | Record::ConsumerGroupMember { group, .. }
            | Record::TargetAssignment { group, .. }
            | Record::TargetAssignmentMember { group, .. }
            | Record::CurrentAssignment { group, .. }
            | Record::RegularExpression { group, .. }
            | Record::ConsumerGroupPartitions { group, .. } => {
                if let Some(group) = self.group_of_record(group, takes_back(record)) {
                    group.apply(record);
                }
            }
            Record::OffsetCommit { .. } | Record::ClassicGroup { .. } | Record::Other { .. } => {}
        }
    }

    /// The group that a record is about. One that says something makes it, in place of a classic group.
    fn group_of_record(&mut self, id: &Arc<str>, takes_back: bool) -> Option<&mut ConsumerGroup> {
        if !takes_back && !self.is_consumer_group(id) {
            self.groups.insert(id.clone(), Group::Consumer(ConsumerGroup::default()));
        }
        self.consumer_group_mut(id)
    }
}

/// Whether a record takes back what was said under its key.
fn takes_back(record: &Record) -> bool {
    matches!(
        record,
        Record::ConsumerGroup { value: None, .. }
            | Record::ConsumerGroupMember { value: None, .. }
            | Record::TargetAssignment { value: None, .. }
            | Record::TargetAssignmentMember { value: None, .. }
            | Record::CurrentAssignment { value: None, .. }
            | Record::RegularExpression { value: None, .. }
            | Record::ConsumerGroupPartitions { value: None, .. }
    )
}

impl ConsumerGroup {
    /// Applies a record of this group; its removal is none of them.
    pub(super) fn apply(&mut self, record: &Record) {
        match record {
            Record::ConsumerGroup { value: Some(value), .. } => {
                self.epoch = value.epoch;
                self.metadata_hash = value.metadata_hash;
            }
            Record::ConsumerGroupMember { member, value: Some(value), .. } => {
                let before = self.member_or_new(member);
                self.put(Arc::new(Member { profile: Arc::new(Profile::from(value)), ..before }));
            }
            Record::ConsumerGroupMember { member, value: None, .. } => self.take(member),
            Record::TargetAssignment { value, .. } => {
                let initial = Self::default();
                let value = value.as_ref().map(|value| (value.assignment_epoch, value.assignment_timestamp));
                (self.assignment_epoch, self.assigned_at_ms) =
                    value.unwrap_or((initial.assignment_epoch, initial.assigned_at_ms));
            }
            Record::TargetAssignmentMember { member, value, .. } => match value {
                Some(value) => {
                    self.target.insert(member.clone(), Arc::new(records::target_from(value)));
                }
                None => drop(self.target.remove(member)),
            },
            Record::CurrentAssignment { member, value: Some(value), .. } => {
                let before = self.member_or_new(member);
                self.put(Arc::new(Member { standing: Arc::new(Standing::from(value)), ..before }));
            }
            Record::CurrentAssignment { member, value: None, .. } => {
                if let Some(before) = self.members.get(member).map(|member| Member::clone(member)) {
                    self.put(Arc::new(Member { standing: Arc::default(), ..before }));
                }
            }
            Record::RegularExpression { expression, value, .. } => match value {
                Some(value) => drop(self.regexes.insert(expression.clone(), value.into())),
                None => drop(self.regexes.remove(expression)),
            },
            Record::ConsumerGroupPartitions { value, .. } => self.has_old_partitions_record = value.is_some(),
            _ => {}
        }
    }

    fn member_or_new(&self, id: &Arc<str>) -> Member {
        self.members.get(id).map_or_else(|| Member::new(id.clone()), |member| Member::clone(member))
    }
}
