//! Configurations: shown and changed.

use std::collections::BTreeMap;

use thalweg_config::describe::{self, Entry};
use thalweg_proto::error::ErrorCode;

use super::catalog::invalid_config;
use super::metadata::Outcome;
use super::{Engine, EngineError};
use crate::coordinator::metadata::{
    Command, ConfigChange, ConfigResource, LOG_TOPIC, Refusal, ResourceKind, validate_topic_name,
};

/// A resource whose configurations are to be changed, and how.
#[derive(Clone, Debug)]
pub struct ConfigWish {
    /// Whose configurations.
    pub resource: ConfigResource,
    /// What to change.
    pub change: ConfigEdit,
}

/// How configurations are changed.
#[derive(Clone, Debug)]
pub enum ConfigEdit {
    /// Each by itself, leaving the others (KIP-339).
    Change(Vec<ConfigChange>),
    /// All at once: what is not named goes back to its default.
    Replace(Vec<(String, Option<String>)>),
}

impl Engine {
    /// Changes configurations. When this returns, those that were changed are durable and in force.
    pub async fn alter_configs(
        &self,
        wishes: Vec<ConfigWish>,
        validate_only: bool,
    ) -> Vec<Result<(), Refusal>> {
        let command = |ConfigWish { resource, change }| match change {
            ConfigEdit::Change(changes) => Command::ChangeConfigs { resource, changes },
            ConfigEdit::Replace(configs) => Command::ReplaceConfigs { resource, configs },
        };
        let commands = wishes.into_iter().map(command).collect();
        let done = |outcome: Outcome| outcome.map(drop);
        self.command(commands, validate_only).await.into_iter().map(done).collect()
    }

    /// Every configuration of a resource, in the order of the table.
    pub fn describe_configs(&self, resource: &ConfigResource) -> Result<Vec<Entry>, Refusal> {
        let published = self.metadata.published();
        let set = || published.configs.get(resource).cloned().unwrap_or_default();
        let name = resource.name.as_str();
        let invalid = |message: &str| Err(Refusal::new(ErrorCode::InvalidRequest, message));
        match resource.kind {
            ResourceKind::Topic => self.describe_topic(name),
            ResourceKind::Broker if name.is_empty() => Ok(describe::cluster_entries(&published.settings)),
            ResourceKind::Broker => {
                self.check_broker_name(name, " or empty string,")?;
                Ok(describe::broker_entries(&published.settings))
            }
            ResourceKind::BrokerLogger if name.is_empty() => invalid("Broker id must not be empty"),
            ResourceKind::BrokerLogger => {
                self.check_broker_name(name, "")?;
                Ok(Vec::new())
            }
            ResourceKind::ClientMetrics if name.is_empty() => {
                invalid("Client metrics subscription name must not be empty")
            }
            ResourceKind::ClientMetrics => Ok(describe::client_metrics_entries(&set())),
            ResourceKind::Group if name.is_empty() => invalid("Group name must not be empty"),
            ResourceKind::Group => {
                describe::group_entries(&published.settings, &set()).map_err(invalid_config)
            }
        }
    }

    /// The configurations of a topic that is to be made with these overrides, or was.
    pub fn describe_topic_configs(
        &self,
        overrides: &BTreeMap<String, String>,
    ) -> Result<Vec<Entry>, EngineError> {
        let published = self.metadata.published();
        describe::topic_entries(&published.settings, overrides).map_err(|error| invalid_config(error).into())
    }

    fn check_broker_name(&self, name: &str, alternative: &str) -> Result<(), Refusal> {
        let refuse = |message| Err(Refusal::new(ErrorCode::InvalidRequest, message));
        let expected = self.settings.node_id;
        match name.parse::<i32>() {
            Ok(node) if node == expected => Ok(()),
            Ok(_) => {
                refuse(format!("Unexpected broker id, expected {expected}{alternative} but received {name}"))
            }
            Err(_) => refuse(format!("Broker id must be an integer, but it is: {name}")),
        }
    }

    fn describe_topic(&self, name: &str) -> Result<Vec<Entry>, Refusal> {
        validate_topic_name(name).map_err(|reason| Refusal::new(ErrorCode::InvalidTopicException, reason))?;
        let topic = self.topics.by_name(name).filter(|_| name != LOG_TOPIC);
        let topic = topic.ok_or_else(|| Refusal::bare(ErrorCode::UnknownTopicOrPartition))?;
        let published = self.metadata.published();
        describe::topic_entries(&published.settings, &topic.topic.overrides).map_err(invalid_config)
    }
}
