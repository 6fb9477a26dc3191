//! UnregisterBroker (key 64), version 0: a broker that is gone for good is forgotten. The only broker never is.

use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::unregister_broker::Response;
use thalweg_proto::wire::Text;

pub(in crate::front::kafka) use thalweg_proto::messages::unregister_broker::Request;

use crate::front::kafka::context::Context;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, _: i16) -> Response {
    let id = request.broker_id;
    let (code, message) = match id == context.engine.settings.node_id {
        true => (ErrorCode::InvalidRequest, format!("Broker ID {id} is the only broker of the cluster")),
        false => (ErrorCode::BrokerIdNotRegistered, format!("Broker ID {id} is not currently registered")),
    };
    Response { error_code: code.code(), error_message: Some(Text::from(message)), ..Response::default() }
}
