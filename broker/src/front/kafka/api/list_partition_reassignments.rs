//! ListPartitionReassignments (key 46), version 0: on one node no partition ever moves.

use thalweg_proto::messages::list_partition_reassignments::Response;

pub(in crate::front::kafka) use thalweg_proto::messages::list_partition_reassignments::Request;

use crate::front::kafka::context::Context;

pub(in crate::front::kafka) async fn handle(_: &Context, _: Request, _: i16) -> Response {
    Response::default()
}
