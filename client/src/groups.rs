//! Administration of consumer groups.

use std::time::Duration;

use futures_util::{Stream, StreamExt};
use thalweg_proto::grpc::v1;

use crate::admin::Admin;
use crate::error::Error;
use crate::record::TopicPartition;

/// A consumer group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The name.
    pub name: String,
    /// The type in Kafka's words: `consumer` or `classic`.
    pub kind: String,
    /// The state in Kafka's words: `Empty`, `Stable`, ….
    pub state: String,
    /// The protocol type of its members; empty if it has never had one.
    pub protocol_type: String,
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupMember {
    /// The id.
    pub id: String,
    /// The name that stays the same across restarts, if it has one.
    pub instance_id: Option<String>,
    /// The name that its client gives itself.
    pub client_id: String,
    /// Where the client is.
    pub client_host: String,
    /// Its epoch; `None` for a member of the classic protocol.
    pub epoch: Option<i32>,
    /// Whether it speaks the classic protocol.
    pub classic: bool,
    /// Topics that it subscribes to by name, if it says so to the broker.
    pub topics: Vec<String>,
    /// Topics that it subscribes to by regular expression.
    pub pattern: Option<String>,
    /// The partitions that it has.
    pub assigned: Vec<TopicPartition>,
    /// The partitions that it is to have.
    pub target: Vec<TopicPartition>,
}

/// A group with its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupDetails {
    /// The group.
    pub group: Group,
    /// The assignor, or the protocol that the members of a classic group agreed on; empty if there is none.
    pub assignor: String,
    /// The epoch; `None` for a classic group.
    pub epoch: Option<i32>,
    /// Epoch of the assignment that its members move towards; `None` for a classic group.
    pub assignment_epoch: Option<i32>,
    /// The members by id.
    pub members: Vec<GroupMember>,
}

/// How far a group is behind in one partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionLag {
    /// The partition.
    pub partition: TopicPartition,
    /// The offset that the group goes on from; `None` if none is committed.
    pub committed: Option<i64>,
    /// First offset that is still there; `None` if the partition does not exist.
    pub start: Option<i64>,
    /// The offset after the last record that readers may see; `None` if the partition does not exist.
    pub end: Option<i64>,
    /// Records between the two; `None` if either is missing.
    pub lag: Option<i64>,
    /// The member that has the partition: id, client's name, client's address.
    pub member: Option<(String, String, String)>,
}

/// A committed offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offset {
    /// The partition.
    pub partition: TopicPartition,
    /// The offset to go on from: that of the last record done, plus one.
    pub offset: i64,
    /// A note to go with it; empty for none.
    pub metadata: String,
}

impl Offset {
    /// An offset without a note.
    #[must_use]
    pub fn new(topic: impl Into<std::sync::Arc<str>>, partition: i32, offset: i64) -> Self {
        Self { partition: TopicPartition::new(topic, partition), offset, metadata: String::new() }
    }
}

/// Where committed offsets are moved to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResetTo {
    /// To the first record that is still there.
    Start,
    /// Behind the last record.
    End,
    /// To this offset, or the nearest that is there.
    Offset(i64),
    /// By so many records, backwards if negative, but not beyond the ends.
    Shift(i64),
    /// To the first record with this timestamp, in milliseconds, or a later one; behind the last if there is none.
    Timestamp(i64),
}

/// What a reset did, or would do, to one partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffsetReset {
    /// The partition.
    pub partition: TopicPartition,
    /// What was committed before; `None` if nothing was.
    pub previous: Option<i64>,
    /// What is committed now, or would be.
    pub outcome: Result<i64, Error>,
}

impl Admin {
    /// Lists the groups by name; those alone that are in one of `states` and of one of `types`, where any are given.
    ///
    /// # Errors
    /// The broker cannot be reached.
    pub async fn groups(&self, states: &[&str], types: &[&str]) -> Result<Vec<Group>, Error> {
        let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        let request = v1::ListGroupsRequest { states: owned(states), types: owned(types) };
        let mut service = self.client.group_service();
        let listed = self.call(request, |request| async move { service.list_groups(request).await }).await?;
        Ok(listed.groups.into_iter().map(Group::from).collect())
    }

    /// Describes a group and its members.
    ///
    /// # Errors
    /// The broker's refusal: there is no such group.
    pub async fn group(&self, name: &str) -> Result<GroupDetails, Error> {
        let request = v1::GetGroupRequest { group: name.to_owned() };
        let mut service = self.client.group_service();
        let found = self.call(request, |request| async move { service.get_group(request).await }).await?;
        let epoch = |epoch: i32| (epoch >= 0).then_some(epoch);
        Ok(GroupDetails {
            group: found.group.ok_or(Error::Protocol("a described group is missing"))?.into(),
            assignor: found.assignor,
            epoch: epoch(found.group_epoch),
            assignment_epoch: epoch(found.assignment_epoch),
            members: found.members.into_iter().map(GroupMember::from).collect(),
        })
    }

    /// How far a group is behind, in the partitions that have a committed offset or a member.
    ///
    /// # Errors
    /// The broker's refusal: there is no such group.
    pub async fn group_lag(&self, name: &str) -> Result<Vec<PartitionLag>, Error> {
        let request = v1::GetLagRequest { group: name.to_owned() };
        let mut service = self.client.group_service();
        let found = self.call(request, |request| async move { service.get_lag(request).await }).await?;
        Ok(found.partitions.into_iter().map(PartitionLag::from).collect())
    }

    /// The lag of a group again and again, each `interval`, for as long as the stream is read. The broker does not tell it
    /// more often than every 50 ms.
    ///
    /// # Errors
    /// The broker cannot be reached. In the stream, which ends with it: there is no such group, or the broker stops.
    pub async fn watch_group_lag(
        &self,
        name: &str,
        interval: Duration,
    ) -> Result<impl Stream<Item = Result<Vec<PartitionLag>, Error>> + Send + Unpin + use<>, Error> {
        let request = v1::WatchLagRequest { group: name.to_owned(), interval_ms: milliseconds(interval) };
        let mut service = self.client.group_service();
        let waited = self.client.timeout();
        let responses = tokio::time::timeout(waited, service.watch_lag(request))
            .await
            .map_err(|_| Error::Timeout { waited, possibly_applied: false })??
            .into_inner();
        Ok(responses.map(|told| Ok(told?.partitions.into_iter().map(PartitionLag::from).collect())))
    }

    /// The committed offsets of a group, all of them; of a group that does not exist there are none.
    ///
    /// # Errors
    /// The broker cannot be reached.
    pub async fn group_offsets(&self, name: &str) -> Result<Vec<Offset>, Error> {
        let request = v1::GetOffsetsRequest { group: name.to_owned(), ..v1::GetOffsetsRequest::default() };
        let mut service = self.client.group_service();
        let found = self.call(request, |request| async move { service.get_offsets(request).await }).await?;
        let offset = |told: v1::CommittedOffset| match told.problem {
            Some(problem) => Err(Error::from_problem(problem)),
            None => Ok(Offset {
                partition: TopicPartition::new(told.topic, told.partition),
                offset: told.offset,
                metadata: told.metadata,
            }),
        };
        found.offsets.into_iter().map(offset).collect()
    }

    /// Moves the committed offsets of a group without members: of the topics given, or of some of their partitions; of all
    /// partitions that have one if none are given. With `validate_only` it changes nothing and tells what would be done.
    ///
    /// # Errors
    /// The broker's refusal: there is no such group and no topic is named, or the group has members.
    pub async fn reset_group_offsets(
        &self,
        name: &str,
        topics: &[(&str, &[i32])],
        to: ResetTo,
        validate_only: bool,
    ) -> Result<Vec<OffsetReset>, Error> {
        let topic = |&(topic, partitions): &(&str, &[i32])| v1::ResetTopic {
            topic: topic.to_owned(),
            partitions: partitions.to_vec(),
        };
        let request = v1::ResetOffsetsRequest {
            group: name.to_owned(),
            topics: topics.iter().map(topic).collect(),
            validate_only,
            to: Some(to.into()),
        };
        let mut service = self.client.group_service();
        let done = self.call(request, |request| async move { service.reset_offsets(request).await }).await?;
        Ok(done.resets.into_iter().map(OffsetReset::from).collect())
    }

    /// Deletes a group without members, and its offsets.
    ///
    /// # Errors
    /// The broker's refusal: there is no such group, or it has members.
    pub async fn delete_group(&self, name: &str) -> Result<(), Error> {
        let request = v1::DeleteGroupRequest { group: name.to_owned() };
        let mut service = self.client.group_service();
        self.call(request, |request| async move { service.delete_group(request).await }).await.map(drop)
    }

    /// Deletes committed offsets in topics that no member is subscribed to. Returns what became of each, in order.
    ///
    /// # Errors
    /// The call failed as a whole: there is no such group.
    pub async fn delete_group_offsets(
        &self,
        name: &str,
        partitions: &[TopicPartition],
    ) -> Result<Vec<(TopicPartition, Result<(), Error>)>, Error> {
        let partitions = partitions.iter().map(v1::TopicPartition::from).collect();
        let request = v1::DeleteOffsetsRequest { group: name.to_owned(), partitions };
        let mut service = self.client.group_service();
        let done = self.call(request, |request| async move { service.delete_offsets(request).await }).await?;
        let outcome = |outcome: v1::PartitionOutcome| {
            let partition = TopicPartition::new(outcome.topic, outcome.partition);
            (partition, outcome.problem.map_or(Ok(()), |problem| Err(Error::from_problem(problem))))
        };
        Ok(done.outcomes.into_iter().map(outcome).collect())
    }
}

/// A duration as requests say it; 0 would leave it to the broker.
pub(crate) fn milliseconds(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX).max(1)
}

impl From<&TopicPartition> for v1::TopicPartition {
    fn from(partition: &TopicPartition) -> Self {
        Self { topic: partition.topic.to_string(), partition: partition.partition }
    }
}

impl From<v1::TopicPartition> for TopicPartition {
    fn from(told: v1::TopicPartition) -> Self {
        Self::new(told.topic, told.partition)
    }
}

impl From<v1::Group> for Group {
    fn from(group: v1::Group) -> Self {
        Self { name: group.name, kind: group.r#type, state: group.state, protocol_type: group.protocol_type }
    }
}

impl From<v1::GroupMember> for GroupMember {
    fn from(member: v1::GroupMember) -> Self {
        let subscription = member.subscription.unwrap_or_default();
        let partitions = |told: Vec<v1::TopicPartition>| told.into_iter().map(TopicPartition::from).collect();
        Self {
            id: member.member_id,
            instance_id: member.instance_id,
            client_id: member.client_id,
            client_host: member.client_host,
            epoch: (member.member_epoch >= 0).then_some(member.member_epoch),
            classic: member.classic,
            topics: subscription.topics,
            pattern: (!subscription.pattern.is_empty()).then_some(subscription.pattern),
            assigned: partitions(member.assigned),
            target: partitions(member.target),
        }
    }
}

impl From<v1::PartitionLag> for PartitionLag {
    fn from(told: v1::PartitionLag) -> Self {
        let known = |offset: i64| (offset >= 0).then_some(offset);
        let has_member = !told.member_id.is_empty();
        Self {
            partition: TopicPartition::new(told.topic, told.partition),
            committed: known(told.committed_offset),
            start: known(told.log_start_offset),
            end: known(told.end_offset),
            lag: known(told.lag),
            member: has_member.then_some((told.member_id, told.client_id, told.client_host)),
        }
    }
}

impl From<v1::OffsetReset> for OffsetReset {
    fn from(told: v1::OffsetReset) -> Self {
        Self {
            partition: TopicPartition::new(told.topic, told.partition),
            previous: (told.previous_offset >= 0).then_some(told.previous_offset),
            outcome: told.problem.map_or(Ok(told.offset), |problem| Err(Error::from_problem(problem))),
        }
    }
}

impl From<ResetTo> for v1::reset_offsets_request::To {
    fn from(to: ResetTo) -> Self {
        match to {
            ResetTo::Start => Self::Edge(v1::Edge::Start.into()),
            ResetTo::End => Self::Edge(v1::Edge::End.into()),
            ResetTo::Offset(offset) => Self::Offset(offset),
            ResetTo::Shift(by) => Self::Shift(by),
            ResetTo::Timestamp(timestamp) => Self::TimestampMs(timestamp),
        }
    }
}
