//! IncrementalAlterConfigs (key 44), versions 0-1 (KIP-339): some configurations of a resource are changed, the others stay.
//!
//! 1 flexible. A configuration is set, taken back, or, where it is a list, gets or loses values. Each resource succeeds or
//! fails by itself; what succeeded is in force when the answer leaves.

use thalweg_proto::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterConfigsResourceResponse, AlterableConfig, Response,
};

pub(in crate::front::kafka) use thalweg_proto::messages::incremental_alter_configs::Request;

use super::alteration::{Alteration, alter};
use super::cluster::error_of;
use crate::engine::ConfigChange;
use crate::engine::ConfigEdit;
use crate::front::kafka::context::Context;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, _: i16) -> Response {
    let wanted = request.resources.iter().map(alteration).collect();
    let outcomes = alter(context, wanted, request.validate_only).await;
    let answer = |(resource, outcome): (AlterConfigsResource, Result<(), _>)| {
        let (error_code, error_message) = error_of(&outcome);
        let AlterConfigsResource { resource_type, resource_name, .. } = resource;
        AlterConfigsResourceResponse { error_code, error_message, resource_type, resource_name }
    };
    Response {
        responses: request.resources.into_iter().zip(outcomes).map(answer).collect(),
        ..Response::default()
    }
}

fn alteration(resource: &AlterConfigsResource) -> Alteration {
    let change = |config: &AlterableConfig| ConfigChange {
        name: config.name.to_string(),
        operation: config.config_operation.into(),
        value: config.value.as_ref().map(|value| value.to_string()),
    };
    Alteration {
        resource_type: resource.resource_type,
        resource_name: resource.resource_name.clone(),
        edit: ConfigEdit::Change(resource.configs.iter().map(change).collect()),
    }
}
