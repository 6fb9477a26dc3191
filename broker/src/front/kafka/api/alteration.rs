//! What the two APIs that alter configurations have in common.

use std::collections::HashMap;

use thalweg_proto::error::ErrorCode;
use thalweg_proto::wire::Text;

use crate::engine::{ConfigEdit, ConfigWish};
use crate::engine::{ConfigResource, Refusal, ResourceKind};
use crate::front::kafka::context::Context;

/// A resource that a client wants to alter.
pub(super) struct Alteration {
    pub(super) resource_type: i8,
    pub(super) resource_name: Text,
    pub(super) edit: ConfigEdit,
}

/// Alters resources, each by itself; the outcomes are in their order.
pub(super) async fn alter(
    context: &Context,
    wanted: Vec<Alteration>,
    validate_only: bool,
) -> Vec<Result<(), Refusal>> {
    let mut times: HashMap<(i8, Text), usize> = HashMap::new();
    for Alteration { resource_type, resource_name, .. } in &wanted {
        *times.entry((*resource_type, resource_name.clone())).or_default() += 1;
    }
    let mut refused = Vec::new();
    let mut wishes = Vec::new();
    for alteration in wanted {
        let key = (alteration.resource_type, alteration.resource_name.clone());
        match wish(alteration, times.get(&key) == Some(&1)) {
            Ok(wish) => {
                wishes.push(wish);
                refused.push(None);
            }
            Err(refusal) => refused.push(Some(refusal)),
        }
    }
    let mut outcomes = context.engine.alter_configs(wishes, validate_only).await.into_iter();
    let lost = || Err(Refusal::bare(ErrorCode::UnknownServerError));
    let outcome = |refusal: Option<Refusal>| match refusal {
        Some(refusal) => Err(refusal),
        None => outcomes.next().unwrap_or_else(lost),
    };
    refused.into_iter().map(outcome).collect()
}

fn wish(alteration: Alteration, is_alone: bool) -> Result<ConfigWish, Refusal> {
    let invalid = |message: String| Refusal::new(ErrorCode::InvalidRequest, message);
    if !is_alone {
        return Err(invalid("Each resource must appear at most once.".into()));
    }
    let kind = ResourceKind::from_number(alteration.resource_type)
        .ok_or_else(|| invalid(format!("Unknown resource type {}", alteration.resource_type)))?;
    let resource = ConfigResource { kind, name: alteration.resource_name.to_string() };
    Ok(ConfigWish { resource, change: alteration.edit })
}
