//! AlterConfigs (key 33), versions 0-2: all configurations of a resource are replaced.
//!
//! 2 flexible. What is not named goes back to its default: IncrementalAlterConfigs, which leaves it alone, is the better one.

use thalweg_proto::messages::alter_configs::{
    AlterConfigsResource, AlterConfigsResourceResponse, AlterableConfig, Response,
};

pub(in crate::front::kafka) use thalweg_proto::messages::alter_configs::Request;

use super::alteration::{Alteration, alter};
use super::cluster::error_of;
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
    let value = |config: &AlterableConfig| {
        (config.name.to_string(), config.value.as_ref().map(|value| value.to_string()))
    };
    Alteration {
        resource_type: resource.resource_type,
        resource_name: resource.resource_name.clone(),
        edit: ConfigEdit::Replace(resource.configs.iter().map(value).collect()),
    }
}
