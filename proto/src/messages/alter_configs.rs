//! AlterConfigs (key 33), versions 0-2: all configs of a resource at once.
//!
//! 2 flexible.

use crate::wire::{Text, message};

message! {
    /// Replaces all configs of a resource.
    pub struct Request(0..=2, flexible 2..) {
        /// The resources.
        resources: Vec<AlterConfigsResource>,
        /// Whether only to check, and to change nothing.
        validate_only: bool,
    }

    /// A resource to configure.
    pub struct AlterConfigsResource {
        /// Type of the resource: 2 topic, 4 broker, 8 broker logger, 16 client metrics, 32 group.
        resource_type: i8,
        /// Name of the resource: a topic, the id of a broker, a group; empty for the default of all
        /// brokers.
        resource_name: Text,
        /// All configs that the resource shall have; those not named fall back to their defaults.
        configs: Vec<AlterableConfig>,
    }

    /// A config.
    pub struct AlterableConfig {
        /// Name of the config.
        name: Text,
        /// The value; null where there is none, or where it is secret.
        value: Option<Text> = Some(Text::EMPTY),
    }
}

message! {
    /// How each resource fared.
    pub struct Response(0..=2, flexible 2..) {
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
