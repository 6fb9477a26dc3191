//! `DescribeConfigs` (key 32), versions 1-4.

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(1..=4, flexible 4..) {
        /// Resources.
        resources: Vec<DescribeConfigsResource>,
        /// Include synonyms.
        include_synonyms: bool,
        /// Include documentation.
        include_documentation: bool [3..],
    }

    /// DescribeConfigsResource.
    pub struct DescribeConfigsResource {
        /// Resource type.
        resource_type: i8,
        /// Resource name.
        resource_name: Text,
        /// Configuration keys.
        configuration_keys: Option<Vec<Text>> = Some(Vec::new()),
    }
}

message! {
    /// Response.
    pub struct Response(1..=4, flexible 4..) {
        /// Throttle time ms.
        throttle_time_ms: i32,
        /// Results.
        results: Vec<DescribeConfigsResult>,
    }

    /// DescribeConfigsResult.
    pub struct DescribeConfigsResult {
        /// Error code.
        error_code: i16,
        /// Error message.
        error_message: Option<Text> = Some(Text::EMPTY),
        /// Resource type.
        resource_type: i8,
        /// Resource name.
        resource_name: Text,
        /// Configs.
        configs: Vec<DescribeConfigsResourceResult>,
    }

    /// DescribeConfigsResourceResult.
    pub struct DescribeConfigsResourceResult {
        /// Name.
        name: Text,
        /// Value.
        value: Option<Text> = Some(Text::EMPTY),
        /// Read only.
        read_only: bool,
        /// Config source.
        config_source: i8 = -1,
        /// Is sensitive.
        is_sensitive: bool,
        /// Synonyms.
        synonyms: Vec<DescribeConfigsSynonym>,
        /// Config type.
        config_type: i8 [3..],
        /// Documentation.
        documentation: Option<Text> [3..] = Some(Text::EMPTY),
    }

    /// DescribeConfigsSynonym.
    pub struct DescribeConfigsSynonym {
        /// Name.
        name: Text,
        /// Value.
        value: Option<Text> = Some(Text::EMPTY),
        /// Source.
        source: i8,
    }
}
