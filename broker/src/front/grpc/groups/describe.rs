//! Groups as administrators see them, of either protocol in one form.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use thalweg_proto::error::ErrorCode;
use thalweg_proto::grpc::v1;
use thalweg_proto::records::consumer::{Assignment, PROTOCOL_TYPE, Subscription, read_beginning};

use super::refusal;
use crate::engine::groups::{
    ClassicMemberDescription, ConsumerMemberDescription, GroupDescription, GroupListing,
};
use crate::engine::{Engine, EngineError};

/// The groups by name, but for those that the filters leave out.
pub(super) async fn list(
    engine: &Engine,
    request: v1::ListGroupsRequest,
) -> Result<v1::ListGroupsResponse, EngineError> {
    let listed = engine.list_groups().await.map_err(|code| refusal(code, ""))?;
    let wanted = listed.iter().filter(|listed| listed.passes(&request.states, &request.types));
    let mut groups: Vec<v1::Group> = wanted.map(group).collect();
    groups.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(v1::ListGroupsResponse { groups })
}

fn group(listed: &GroupListing) -> v1::Group {
    v1::Group {
        name: listed.group.to_string(),
        r#type: listed.group_type.to_owned(),
        state: listed.state.to_owned(),
        protocol_type: listed.protocol_type.to_string(),
    }
}

/// A group and its members.
pub(super) async fn describe(engine: &Engine, name: &str) -> Result<v1::GetGroupResponse, EngineError> {
    let described = match engine.describe_consumer_group(name).await {
        Ok(described) => described,
        Err(refused) => match refused.code {
            // Where the consumer protocol is not served there are classic groups all the same.
            ErrorCode::GroupIdNotFound | ErrorCode::NotCoordinator | ErrorCode::UnsupportedVersion => {
                return describe_classic(engine, name).await;
            }
            code => return Err(refusal(code, name)),
        },
    };
    let mut members: Vec<_> = described.members.into_iter().map(consumer_member).collect();
    members.sort_by(|one, other| one.member_id.cmp(&other.member_id));
    let group = v1::Group {
        name: name.to_owned(),
        r#type: "consumer".to_owned(),
        state: described.state.to_owned(),
        protocol_type: PROTOCOL_TYPE.to_owned(),
    };
    Ok(v1::GetGroupResponse {
        group: Some(group),
        assignor: described.assignor.to_string(),
        group_epoch: described.epoch,
        assignment_epoch: described.assignment_epoch,
        members,
    })
}

fn consumer_member(member: ConsumerMemberDescription) -> v1::GroupMember {
    v1::GroupMember {
        member_id: member.member.to_string(),
        instance_id: member.instance.map(|instance| instance.to_string()),
        client_id: member.client_id.to_string(),
        client_host: member.client_host.to_string(),
        member_epoch: member.epoch,
        classic: member.member_type == 0,
        subscription: Some(v1::Subscription {
            topics: member.topics.iter().map(ToString::to_string).collect(),
            pattern: member.regex.map_or_else(String::new, |regex| regex.to_string()),
        }),
        assigned: places(&member.assignment),
        target: places(&member.target),
    }
}

fn places(topics: &[(uuid::Uuid, Arc<str>, Vec<i32>)]) -> Vec<v1::TopicPartition> {
    let of_topic = |(_, topic, partitions): &(_, Arc<str>, Vec<i32>)| {
        let place = |partition: &i32| v1::TopicPartition { topic: topic.to_string(), partition: *partition };
        partitions.iter().map(place).collect::<Vec<_>>()
    };
    let mut places: Vec<_> = topics.iter().flat_map(of_topic).collect();
    places.sort_by(|one, other| (&one.topic, one.partition).cmp(&(&other.topic, other.partition)));
    places
}

async fn describe_classic(engine: &Engine, name: &str) -> Result<v1::GetGroupResponse, EngineError> {
    let described = engine.describe_group(name).await.map_err(|refused| refusal(refused.code, name))?;
    let GroupDescription { state, protocol_type, protocol, members } = described;
    let speaks_consumer = *protocol_type == *PROTOCOL_TYPE;
    let partitions_of = |topic: &str| engine.topics.by_name(topic).map_or(0, |it| it.topic.partitions);
    let member = |told| classic_member(told, speaks_consumer, &partitions_of);
    let mut members: Vec<_> = members.into_iter().map(member).collect();
    members.sort_by(|one, other| one.member_id.cmp(&other.member_id));
    let group = v1::Group {
        name: name.to_owned(),
        r#type: "classic".to_owned(),
        state: state.to_owned(),
        protocol_type: protocol_type.to_string(),
    };
    Ok(v1::GetGroupResponse {
        group: Some(group),
        assignor: protocol.to_string(),
        group_epoch: -1,
        assignment_epoch: -1,
        members,
    })
}

/// What consumers tell each other is read, where they are some; the group machine passes it through unread.
fn classic_member(
    member: ClassicMemberDescription,
    speaks_consumer: bool,
    partitions_of: &impl Fn(&str) -> i32,
) -> v1::GroupMember {
    let subscription =
        speaks_consumer.then(|| read_beginning::<Subscription>(&member.metadata).ok()).flatten();
    let assigned = if speaks_consumer { assigned(&member.assignment, partitions_of) } else { Vec::new() };
    v1::GroupMember {
        member_id: member.member.to_string(),
        instance_id: member.instance.map(|instance| instance.to_string()),
        client_id: member.client_id.to_string(),
        client_host: member.client_host.to_string(),
        member_epoch: -1,
        classic: true,
        subscription: subscription
            .map(|told| v1::Subscription { topics: told.topics, pattern: String::new() }),
        target: assigned.clone(),
        assigned,
    }
}

/// The partitions of an assignment that there are, each once: a leader may write the same one a million times under a long
/// name, of which each would take its own memory here. A member without an assignment has no bytes.
fn assigned(assignment: &[u8], partitions_of: impl Fn(&str) -> i32) -> Vec<v1::TopicPartition> {
    let told = read_beginning::<Assignment>(assignment).unwrap_or_default();
    let mut topics: BTreeMap<String, BTreeSet<i32>> = BTreeMap::new();
    for topic in told.assigned_partitions {
        let known = 0..partitions_of(&topic.topic);
        let there = topic.partitions.into_iter().filter(|partition| known.contains(partition));
        topics.entry(topic.topic).or_default().extend(there);
    }
    let places = topics.into_iter().flat_map(|(topic, partitions)| {
        let place = move |partition| v1::TopicPartition { topic: topic.clone(), partition };
        partitions.into_iter().map(place)
    });
    places.collect()
}

#[cfg(test)]
mod tests {
    use thalweg_proto::records::consumer::{TopicPartitions, write};

    use super::*;

    #[test]
    fn a_leader_cannot_have_more_told_than_there_is() {
        let partitions_of = |topic: &str| if topic == "t" { 3 } else { 0 };
        let given = |topic: &str, partitions| TopicPartitions { topic: topic.to_owned(), partitions };
        let assigned_partitions = vec![
            given("t", vec![2, 0, 3, -1]),
            given(&"long".repeat(8_000), (0..100_000).collect()),
            given("t", vec![2; 100_000]),
        ];
        let written = write(&Assignment { assigned_partitions, user_data: None }, 3).unwrap();
        let place = |partition| v1::TopicPartition { topic: "t".to_owned(), partition };
        assert_eq!(assigned(&written, partitions_of), [place(0), place(2)]);
        assert_eq!(assigned(b"", partitions_of), []);
        assert_eq!(assigned(b"something else", partitions_of), []);
    }
}
