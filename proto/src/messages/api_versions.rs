//! `ApiVersions` (key 18), versions 0-4.

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(0..=4, flexible 3..) {
        /// Client software name.
        client_software_name: Text [3..],
        /// Client software version.
        client_software_version: Text [3..],
    }
}

message! {
    /// Response.
    pub struct Response(0..=4, flexible 3..) {
        /// Error code.
        error_code: i16,
        /// Api keys.
        api_keys: Vec<ApiVersion>,
        /// Throttle time ms.
        throttle_time_ms: i32 [1..],
        /// Supported features.
        supported_features: Vec<SupportedFeatureKey> [3.., tag 0],
        /// Finalized features epoch.
        finalized_features_epoch: i64 [3.., tag 1] = -1,
        /// Finalized features.
        finalized_features: Vec<FinalizedFeatureKey> [3.., tag 2],
        /// Zk migration ready.
        zk_migration_ready: bool [3.., tag 3],
    }

    /// ApiVersion.
    pub struct ApiVersion {
        /// Api key.
        api_key: i16,
        /// Min version.
        min_version: i16,
        /// Max version.
        max_version: i16,
    }

    /// SupportedFeatureKey.
    pub struct SupportedFeatureKey {
        /// Name.
        name: Text [3..],
        /// Min version.
        min_version: i16 [3..],
        /// Max version.
        max_version: i16 [3..],
    }

    /// FinalizedFeatureKey.
    pub struct FinalizedFeatureKey {
        /// Name.
        name: Text [3..],
        /// Max version level.
        max_version_level: i16 [3..],
        /// Min version level.
        min_version_level: i16 [3..],
    }
}
