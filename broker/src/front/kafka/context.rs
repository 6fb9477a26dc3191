//! What a handler has at hand: the engine, what all connections share, and who is asking.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use thalweg_proto::wire::Text;

use super::session::FetchSessions;
use crate::engine::Engine;
use crate::front::address::client_host;
use crate::front::complaints::Complaints;

/// Where a client is told to connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Host name or address.
    pub host: Text,
    /// Port.
    pub port: i32,
}

/// Bounds that hold for every connection.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The longest frame that is read (`socket.request.max.bytes`).
    pub frame_bytes: usize,
    /// A connection without a request for this long is closed (`connections.max.idle.ms`).
    pub idle: Duration,
}

/// What all connections of the Kafka front end share.
pub struct Front {
    /// The broker.
    pub engine: Arc<Engine>,
    /// Bounds of each connection.
    pub limits: Limits,
    /// Incremental fetch sessions; they outlive their connections (KIP-227).
    pub sessions: Arc<FetchSessions>,
    /// What is said about connections, all listeners together.
    pub complaints: Arc<Complaints>,
    /// The address that clients are told, where it is not the one they came in on.
    pub advertised: Option<Endpoint>,
}

/// The other end of a connection.
#[derive(Debug)]
pub struct Client {
    /// Where it is.
    pub peer: SocketAddr,
    /// Our address that it reached.
    pub local: SocketAddr,
    /// Our address as it shall be told: `advertise`, or the one it came in on.
    pub advertised: Endpoint,
    /// Name and version of its software, as of ApiVersions v3 (KIP-511).
    pub software: Mutex<Option<(Text, Text)>>,
}

/// Runs what may wait for the disk where it holds up no other connection. A panic in it is the caller's.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => Some(done),
        Err(error) => {
            if let Ok(panic) = error.try_into_panic() {
                std::panic::resume_unwind(panic);
            }
            // The runtime is going down.
            None
        }
    }
}

/// One request's surroundings.
#[derive(Clone)]
pub struct Context {
    /// The broker.
    pub engine: Arc<Engine>,
    /// What all connections share.
    pub front: Arc<Front>,
    /// Who is asking.
    pub client: Arc<Client>,
    /// The name that the client gives itself in the request's header.
    pub client_id: Option<Text>,
}

impl Context {
    /// The client's name as groups know it: a copy, empty where it has none.
    pub(super) fn client_name(&self) -> Arc<str> {
        self.client_id.as_deref().unwrap_or_default().into()
    }
}

impl Client {
    /// Its address as groups know it.
    pub(super) fn host(&self) -> Arc<str> {
        client_host(self.peer.ip())
    }
}
