//! The stream between a member and its broker.

use thalweg_proto::grpc::v1;
use tokio::sync::mpsc;
use tokio::time::Interval;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::Streaming;

use crate::connection::Client;
use crate::error::Error;

/// An open session.
pub(super) struct Link {
    pub member_id: String,
    pub member_epoch: i32,
    pub requests: mpsc::UnboundedSender<v1::JoinGroupRequest>,
    pub responses: Streaming<v1::JoinGroupResponse>,
}

/// Joins, and returns when the group has taken the member in.
pub(super) async fn connect(client: &Client, join: v1::GroupJoin) -> Result<Link, Error> {
    // The client writes as much as it was asked: one acknowledgement for each revocation.
    let (requests, queue) = mpsc::unbounded_channel();
    let join = v1::JoinGroupRequest { request: Some(v1::join_group_request::Request::Join(join)) };
    // The other end is in our hands.
    let _ = requests.send(join);
    let mut service = client.group_service();
    let joined = async {
        let mut responses = service.join_group(UnboundedReceiverStream::new(queue)).await?.into_inner();
        let first = responses.message().await?;
        match first {
            Some(v1::JoinGroupResponse {
                member_epoch,
                event: Some(v1::join_group_response::Event::Joined(joined)),
            }) => Ok(Link { member_id: joined.member_id, member_epoch, requests, responses }),
            Some(_) => Err(Error::Protocol("a session that does not begin with its member")),
            None => Err(Error::Unavailable("the broker ended the session".to_owned())),
        }
    };
    match tokio::time::timeout(client.timeout(), joined).await {
        Ok(joined) => joined,
        Err(_) => Err(Error::Timeout { waited: client.timeout(), possibly_applied: true }),
    }
}

/// The next response; for ever without a link.
pub(super) async fn receive(
    responses: &mut Option<Streaming<v1::JoinGroupResponse>>,
) -> Result<Option<v1::JoinGroupResponse>, Error> {
    match responses {
        Some(responses) => Ok(responses.message().await?),
        None => std::future::pending().await,
    }
}

/// The next tick; for ever without a clock.
pub(super) async fn tick(ticks: &mut Option<Interval>) {
    match ticks {
        Some(ticks) => drop(ticks.tick().await),
        None => std::future::pending().await,
    }
}
