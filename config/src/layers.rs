//! Where the value of a broker setting comes from: the layers that cover one another.

use std::collections::BTreeMap;

use crate::error::ConfigError;
use crate::setting::Setting;
use crate::table;
use crate::value::Value;

/// Where a value was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere: the default of the table.
    Default,
    /// In the file of this path.
    File(String),
    /// In this environment variable.
    Environment(String),
    /// By this flag of the command line.
    Flag(String),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Origin::Default => formatter.write_str("default"),
            Origin::File(path) => write!(formatter, "file {path}"),
            Origin::Environment(variable) => write!(formatter, "environment {variable}"),
            Origin::Flag(flag) => write!(formatter, "flag {flag}"),
        }
    }
}

/// A value given at start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The text, as it was given.
    pub text: String,
    /// By whom.
    pub origin: Origin,
}

/// The layers of broker settings: what was given at start, the cluster's dynamic defaults, and the dynamic
/// settings of this broker (KIP-226). Each covers the one before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layers {
    /// Given at start: file, environment, flags.
    pub fixed: BTreeMap<String, Given>,
    /// Dynamic, for every broker.
    pub cluster: BTreeMap<String, String>,
    /// Dynamic, for this broker.
    pub broker: BTreeMap<String, String>,
}

impl Layers {
    /// The text in force for `name`, where one is given in any layer.
    pub fn given(&self, name: &str) -> Option<&str> {
        let dynamic = self.broker.get(name).or_else(|| self.cluster.get(name)).map(String::as_str);
        dynamic.or_else(|| self.fixed.get(name).map(|given| given.text.as_str()))
    }

    /// The value in force for a setting; `None` where it has neither value nor default.
    pub fn value(&self, setting: &Setting) -> Result<Option<Value>, ConfigError> {
        match self.given(setting.name).or(setting.default) {
            Some(text) => Value::parse(setting, text).map(Some),
            None => Ok(None),
        }
    }

    /// Where the value that was in force at start came from.
    pub fn origin(&self, name: &str) -> Origin {
        self.fixed.get(name).map_or(Origin::Default, |given| given.origin.clone())
    }

    fn named(&self, name: &str) -> Result<Option<Value>, ConfigError> {
        match table::broker(name) {
            Some(setting) => self.value(setting),
            None => Err(table::unknown(name, "the table")),
        }
    }

    pub(crate) fn integer(&self, name: &str) -> Result<i64, ConfigError> {
        Ok(self.optional_integer(name)?.unwrap_or_default())
    }

    pub(crate) fn optional_integer(&self, name: &str) -> Result<Option<i64>, ConfigError> {
        match self.named(name)? {
            None => Ok(None),
            Some(Value::Integer(number)) => Ok(Some(number)),
            Some(other) => Err(mistyped(name, &other)),
        }
    }

    /// An integer that its rule keeps within `T`.
    pub(crate) fn number<T: TryFrom<i64>>(&self, name: &str) -> Result<T, ConfigError> {
        let number = self.integer(name)?;
        T::try_from(number).map_err(|_| ConfigError::invalid(name, number, "Value is out of range"))
    }

    pub(crate) fn boolean(&self, name: &str) -> Result<bool, ConfigError> {
        match self.named(name)? {
            Some(Value::Boolean(flag)) => Ok(flag),
            Some(other) => Err(mistyped(name, &other)),
            None => Ok(false),
        }
    }

    pub(crate) fn double(&self, name: &str) -> Result<f64, ConfigError> {
        match self.named(name)? {
            Some(Value::Double(number)) => Ok(number),
            Some(other) => Err(mistyped(name, &other)),
            None => Ok(0.0),
        }
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, ConfigError> {
        match self.named(name)? {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(other) => Err(mistyped(name, &other)),
        }
    }

    pub(crate) fn list(&self, name: &str) -> Result<Vec<String>, ConfigError> {
        match self.named(name)? {
            None => Ok(Vec::new()),
            Some(Value::List(members)) => Ok(members),
            Some(other) => Err(mistyped(name, &other)),
        }
    }

    /// The age, in ms, after which records go: `log.retention.ms`, else minutes, else hours; below zero never.
    pub(crate) fn retention_ms(&self) -> Result<i64, ConfigError> {
        let in_ms = match (
            self.optional_integer("log.retention.ms")?,
            self.optional_integer("log.retention.minutes")?,
        ) {
            (Some(ms), _) => ms,
            (None, Some(minutes)) => minutes.saturating_mul(60_000),
            (None, None) => self.integer("log.retention.hours")?.saturating_mul(3_600_000),
        };
        Ok(in_ms.max(-1))
    }

    pub(crate) fn ms_or_hours(&self, ms: &str, hours: &str) -> Result<i64, ConfigError> {
        match self.optional_integer(ms)? {
            Some(ms) => Ok(ms),
            None => Ok(self.integer(hours)?.saturating_mul(3_600_000)),
        }
    }
}

fn mistyped(name: &str, value: &Value) -> ConfigError {
    ConfigError::invalid(name, value.to_text(), "Value is of another type than the table says")
}
