//! The state of a consumer group as records, and back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use thalweg_proto::records::group::{
    ClassicMemberMetadata, ClassicProtocol, ConsumerGroupMemberValue, ConsumerGroupValue,
    CurrentAssignmentValue, CurrentPartitions, RegularExpressionValue, TargetAssignmentMemberValue,
    TargetAssignmentValue, TargetPartitions,
};

use super::group::{ConsumerGroup, Resolved};
use super::member::{ClassicSide, Held, Member, MemberState, Profile, Standing};
use crate::coordinator::group::Record;
use crate::coordinator::group::assignor::TopicPartitions;

/// The group has an epoch.
pub(super) fn epoch(group: &Arc<str>, epoch: i32, metadata_hash: i64) -> Record {
    Record::ConsumerGroup { group: group.clone(), value: Some(ConsumerGroupValue { epoch, metadata_hash }) }
}

/// What a member says of itself.
pub(super) fn member(group: &Arc<str>, member: &Member) -> Record {
    let profile = &member.profile;
    let text = |text: &Option<Arc<str>>| text.as_deref().map(str::to_owned);
    let value = ConsumerGroupMemberValue {
        instance_id: text(&profile.instance),
        rack_id: text(&profile.rack),
        client_id: profile.client_id.to_string(),
        client_host: profile.client_host.to_string(),
        subscribed_topic_names: profile.topics.iter().map(|topic| topic.to_string()).collect(),
        subscribed_topic_regex: Some(text(&profile.regex).unwrap_or_default()),
        rebalance_timeout_ms: profile.rebalance_timeout_ms,
        server_assignor: text(&profile.assignor),
        classic_member_metadata: profile.classic.as_deref().map(classic_side),
    };
    Record::ConsumerGroupMember { group: group.clone(), member: member.id.clone(), value: Some(value) }
}

fn classic_side(classic: &ClassicSide) -> ClassicMemberMetadata {
    let protocol = |(name, metadata): &(Arc<str>, bytes::Bytes)| ClassicProtocol {
        name: name.to_string(),
        metadata: metadata.clone(),
    };
    ClassicMemberMetadata {
        session_timeout_ms: classic.session_timeout_ms,
        supported_protocols: classic.protocols.iter().map(protocol).collect(),
    }
}

impl From<&ConsumerGroupMemberValue> for Profile {
    fn from(value: &ConsumerGroupMemberValue) -> Self {
        let text = |text: &Option<String>| text.as_deref().map(Arc::from);
        let classic = value.classic_member_metadata.as_ref().map(|classic| {
            let protocol =
                |protocol: &ClassicProtocol| (Arc::from(protocol.name.as_str()), protocol.metadata.clone());
            let protocols = classic.supported_protocols.iter().map(protocol).collect();
            Arc::new(ClassicSide { session_timeout_ms: classic.session_timeout_ms, protocols })
        });
        Self {
            instance: text(&value.instance_id),
            rack: text(&value.rack_id),
            client_id: value.client_id.as_str().into(),
            client_host: value.client_host.as_str().into(),
            topics: Arc::new(value.subscribed_topic_names.iter().map(|name| name.as_str().into()).collect()),
            regex: text(&value.subscribed_topic_regex).filter(|regex| !regex.is_empty()),
            rebalance_timeout_ms: value.rebalance_timeout_ms,
            assignor: text(&value.server_assignor),
            classic,
        }
    }
}

/// The target has been computed for an epoch.
pub(super) fn target_epoch(group: &Arc<str>, assignment_epoch: i32, assignment_timestamp: i64) -> Record {
    let value = TargetAssignmentValue { assignment_epoch, assignment_timestamp };
    Record::TargetAssignment { group: group.clone(), value: Some(value) }
}

/// What a member is to have.
pub(super) fn target(group: &Arc<str>, member: &Arc<str>, target: &TopicPartitions) -> Record {
    let topic = |(topic, partitions): (&uuid::Uuid, &BTreeSet<i32>)| TargetPartitions {
        topic_id: *topic,
        partitions: partitions.iter().copied().collect(),
    };
    let value = TargetAssignmentMemberValue { topic_partitions: target.iter().map(topic).collect() };
    Record::TargetAssignmentMember { group: group.clone(), member: member.clone(), value: Some(value) }
}

pub(super) fn target_from(value: &TargetAssignmentMemberValue) -> TopicPartitions {
    let topics = value.topic_partitions.iter();
    topics.map(|topic| (topic.topic_id, topic.partitions.iter().copied().collect())).collect()
}

/// Where a member stands.
pub(super) fn standing(group: &Arc<str>, member: &Member) -> Record {
    let standing = &member.standing;
    let value = CurrentAssignmentValue {
        member_epoch: standing.epoch,
        previous_member_epoch: standing.previous_epoch,
        state: standing.state.number(),
        assigned_partitions: held(&standing.assigned),
        partitions_pending_revocation: held(&standing.revoking),
    };
    Record::CurrentAssignment { group: group.clone(), member: member.id.clone(), value: Some(value) }
}

fn held(held: &Held) -> Vec<CurrentPartitions> {
    let topic = |(topic, partitions): (&uuid::Uuid, &BTreeMap<i32, i32>)| CurrentPartitions {
        topic_id: *topic,
        partitions: partitions.keys().copied().collect(),
        assignment_epochs: Some(partitions.values().copied().collect()),
    };
    held.iter().map(topic).collect()
}

impl From<&CurrentAssignmentValue> for Standing {
    fn from(value: &CurrentAssignmentValue) -> Self {
        // Brokers that kept no epochs of partitions: those of the member are the best guess, as in Kafka.
        let held = |topics: &[CurrentPartitions]| {
            let topic = |topic: &CurrentPartitions| {
                let epochs = topic.assignment_epochs.iter().flatten().copied();
                let epochs = epochs.chain(std::iter::repeat(value.member_epoch));
                (topic.topic_id, topic.partitions.iter().copied().zip(epochs).collect())
            };
            topics.iter().map(topic).collect()
        };
        Self {
            epoch: value.member_epoch,
            previous_epoch: value.previous_member_epoch,
            state: MemberState::of(value.state),
            assigned: held(&value.assigned_partitions),
            revoking: held(&value.partitions_pending_revocation),
        }
    }
}

impl MemberState {
    fn number(self) -> i8 {
        match self {
            Self::Stable => 0,
            Self::Unrevoked => 1,
            Self::Unreleased => 2,
            Self::Unknown => 127,
        }
    }

    fn of(number: i8) -> Self {
        match number {
            0 => Self::Stable,
            1 => Self::Unrevoked,
            2 => Self::Unreleased,
            _ => Self::Unknown,
        }
    }
}

/// What a regular expression resolved to.
pub(super) fn regex(group: &Arc<str>, expression: &Arc<str>, resolved: &Resolved) -> Record {
    let value = RegularExpressionValue {
        topics: resolved.topics.iter().map(|topic| topic.to_string()).collect(),
        version: resolved.version,
        timestamp: resolved.at_ms,
    };
    Record::RegularExpression { group: group.clone(), expression: expression.clone(), value: Some(value) }
}

impl From<&RegularExpressionValue> for Resolved {
    fn from(value: &RegularExpressionValue) -> Self {
        let topics = value.topics.iter().map(|topic| topic.as_str().into()).collect();
        Self { topics, version: value.version, at_ms: value.timestamp }
    }
}

/// Nobody wants the regular expression any more.
pub(super) fn no_regex(group: &Arc<str>, expression: &Arc<str>) -> Record {
    Record::RegularExpression { group: group.clone(), expression: expression.clone(), value: None }
}

/// A member is gone, in the order in which Kafka takes its records back.
pub(super) fn no_member(group: &Arc<str>, member: &Arc<str>) -> [Record; 3] {
    [no_standing(group, member), no_target(group, member), no_profile(group, member)]
}

fn no_standing(group: &Arc<str>, member: &Arc<str>) -> Record {
    Record::CurrentAssignment { group: group.clone(), member: member.clone(), value: None }
}

fn no_target(group: &Arc<str>, member: &Arc<str>) -> Record {
    Record::TargetAssignmentMember { group: group.clone(), member: member.clone(), value: None }
}

fn no_profile(group: &Arc<str>, member: &Arc<str>) -> Record {
    Record::ConsumerGroupMember { group: group.clone(), member: member.clone(), value: None }
}

/// A group is gone, with all that was said of it, in the order in which Kafka takes its records back.
pub(super) fn no_group(id: &Arc<str>, group: &ConsumerGroup) -> Vec<Record> {
    let members = || group.members.keys();
    let leftover = group.target.keys().filter(|member| !group.members.contains_key(*member));
    let mut records: Vec<Record> = members().map(|member| no_standing(id, member)).collect();
    records.extend(members().chain(leftover).map(|member| no_target(id, member)));
    records.push(Record::TargetAssignment { group: id.clone(), value: None });
    records.extend(members().map(|member| no_profile(id, member)));
    records.extend(group.regexes.keys().map(|expression| no_regex(id, expression)));
    if group.has_old_partitions_record {
        records.push(Record::ConsumerGroupPartitions { group: id.clone(), value: None });
    }
    records.push(Record::ConsumerGroup { group: id.clone(), value: None });
    records
}
