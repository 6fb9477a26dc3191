//! ConsumerGroupDescribe (key 69), versions 0-1: consumer groups in detail (KIP-848).
//!
//! 1 which protocol a member speaks (KIP-1099).

use std::sync::Arc;

use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::consumer_group_describe::{
    Assignment, DescribedGroup, Member, Response, TopicPartitions,
};
use thalweg_proto::wire::Text;
use uuid::Uuid;

pub(in crate::front::kafka) use thalweg_proto::messages::consumer_group_describe::Request;

use super::cluster::{error_of, group_operations};
use crate::engine::Refusal;
use crate::engine::groups::{ConsumerGroupDescription, ConsumerMemberDescription};
use crate::front::kafka::context::Context;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, _: i16) -> Response {
    let mut groups = Vec::with_capacity(request.group_ids.len());
    for group_id in request.group_ids {
        let described = match group_id.is_empty() {
            true => Err(Refusal::bare(ErrorCode::InvalidGroupId)),
            false => context.engine.describe_consumer_group(&group_id).await,
        };
        let (error_code, error_message) = error_of(&described);
        let group = match described {
            Ok(group) => DescribedGroup {
                authorized_operations: group_operations(request.include_authorized_operations),
                ..found(group)
            },
            Err(_) => DescribedGroup { error_code, error_message, ..DescribedGroup::default() },
        };
        groups.push(DescribedGroup { group_id, ..group });
    }
    Response { groups, ..Response::default() }
}

fn found(group: ConsumerGroupDescription) -> DescribedGroup {
    DescribedGroup {
        group_state: Text::from_static(group.state),
        group_epoch: group.epoch,
        assignment_epoch: group.assignment_epoch,
        assignor_name: Text::from(&*group.assignor),
        members: group.members.into_iter().map(member).collect(),
        ..DescribedGroup::default()
    }
}

fn member(member: ConsumerMemberDescription) -> Member {
    let text = |text: &Option<Arc<str>>| text.as_deref().map(Text::from);
    Member {
        member_id: Text::from(&*member.member),
        instance_id: text(&member.instance),
        rack_id: text(&member.rack),
        member_epoch: member.epoch,
        client_id: Text::from(&*member.client_id),
        client_host: Text::from(&*member.client_host),
        subscribed_topic_names: member.topics.iter().map(|topic| Text::from(&**topic)).collect(),
        // Kafka says that there is none by an empty one.
        subscribed_topic_regex: Some(text(&member.regex).unwrap_or_default()),
        assignment: assignment(member.assignment),
        target_assignment: assignment(member.target),
        member_type: member.member_type,
    }
}

fn assignment(topics: Vec<(Uuid, Arc<str>, Vec<i32>)>) -> Assignment {
    let topic = |(topic_id, name, partitions): (_, Arc<str>, _)| TopicPartitions {
        topic_id,
        topic_name: Text::from(&*name),
        partitions,
    };
    Assignment { topic_partitions: topics.into_iter().map(topic).collect() }
}
