//! The Kafka front end: frames in, calls of the engine, frames out.

mod api;
mod connection;
mod context;
mod dispatch;
mod input;
mod output;
mod partitions;
mod session;

use std::net::SocketAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use thalweg_proto::wire::Text;

pub use context::{Client, Context, Endpoint, Front, Limits};
pub use session::FetchSessions;

use crate::world::net::Accepted;

/// Serves one connection to its end, which is logged with the client's address.
pub(crate) async fn serve(front: Arc<Front>, accepted: Accepted, stopping: impl Future<Output = ()>) {
    let Accepted { stream, peer, local } = accepted;
    let advertised = front.advertised.clone().unwrap_or_else(|| endpoint(local));
    let client = Arc::new(Client { peer, local, advertised, software: Mutex::new(None) });
    let complaints = front.complaints.clone();
    let close = connection::Connection::new(stream, front, client.clone()).run(stopping).await;
    match close {
        connection::Close::Ended | connection::Close::Shutdown => {
            tracing::debug!(%peer, reason = %close, "connection closed")
        }
        _ if !complaints.may_tell(peer.ip()) => {}
        connection::Close::Io(_) | connection::Close::Idle => {
            tracing::info!(%peer, reason = %close, "connection closed")
        }
        _ => {
            let software = client.software.lock().clone();
            let (name, version) = software.unwrap_or_default();
            tracing::warn!(%peer, client = %name, client_version = %version, reason = %close, "connection refused");
        }
    }
}

fn endpoint(address: SocketAddr) -> Endpoint {
    Endpoint { host: Text::from(address.ip().to_canonical().to_string()), port: i32::from(address.port()) }
}
