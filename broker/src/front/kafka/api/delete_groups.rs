//! DeleteGroups (key 42), versions 0-2: groups without members go, with their offsets (KIP-229).

use std::collections::HashSet;

use thalweg_proto::messages::delete_groups::{DeletableGroupResult, Response};

pub(in crate::front::kafka) use thalweg_proto::messages::delete_groups::Request;

use crate::front::kafka::context::Context;

/// A group that is named twice is deleted and answered once.
pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, _: i16) -> Response {
    let mut results = Vec::with_capacity(request.groups_names.len());
    let mut seen = HashSet::new();
    for group_id in request.groups_names {
        if seen.insert(group_id.clone()) {
            let error_code = context.engine.delete_group(&group_id).await.code();
            results.push(DeletableGroupResult { group_id, error_code });
        }
    }
    Response { results, ..Response::default() }
}
