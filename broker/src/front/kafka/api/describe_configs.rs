//! DescribeConfigs (key 32), versions 1-4.
//!
//! 1 sources and synonyms · 3 types and documentation (KIP-569) · 4 flexible. Topics, this broker, all brokers (an empty name),
//! groups (KIP-848) and subscriptions to client metrics (KIP-714). A null or empty list of keys asks for all; keys that do not
//! exist are left out. Loggers have no configurations here.

use thalweg_config::describe::{Entry, Synonym};
use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::describe_configs::{
    DescribeConfigsResource, DescribeConfigsResourceResult, DescribeConfigsResult, DescribeConfigsSynonym,
    Response,
};
use thalweg_proto::wire::Text;

pub(in crate::front::kafka) use thalweg_proto::messages::describe_configs::Request;

use crate::engine::{ConfigResource, Refusal, ResourceKind};
use crate::front::kafka::context::Context;

/// Kafka's words for a request that it cannot make sense of.
const MALFORMED: &str = "This most likely occurs because of a request being malformed by the client library or the message was \
                         sent to an incompatible broker. See the broker logs for more details.";

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, _: i16) -> Response {
    let wishes = Wishes { synonyms: request.include_synonyms, documentation: request.include_documentation };
    let senseless =
        request.resources.iter().any(|resource| ResourceKind::from_number(resource.resource_type).is_none());
    let describe = |resource| match senseless {
        // One resource of a kind that there is not fails the whole request.
        true => refused(resource, Refusal::new(ErrorCode::InvalidRequest, MALFORMED)),
        false => describe(context, resource, wishes),
    };
    Response { results: request.resources.into_iter().map(describe).collect(), ..Response::default() }
}

fn refused(asked: DescribeConfigsResource, refusal: Refusal) -> DescribeConfigsResult {
    DescribeConfigsResult {
        resource_type: asked.resource_type,
        resource_name: asked.resource_name,
        error_code: refusal.code.code(),
        error_message: Some(refusal.message.map(Text::from).unwrap_or_default()),
        ..DescribeConfigsResult::default()
    }
}

#[derive(Clone, Copy)]
struct Wishes {
    synonyms: bool,
    documentation: bool,
}

fn describe(context: &Context, asked: DescribeConfigsResource, wishes: Wishes) -> DescribeConfigsResult {
    let kind = ResourceKind::from_number(asked.resource_type)
        .ok_or_else(|| Refusal::new(ErrorCode::InvalidRequest, MALFORMED));
    let resource = kind.map(|kind| ConfigResource { kind, name: asked.resource_name.to_string() });
    let entries = resource.and_then(|resource| context.engine.describe_configs(&resource));
    match entries {
        Err(refusal) => refused(asked, refusal),
        Ok(entries) => {
            let keys = asked.configuration_keys.filter(|keys| !keys.is_empty());
            let wanted = |entry: &Entry| {
                keys.as_ref().is_none_or(|keys| keys.iter().any(|key| key.as_str() == entry.name))
            };
            let configs = entries.into_iter().filter(wanted).map(|entry| config(entry, wishes));
            DescribeConfigsResult {
                resource_type: asked.resource_type,
                resource_name: asked.resource_name,
                configs: configs.collect(),
                ..DescribeConfigsResult::default()
            }
        }
    }
}

fn config(entry: Entry, wishes: Wishes) -> DescribeConfigsResourceResult {
    let synonym = |synonym: Synonym| DescribeConfigsSynonym {
        name: Text::from(synonym.name),
        value: synonym.value.map(Text::from),
        source: synonym.source.code(),
    };
    DescribeConfigsResourceResult {
        config_type: entry.kind_code(),
        config_source: entry.source.code(),
        name: Text::from(entry.name),
        value: entry.value.map(Text::from),
        read_only: entry.read_only,
        is_sensitive: entry.sensitive,
        synonyms: if wishes.synonyms {
            entry.synonyms.into_iter().map(synonym).collect()
        } else {
            Vec::new()
        },
        documentation: wishes.documentation.then(|| Text::from(entry.doc)),
    }
}
