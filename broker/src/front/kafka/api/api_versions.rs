//! ApiVersions: what is served, in which versions, and which features are on (KIP-511, KIP-584).

use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::api_versions::{ApiVersion, FinalizedFeatureKey, Response, SupportedFeatureKey};
use thalweg_proto::wire::Text;

pub(in crate::front::kafka) use thalweg_proto::messages::api_versions::Request;

use crate::front::kafka::context::Context;
use crate::front::kafka::dispatch;

/// A feature, always in force at its highest version.
struct Feature {
    name: &'static str,
    lowest: i16,
    highest: i16,
}

/// What Kafka 4.3 has in force, as far as it is served here.
const FEATURES: [Feature; 2] = [
    Feature { name: "group.version", lowest: 0, highest: 1 },
    Feature { name: "metadata.version", lowest: 7, highest: 30 },
];

/// Features change with the release alone.
const FEATURES_EPOCH: i64 = 1;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, version: i16) -> Response {
    if version >= 3 {
        let (name, software_version) = (request.client_software_name, request.client_software_version);
        if !is_software(&name) || !is_software(&software_version) {
            return Response { error_code: ErrorCode::InvalidRequest.code(), ..Response::default() };
        }
        // Own copies: the fields are slices of the frame, which would otherwise live as long as the connection.
        let software = (name.as_str().into(), software_version.as_str().into());
        *context.client.software.lock() = Some(software);
    }
    Response {
        api_keys: api_keys(),
        supported_features: supported(version),
        finalized_features_epoch: FEATURES_EPOCH,
        finalized_features: finalized(),
        ..Response::default()
    }
}

/// Before version 4 clients cannot read of a feature that may be off (KAFKA-17011).
fn supported(version: i16) -> Vec<SupportedFeatureKey> {
    let told = FEATURES.iter().filter(|feature| version >= 4 || feature.lowest > 0);
    told.map(|feature| SupportedFeatureKey {
        name: Text::from(feature.name),
        min_version: feature.lowest,
        max_version: feature.highest,
    })
    .collect()
}

fn finalized() -> Vec<FinalizedFeatureKey> {
    let in_force = |feature: &Feature| FinalizedFeatureKey {
        name: Text::from(feature.name),
        max_version_level: feature.highest,
        min_version_level: feature.highest,
    };
    FEATURES.iter().map(in_force).collect()
}

/// The answer, in version 0, to a version that does not exist here.
pub(in crate::front::kafka) fn unsupported_version() -> Response {
    let api_keys =
        api_keys().into_iter().filter(|api| api.api_key == thalweg_proto::api::ApiKey::ApiVersions.code());
    Response {
        error_code: ErrorCode::UnsupportedVersion.code(),
        api_keys: api_keys.collect(),
        ..Response::default()
    }
}

fn api_keys() -> Vec<ApiVersion> {
    let mut keys: Vec<ApiVersion> = dispatch::served()
        .map(|api| {
            let versions = api.versions();
            ApiVersion { api_key: api.code(), min_version: *versions.start(), max_version: *versions.end() }
        })
        .collect();
    keys.sort_by_key(|api| api.api_key);
    keys
}

/// Whether a client's name or version is well formed: letters and digits, with `.` and `-` between them (KIP-511).
fn is_software(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    ends(bytes.first()) && ends(bytes.last()) && bytes.iter().copied().all(inner)
}
