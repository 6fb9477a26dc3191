//! DescribeConfigs (key 32), versions 1-4: configs with source, type and meaning.
//!
//! 1 sources and synonyms · 3 type and documentation · 4 flexible.

use crate::wire::{Text, message};

message! {
    /// Asks for configs.
    pub struct Request(1..=4, flexible 4..) {
        /// The resources.
        resources: Vec<DescribeConfigsResource>,
        /// Whether to say where each value could come from.
        include_synonyms: bool,
        /// Whether to explain each config.
        include_documentation: bool [3..],
    }

    /// A resource, and the configs of it that are wanted.
    pub struct DescribeConfigsResource {
        /// Type of the resource: 2 topic, 4 broker, 8 broker logger, 16 client metrics, 32 group.
        resource_type: i8,
        /// Name of the resource: a topic, the id of a broker, a group; empty for the default of all
        /// brokers.
        resource_name: Text,
        /// Names of the configs wanted; null for all.
        configuration_keys: Option<Vec<Text>> = Some(Vec::new()),
    }
}

message! {
    /// The configs.
    pub struct Response(1..=4, flexible 4..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32,
        /// How each part of the request fared.
        results: Vec<DescribeConfigsResult>,
    }

    /// The configs of one resource.
    pub struct DescribeConfigsResult {
        /// Error code, 0 for none.
        error_code: i16,
        /// What went wrong, for a person; null where nothing did.
        error_message: Option<Text> = Some(Text::EMPTY),
        /// Type of the resource: 2 topic, 4 broker, 8 broker logger, 16 client metrics, 32 group.
        resource_type: i8,
        /// Name of the resource: a topic, the id of a broker, a group; empty for the default of all
        /// brokers.
        resource_name: Text,
        /// The configs that were asked for.
        configs: Vec<DescribeConfigsResourceResult>,
    }

    /// A config.
    pub struct DescribeConfigsResourceResult {
        /// Name of the config.
        name: Text,
        /// The value; null where there is none, or where it is secret.
        value: Option<Text> = Some(Text::EMPTY),
        /// Whether the config cannot be changed while the broker runs.
        read_only: bool,
        /// Where the value comes from: 1 the topic, 2 the broker (dynamic), 3 all brokers (dynamic), 4
        /// the broker (static), 5 the default, 6 the logger, 7 client metrics, 8 the group.
        config_source: i8 = -1,
        /// Whether the value is secret, and left out therefore.
        is_sensitive: bool,
        /// Where the value could come from, the strongest first.
        synonyms: Vec<DescribeConfigsSynonym>,
        /// Type of the value: 1 boolean, 2 string, 3 int, 4 short, 5 long, 6 double, 7 list, 8 class, 9
        /// password.
        config_type: i8 [3..],
        /// What the config means.
        documentation: Option<Text> [3..] = Some(Text::EMPTY),
    }

    /// A place that a value could come from.
    pub struct DescribeConfigsSynonym {
        /// Name of the config.
        name: Text,
        /// The value; null where there is none, or where it is secret.
        value: Option<Text> = Some(Text::EMPTY),
        /// Where the value comes from, numbered as `config_source`.
        source: i8,
    }
}
