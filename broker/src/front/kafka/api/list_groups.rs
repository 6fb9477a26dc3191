//! ListGroups: which groups there are.

use thalweg_proto::messages::list_groups::Response;

pub(in crate::front::kafka) use thalweg_proto::messages::list_groups::Request;

use crate::front::kafka::context::Context;

/// No API that makes a group is served yet, so there is none, whatever the filters say.
pub(in crate::front::kafka) async fn handle(_: &Context, _: Request, _: i16) -> Response {
    Response::default()
}
