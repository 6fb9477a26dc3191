//! `AlterConfigs` (key 33), versions 0-2.

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(0..=2, flexible 2..) {
        /// Resources.
        resources: Vec<AlterConfigsResource>,
        /// Validate only.
        validate_only: bool,
    }

    /// AlterConfigsResource.
    pub struct AlterConfigsResource {
        /// Resource type.
        resource_type: i8,
        /// Resource name.
        resource_name: Text,
        /// Configs.
        configs: Vec<AlterableConfig>,
    }

    /// AlterableConfig.
    pub struct AlterableConfig {
        /// Name.
        name: Text,
        /// Value.
        value: Option<Text> = Some(Text::EMPTY),
    }
}

message! {
    /// Response.
    pub struct Response(0..=2, flexible 2..) {
        /// Throttle time ms.
        throttle_time_ms: i32,
        /// Responses.
        responses: Vec<AlterConfigsResourceResponse>,
    }

    /// AlterConfigsResourceResponse.
    pub struct AlterConfigsResourceResponse {
        /// Error code.
        error_code: i16,
        /// Error message.
        error_message: Option<Text> = Some(Text::EMPTY),
        /// Resource type.
        resource_type: i8,
        /// Resource name.
        resource_name: Text,
    }
}
