//! What can be wrong with a setting. The texts are those that Kafka's clients and tools show.

use std::fmt;

/// A setting that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// No topic setting has this name.
    #[error("Unknown topic config name: {0}")]
    UnknownTopicSetting(String),
    /// No group setting has this name.
    #[error("Unknown group config name: {0}")]
    UnknownGroupSetting(String),
    /// No setting of the broker has this name.
    #[error("unknown setting \"{name}\" in {origin}")]
    UnknownSetting {
        /// The name that was given.
        name: String,
        /// Where it was given.
        origin: String,
        /// The nearest name there is.
        nearest: Option<&'static str>,
    },
    /// The value is of the wrong type or out of range.
    #[error("Invalid value {value} for configuration {name}: {reason}")]
    InvalidValue {
        /// The setting.
        name: String,
        /// The value, as given or as understood.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The value, or its combination with others, is refused as a whole.
    #[error("{0}")]
    Refused(String),
    /// A setting of the broker cannot be changed while it runs.
    #[error("Cannot update these configs dynamically: {0}")]
    NotDynamic(Names),
    /// A setting of one broker was to be set for all.
    #[error("Cannot update these configs at default cluster level, broker id must be specified: {0}")]
    PerBrokerOnly(Names),
    /// The file cannot be read or is not TOML.
    #[error("{file}: {reason}")]
    File {
        /// Its path.
        file: String,
        /// The reason, on one line.
        reason: String,
    },
}

/// Names as Kafka lists them: `[a, b]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names(pub Vec<String>);

impl fmt::Display for Names {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "[{}]", self.0.join(", "))
    }
}

impl ConfigError {
    pub(crate) fn invalid(name: &str, value: impl fmt::Display, reason: impl Into<String>) -> Self {
        ConfigError::InvalidValue { name: name.to_owned(), value: value.to_string(), reason: reason.into() }
    }

    /// What the user could do about it, where we can tell.
    pub fn hint(&self) -> Option<String> {
        match self {
            ConfigError::UnknownSetting { nearest: Some(nearest), .. } => {
                Some(format!("did you mean \"{nearest}\"?"))
            }
            _ => None,
        }
    }
}
