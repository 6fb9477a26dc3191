//! DescribeCluster (key 60), versions 0-2: the cluster's id and its brokers.
//!
//! 1 asks for brokers or for controllers (KIP-919); controllers of their own do not exist here · 2 tells fenced brokers
//! (KIP-1073); a single broker never is.

use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::describe_cluster::{DescribeClusterBroker, Response};
use thalweg_proto::wire::Text;

pub(in crate::front::kafka) use thalweg_proto::messages::describe_cluster::Request;

use super::cluster::{Node, cluster_operations};
use crate::front::kafka::context::Context;

const BROKERS: i8 = 1;
const CONTROLLERS: i8 = 2;

pub(in crate::front::kafka) async fn handle(context: &Context, request: Request, _: i16) -> Response {
    match request.endpoint_type {
        BROKERS => {}
        CONTROLLERS => {
            let message = "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER";
            return refused(ErrorCode::MismatchedEndpointType, message.into());
        }
        other => {
            return refused(ErrorCode::UnsupportedEndpointType, format!("Unsupported endpoint type {other}"));
        }
    }
    let node = Node::of(context);
    Response {
        cluster_id: Text::from(context.engine.cluster_id()),
        controller_id: node.id,
        brokers: vec![DescribeClusterBroker {
            broker_id: node.id,
            host: node.host,
            port: node.port,
            rack: node.rack,
            is_fenced: false,
        }],
        cluster_authorized_operations: cluster_operations(request.include_cluster_authorized_operations),
        ..Response::default()
    }
}

fn refused(code: ErrorCode, message: String) -> Response {
    Response { error_code: code.code(), error_message: Some(Text::from(message)), ..Response::default() }
}
