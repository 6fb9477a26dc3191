//! The table of settings as the metadata machine asks for it.

use std::collections::BTreeSet;
use std::sync::Arc;

use thalweg_config::{
    BrokerSettings, ConfigError, Kind, Setting, TopicSettings, check_dynamic, check_group, table,
};
use thalweg_proto::error::ErrorCode;

use crate::coordinator::metadata::{Catalog, ConfigResource, Configs, Refusal, ResourceKind, State};

/// The configuration that Kafka keeps per topic and for the whole cluster, but not per broker (KIP-966).
const MIN_INSYNC_REPLICAS: &str = "min.insync.replicas";

/// Judges configurations by the table and by the settings of the broker.
#[derive(Debug)]
pub(super) struct SettingsCatalog {
    /// As the broker was started.
    pub(super) start: Arc<BrokerSettings>,
    /// With what was set at run time laid over them.
    pub(super) now: Arc<BrokerSettings>,
}

impl Catalog for SettingsCatalog {
    fn is_list(&self, kind: ResourceKind, name: &str) -> bool {
        setting(kind, name).is_some_and(|setting| setting.kind == Kind::List)
    }

    fn default(&self, kind: ResourceKind, name: &str) -> Option<&'static str> {
        setting(kind, name)?.default
    }

    fn check(
        &self,
        state: &State,
        resource: &ConfigResource,
        configs: &Configs,
        changed: &BTreeSet<&str>,
    ) -> Result<(), Refusal> {
        match resource.kind {
            ResourceKind::Topic => {
                TopicSettings::resolve(&self.now, configs).map(drop).map_err(invalid_config)
            }
            ResourceKind::Group => check_group(&self.now, configs).map_err(invalid_config),
            ResourceKind::ClientMetrics => check_client_metrics(configs),
            ResourceKind::Broker => {
                check_min_insync_replicas(resource, configs, changed)?;
                check_broker(&self.start, state, resource, configs)
            }
            ResourceKind::BrokerLogger => Err(Refusal::new(
                ErrorCode::InvalidRequest,
                "The loggers of this broker are set where it is started, not through the protocol.",
            )),
        }
    }
}

/// The broker's settings with what was set at run time laid over them.
pub(super) fn effective(settings: &Arc<BrokerSettings>, state: &State) -> Arc<BrokerSettings> {
    let broker = |name: String| state.configs_of(&ConfigResource { kind: ResourceKind::Broker, name });
    let (cluster, own) = (broker(String::new()), broker(settings.node_id.to_string()));
    match settings.with_dynamic(&cluster, &own) {
        Ok(settings) => Arc::new(settings),
        Err(error) => {
            tracing::error!(%error, "the dynamic settings of the broker are not valid, those of its start hold");
            settings.clone()
        }
    }
}

fn setting(kind: ResourceKind, name: &str) -> Option<&'static Setting> {
    match kind {
        ResourceKind::Topic => table::topic(name),
        ResourceKind::Broker => table::broker(name),
        ResourceKind::Group => table::group(name),
        ResourceKind::ClientMetrics => table::client_metrics().find(|setting| setting.name == name),
        ResourceKind::BrokerLogger => None,
    }
}

pub(super) fn invalid_config(error: ConfigError) -> Refusal {
    Refusal::new(ErrorCode::InvalidConfig, error.to_string())
}

/// What Kafka's broker finds wrong itself, before it asks the controller, is an invalid request.
fn check_broker(
    settings: &Arc<BrokerSettings>,
    state: &State,
    resource: &ConfigResource,
    configs: &Configs,
) -> Result<(), Refusal> {
    let refuse = |error: ConfigError| Refusal::new(ErrorCode::InvalidRequest, error.to_string());
    let for_one = !resource.name.is_empty();
    check_dynamic(configs, for_one).map_err(refuse)?;
    let other = |name: String| state.configs_of(&ConfigResource { kind: ResourceKind::Broker, name });
    let result = match for_one {
        true => settings.with_dynamic(&other(String::new()), configs),
        false => settings.with_dynamic(configs, &other(settings.node_id.to_string())),
    };
    result.map(drop).map_err(refuse)
}

fn check_min_insync_replicas(
    resource: &ConfigResource,
    configs: &Configs,
    changed: &BTreeSet<&str>,
) -> Result<(), Refusal> {
    if !changed.contains(MIN_INSYNC_REPLICAS) {
        return Ok(());
    }
    let reason = match (resource.name.is_empty(), configs.contains_key(MIN_INSYNC_REPLICAS)) {
        (true, true) => return Ok(()),
        (true, false) => "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.",
        (false, _) => "Broker-level min.insync.replicas cannot be altered while ELR is enabled.",
    };
    Err(Refusal::new(ErrorCode::InvalidConfig, reason))
}

fn check_client_metrics(configs: &Configs) -> Result<(), Refusal> {
    match configs.keys().find(|name| setting(ResourceKind::ClientMetrics, name).is_none()) {
        None => Ok(()),
        Some(name) => {
            let message = format!("Unknown client metrics configuration: {name}");
            Err(Refusal::new(ErrorCode::InvalidRequest, message))
        }
    }
}
