//! The HTTP port: gRPC, health and metrics on one listener, HTTP/1.1 and HTTP/2 side by side.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::transport::Server;
use tonic::transport::server::Connected;
use tonic_health::server::HealthReporter;

use super::grpc::{self, Addresses};
use super::metrics;
use crate::engine::Engine;
use crate::world::net::{Accepted, Stream};

/// Accepted connections that may wait for the server to take them.
const QUEUE: usize = 64;
/// Bytes of one stream that may arrive unread; producers send batches far larger than HTTP/2's default window.
const STREAM_WINDOW_BYTES: u32 = 4 << 20;
const CONNECTION_WINDOW_BYTES: u32 = 16 << 20;

/// A client that cannot be reached any more, though its connection stands, is found out within their sum: the sessions of
/// groups depend on it.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);

/// Hands accepted connections to the server.
#[derive(Clone)]
pub struct Http {
    connections: mpsc::Sender<io::Result<Connection>>,
}

/// What runs behind [`Http`].
pub struct HttpServer {
    routes: Routes,
    incoming: ReceiverStream<io::Result<Connection>>,
    reporter: HealthReporter,
    stopping: CancellationToken,
}

#[derive(Clone)]
struct Shared {
    engine: Arc<Engine>,
    stopping: CancellationToken,
}

impl Http {
    /// The door, and the server behind it, which must be run.
    pub async fn new(
        engine: Arc<Engine>,
        addresses: Addresses,
        stopping: CancellationToken,
    ) -> (Self, HttpServer) {
        let shared = Shared { engine: engine.clone(), stopping: stopping.clone() };
        let pages = axum::Router::new()
            .route("/livez", get(|| async { "ok\n" }))
            .route("/readyz", get(ready))
            .route("/metrics", get(metrics))
            .fallback(unknown)
            .with_state(shared);
        let (routes, reporter) = grpc::add_services(Routes::from(pages), &engine, addresses, &stopping).await;
        let (connections, queue) = mpsc::channel(QUEUE);
        let incoming = ReceiverStream::new(queue);
        (Self { connections }, HttpServer { routes: routes.prepare(), incoming, reporter, stopping })
    }

    /// Serves a connection; returns when it is closed.
    pub async fn serve(&self, accepted: Accepted) {
        let (closed, until_closed) = oneshot::channel();
        let connection = Connection { stream: accepted.stream, peer: accepted.peer, _closed: closed };
        if self.connections.send(Ok(connection)).await.is_ok() {
            // Nothing is ever sent: the other end goes when the connection does.
            let _ = until_closed.await;
        }
    }
}

impl HttpServer {
    /// Serves until the broker stops and the calls that are under way have ended.
    pub async fn run(self) {
        let Self { routes, incoming, reporter, stopping } = self;
        let stopped = async move {
            stopping.cancelled().await;
            grpc::withdraw(&reporter).await;
        };
        let served = Server::builder()
            .accept_http1(true)
            .initial_stream_window_size(STREAM_WINDOW_BYTES)
            .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
            .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
            .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
            .add_routes(routes)
            .serve_with_incoming_shutdown(incoming, stopped)
            .await;
        if let Err(error) = served {
            tracing::error!(%error, "the HTTP server has stopped");
        }
    }
}

/// Whether the broker can do its work, check by check.
async fn ready(State(shared): State<Shared>) -> Response {
    let stopping = shared.stopping.is_cancelled();
    let topics = shared.engine.topics.all();
    let mut partitions = topics.iter().flat_map(|handle| &handle.partitions);
    let storage = partitions.all(|partition| partition.is_online());
    let is_ready = !stopping && storage;
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let text = format!(r#"{{"ready":{is_ready},"checks":{{"running":{},"storage":{storage}}}}}"#, !stopping);
    (status, [(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// The counters in Prometheus's text format.
async fn metrics(State(shared): State<Shared>) -> Response {
    // What waits in the logs is looked up in files.
    match tokio::task::spawn_blocking(move || metrics::page(&shared.engine)).await {
        Ok(text) => ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// A page or a service that does not exist: gRPC clients must be told in their own terms.
async fn unknown(headers: HeaderMap) -> Response {
    let content_type = headers.get(header::CONTENT_TYPE).map(|value| value.as_bytes());
    if content_type.is_some_and(|value| value.starts_with(b"application/grpc")) {
        return tonic::Status::unimplemented("no such service").into_http::<axum::body::Body>();
    }
    (StatusCode::NOT_FOUND, "not found\n").into_response()
}

/// A connection as the server wants it.
pub struct Connection {
    stream: Box<dyn Stream>,
    peer: SocketAddr,
    _closed: oneshot::Sender<()>,
}

impl Connected for Connection {
    type ConnectInfo = SocketAddr;

    fn connect_info(&self) -> SocketAddr {
        self.peer
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
