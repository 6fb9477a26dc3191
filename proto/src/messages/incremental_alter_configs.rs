//! IncrementalAlterConfigs (key 44), versions 0-1: changes to single configs (KIP-339).
//!
//! 1 flexible.

use crate::wire::{Text, message};

message! {
    /// Changes single configs.
    pub struct Request(0..=1, flexible 1..) {
        /// The resources.
        resources: Vec<AlterConfigsResource>,
        /// Whether only to check, and to change nothing.
        validate_only: bool,
    }

    /// A resource to change.
    pub struct AlterConfigsResource {
        /// Type of the resource: 2 topic, 4 broker, 8 broker logger, 16 client metrics, 32 group.
        resource_type: i8,
        /// Name of the resource: a topic, the id of a broker, a group; empty for the default of all
        /// brokers.
        resource_name: Text,
        /// The changes.
        configs: Vec<AlterableConfig>,
    }

    /// A change to one config.
    pub struct AlterableConfig {
        /// Name of the config.
        name: Text,
        /// What to do: 0 set, 1 delete, 2 append to a list, 3 subtract from a list.
        config_operation: i8,
        /// The value; null where there is none, or where it is secret.
        value: Option<Text> = Some(Text::EMPTY),
    }
}

message! {
    /// How each resource fared.
    pub struct Response(0..=1, flexible 1..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32,
        /// How each part of the request fared.
        responses: Vec<AlterConfigsResourceResponse>,
    }

    /// How one resource fared.
    pub struct AlterConfigsResourceResponse {
        /// Error code, 0 for none.
        error_code: i16,
        /// What went wrong, for a person; null where nothing did.
        error_message: Option<Text> = Some(Text::EMPTY),
        /// Type of the resource: 2 topic, 4 broker, 8 broker logger, 16 client metrics, 32 group.
        resource_type: i8,
        /// Name of the resource: a topic, the id of a broker, a group; empty for the default of all
        /// brokers.
        resource_name: Text,
    }
}
