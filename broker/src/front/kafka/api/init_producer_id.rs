//! InitProducerId: an identity for an idempotent producer.

use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::init_producer_id::Response;

pub(in crate::front::kafka) use thalweg_proto::messages::init_producer_id::Request;

use crate::front::kafka::context::Context;

/// What stands for no producer id and for no producer epoch.
const NONE: i16 = -1;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, _: i16) -> Response {
    let has_id = request.producer_id != i64::from(NONE);
    let has_epoch = request.producer_epoch != NONE;
    let identity = match request.transactional_id.as_deref() {
        // Both or neither (KIP-360).
        _ if has_id != has_epoch => Err(ErrorCode::InvalidRequest),
        // As in Kafka, the empty id is a mistake of the client.
        Some("") => Err(ErrorCode::InvalidRequest),
        // There is no transaction coordinator to ask yet; a client tries again until its own timeout.
        Some(_) => Err(ErrorCode::CoordinatorNotAvailable),
        None => context.engine.new_producer().await.map_err(|error| error.code()),
    };
    match identity {
        Ok(identity) => {
            Response { producer_id: identity.id, producer_epoch: identity.epoch, ..Response::default() }
        }
        Err(code) => Response { error_code: code.code(), producer_epoch: -1, ..Response::default() },
    }
}
