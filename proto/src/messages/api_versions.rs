//! ApiVersions (key 18), versions 0-4: which APIs, versions and features the broker serves.
//!
//! 1 throttle time · 2 the response goes out before throttling · 3 flexible; names of the client's software;
//! features (KIP-511, KIP-584) · 4 a feature's lowest version may be 0. The response header is of version 0
//! in all of them, and an unknown version is answered in version 0.

use crate::wire::{Text, message};

message! {
    /// Asks which APIs, versions and features the broker serves.
    pub struct Request(0..=4, flexible 3..) {
        /// Name of the client library (KIP-511).
        client_software_name: Text [3..],
        /// Version of the client library (KIP-511).
        client_software_version: Text [3..],
    }
}

message! {
    /// What the broker serves.
    pub struct Response(0..=4, flexible 3..) {
        /// Error code, 0 for none.
        error_code: i16,
        /// The APIs that are served.
        api_keys: Vec<ApiVersion>,
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32 [1..],
        /// Features that the broker can serve (KIP-584).
        supported_features: Vec<SupportedFeatureKey> [3.., tag 0],
        /// Epoch of the features in force, growing with each change; -1 where unknown.
        finalized_features_epoch: i64 [3.., tag 1] = -1,
        /// Features that are in force in the cluster (KIP-584).
        finalized_features: Vec<FinalizedFeatureKey> [3.., tag 2],
        /// Whether a broker could migrate from ZooKeeper; never here.
        zk_migration_ready: bool [3.., tag 3],
    }

    /// The versions of one API.
    pub struct ApiVersion {
        /// The key of the API.
        api_key: i16,
        /// Lowest version.
        min_version: i16,
        /// Highest version.
        max_version: i16,
    }

    /// The versions of one feature that can be served.
    pub struct SupportedFeatureKey {
        /// Name of the feature.
        name: Text,
        /// Lowest version.
        min_version: i16,
        /// Highest version.
        max_version: i16,
    }

    /// The versions of one feature that are in force.
    pub struct FinalizedFeatureKey {
        /// Name of the feature.
        name: Text,
        /// Highest version level in force.
        max_version_level: i16,
        /// Lowest version level in force.
        min_version_level: i16,
    }
}
