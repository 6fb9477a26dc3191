//! Ids that the broker makes for members.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::coordinator::group::Env;

/// An id for a member that has none, in the form that Kafka gives to it.
pub(super) fn member_id(env: &Env<'_>) -> Arc<str> {
    let mut id = URL_SAFE_NO_PAD.encode(env.around.new_id());
    // A dash in front would look like an option to command lines.
    while id.starts_with('-') {
        id = URL_SAFE_NO_PAD.encode(env.around.new_id());
    }
    id.into()
}
