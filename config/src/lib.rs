//! The one table of settings of Thalweg, and its faces: file, environment, flags, descriptions.
//!
//! [`table`] holds the facts. [`BrokerSettings`] and [`TopicSettings`] are the typed values that code acts on.

pub mod broker;
pub mod describe;
pub mod error;
pub mod flags;
pub mod group;
pub mod layers;
pub mod load;
pub mod render;
mod rule;
pub mod setting;
pub mod table;
pub mod topic;
pub mod value;

pub use broker::{BrokerSettings, GroupSettings, Listener, Protocol, check_dynamic};
pub use error::ConfigError;
pub use flags::Flags;
pub use group::check_group;
pub use layers::{Given, Layers, Origin};
pub use load::Loader;
pub use setting::{Importance, Kind, Rule, Setting, Update};
pub use topic::{CleanupPolicy, CompressionType, FlushMode, TimestampType, TopicSettings};
pub use value::Value;
