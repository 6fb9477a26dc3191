//! ListGroups (key 16), versions 0-5: which groups there are.
//!
//! 4 by state (KIP-518) · 5 by type (KIP-848).

use thalweg_proto::messages::list_groups::{ListedGroup, Response};
use thalweg_proto::wire::Text;

pub(in crate::front::kafka) use thalweg_proto::messages::list_groups::Request;

use crate::engine::groups::GroupListing;
use crate::front::kafka::context::Context;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, _: i16) -> Response {
    let groups = match context.engine.list_groups().await {
        Ok(groups) => groups,
        Err(error) => return Response { error_code: error.code(), ..Response::default() },
    };
    let states: Vec<&str> = request.states_filter.iter().map(|state| state.trim()).collect();
    let types: Vec<&str> = request.types_filter.iter().map(|kind| kind.as_str()).collect();
    let wanted = |group: &GroupListing| group.passes(&states, &types);
    let listed = |group: GroupListing| ListedGroup {
        group_id: Text::from(&*group.group),
        protocol_type: Text::from(&*group.protocol_type),
        group_state: Text::from_static(group.state),
        group_type: Text::from_static(group.group_type),
    };
    Response { groups: groups.into_iter().filter(wanted).map(listed).collect(), ..Response::default() }
}
