//! ConsumerGroupHeartbeat (key 68), versions 0-1: members of a consumer group join, stay and leave (KIP-848).
//!
//! 1 the client makes the member's id (KIP-1082), subscriptions by regular expression.

use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::consumer_group_heartbeat::{Assignment, Response, TopicPartitions};
use thalweg_proto::wire::Text;

pub(in crate::front::kafka) use thalweg_proto::messages::consumer_group_heartbeat::Request;

use crate::engine::Refusal;
use crate::engine::groups::{ConsumerHeartbeat, ConsumerHeartbeatReply};
use crate::front::kafka::context::Context;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, version: i16) -> Response {
    let heartbeat = asked(context, &request, version);
    match context.engine.consumer_group_heartbeat(heartbeat).await {
        Ok(reply) => accepted(reply),
        Err(refusal) => refused(refusal),
    }
}

/// What is asked, with nothing of the frame in it: a member is kept for long.
fn asked(context: &Context, request: &Request, version: i16) -> ConsumerHeartbeat {
    let names = |names: &Vec<Text>| names.iter().map(|name| name.as_str().into()).collect();
    let partitions = |topics: &Vec<TopicPartitions>| {
        topics.iter().map(|topic| (topic.topic_id, topic.partitions.clone())).collect()
    };
    ConsumerHeartbeat {
        group: request.group_id.as_str().into(),
        member: request.member_id.as_str().into(),
        epoch: request.member_epoch,
        instance: request.instance_id.as_deref().map(Into::into),
        rack: request.rack_id.as_deref().map(Into::into),
        rebalance_timeout_ms: request.rebalance_timeout_ms,
        client_id: context.client_name(),
        client_host: context.client.host(),
        topics: request.subscribed_topic_names.as_ref().map(names),
        regex: request.subscribed_topic_regex.as_deref().map(Into::into),
        assignor: request.server_assignor.as_deref().map(Into::into),
        owned: request.topic_partitions.as_ref().map(partitions),
        version,
    }
}

fn accepted(reply: ConsumerHeartbeatReply) -> Response {
    let topic = |(topic_id, partitions)| TopicPartitions { topic_id, partitions };
    let assignment =
        |topics: Vec<_>| Assignment { topic_partitions: topics.into_iter().map(topic).collect() };
    Response {
        error_code: ErrorCode::None.code(),
        member_id: reply.member.as_deref().map(Text::from),
        member_epoch: reply.epoch,
        heartbeat_interval_ms: reply.heartbeat_interval_ms,
        assignment: reply.assignment.map(assignment),
        ..Response::default()
    }
}

fn refused(refusal: Refusal) -> Response {
    Response {
        error_code: refusal.code.code(),
        error_message: Some(refusal.message.map_or_else(|| Text::from(refusal.code.message()), Text::from)),
        ..Response::default()
    }
}
