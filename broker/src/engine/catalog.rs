//! The table of settings as the metadata machine asks for it.

use std::collections::BTreeSet;
use std::sync::Arc;

use thalweg_config::{BrokerSettings, ConfigError, Kind, Setting, TopicSettings, check_group, table};
use thalweg_proto::error::ErrorCode;

use super::checks;
use crate::coordinator::metadata::{Catalog, ConfigResource, Configs, Refusal, ResourceKind, State};

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
        // Kafka takes lists of subscriptions for plain texts here.
        kind != ResourceKind::ClientMetrics
            && setting(kind, name).is_some_and(|setting| setting.kind == Kind::List)
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
            ResourceKind::ClientMetrics => checks::client_metrics(configs),
            ResourceKind::Broker => {
                checks::broker(&self.start, &self.now, state, resource, configs, changed)?;
                checks::min_insync_replicas(resource, configs, changed)
            }
            ResourceKind::BrokerLogger => Ok(()),
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

pub(super) fn setting(kind: ResourceKind, name: &str) -> Option<&'static Setting> {
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
