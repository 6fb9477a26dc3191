//! Groups as administrators see them, of either protocol in one form.

use std::sync::Arc;

use thalweg_proto::error::ErrorCode;
use thalweg_proto::grpc::v1;

use super::{classic, refusal};
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
    let passes = |filter: &[String], word: &str| {
        filter.is_empty() || filter.iter().any(|wanted| wanted.eq_ignore_ascii_case(word))
    };
    let wanted = |group: &GroupListing| {
        passes(&request.states, group.state) && passes(&request.types, group.group_type)
    };
    let mut groups: Vec<v1::Group> = listed.iter().filter(|group| wanted(group)).map(group).collect();
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
        Err(refused) if matches!(refused.code, ErrorCode::GroupIdNotFound | ErrorCode::NotCoordinator) => {
            return describe_classic(engine, name).await;
        }
        Err(refused) => return Err(refusal(refused.code, name)),
    };
    let mut members: Vec<_> = described.members.into_iter().map(consumer_member).collect();
    members.sort_by(|one, other| one.member_id.cmp(&other.member_id));
    let group = v1::Group {
        name: name.to_owned(),
        r#type: "consumer".to_owned(),
        state: described.state.to_owned(),
        protocol_type: classic::PROTOCOL_TYPE.to_owned(),
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
    sort(&mut places);
    places
}

fn sort(places: &mut [v1::TopicPartition]) {
    places.sort_by(|one, other| (&one.topic, one.partition).cmp(&(&other.topic, other.partition)));
}

async fn describe_classic(engine: &Engine, name: &str) -> Result<v1::GetGroupResponse, EngineError> {
    let described = engine.describe_group(name).await.map_err(|refused| refusal(refused.code, name))?;
    let GroupDescription { state, protocol_type, protocol, members } = described;
    let speaks_consumer = *protocol_type == *classic::PROTOCOL_TYPE;
    let mut members: Vec<_> =
        members.into_iter().map(|member| classic_member(member, speaks_consumer)).collect();
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

fn classic_member(member: ClassicMemberDescription, speaks_consumer: bool) -> v1::GroupMember {
    let topics = speaks_consumer.then(|| classic::topics(member.metadata)).flatten();
    let mut assigned =
        speaks_consumer.then(|| classic::partitions(member.assignment)).flatten().unwrap_or_default();
    sort(&mut assigned);
    v1::GroupMember {
        member_id: member.member.to_string(),
        instance_id: member.instance.map(|instance| instance.to_string()),
        client_id: member.client_id.to_string(),
        client_host: member.client_host.to_string(),
        member_epoch: -1,
        classic: true,
        subscription: topics.map(|topics| v1::Subscription { topics, pattern: String::new() }),
        target: assigned.clone(),
        assigned,
    }
}
