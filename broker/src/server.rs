//! The composition root: settings and a world in, a running broker out.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use thalweg_config::{BrokerSettings, Listener};
use thalweg_proto::wire::Text;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::engine::{Engine, EngineError, OpenError};
use crate::front::complaints::Complaints;
use crate::front::grpc::Addresses;
use crate::front::http::Http;
use crate::front::kafka::{Endpoint, FetchSessions, Front, Limits};
use crate::front::listener::{self, ConnectionLimits, Connections};
use crate::log::LogError;
use crate::world::World;
pub use crate::world::real::world as real_world;

/// How long requests that are under way may take once the broker is stopping.
const DRAIN: Duration = Duration::from_secs(10);

/// Why the broker could not be started, or not be stopped cleanly.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// An address could not be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address as configured.
        address: String,
        /// Why not.
        source: std::io::Error,
    },
    /// The data directory, or what is in it.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Storage or metadata.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// What kind of thing stands in the way of a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Another process has the port or the data directory.
    InUse,
    /// The operating system does not let us.
    NotAllowed,
    /// Anything else.
    Other,
}

impl ServerError {
    /// What kind of thing it is, for those who act on it rather than read it.
    pub fn obstacle(&self) -> Obstacle {
        use std::io::ErrorKind;
        let kind = match self {
            Self::Open(OpenError::DataDirectory(LogError::Locked(_))) => return Obstacle::InUse,
            Self::Listen { source, .. } => source.kind(),
            Self::Open(OpenError::DataDirectory(LogError::Io { source, .. })) => source.kind(),
            Self::Open(_) | Self::Engine(_) => return Obstacle::Other,
        };
        match kind {
            ErrorKind::AddrInUse => Obstacle::InUse,
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Obstacle::NotAllowed,
            _ => Obstacle::Other,
        }
    }
}

/// A running broker.
pub struct Server {
    /// What both front ends call.
    pub engine: Arc<Engine>,
    /// Where Kafka clients come in, with the port that was chosen where 0 was asked for.
    pub kafka: SocketAddr,
    /// Where gRPC, metrics and health are served.
    pub http: SocketAddr,
    connections: Arc<Connections>,
    tasks: TaskTracker,
    stopping: CancellationToken,
}

impl Server {
    /// Opens the data directory, then listens: a client is never let in before it can be served.
    pub async fn start(settings: BrokerSettings, world: World) -> Result<Self, ServerError> {
        let settings = Arc::new(settings);
        let engine = Engine::open(settings.clone(), world.clone()).await?;
        let listening = Self::listen(settings, engine.clone(), world).await;
        if listening.is_err() {
            // An address in use is no reason to read every log again at the next start.
            engine.end_long_polls();
            if let Err(error) = engine.close().await {
                tracing::warn!(%error, "the data directory could not be closed cleanly");
            }
        }
        listening
    }

    async fn listen(
        settings: Arc<BrokerSettings>,
        engine: Arc<Engine>,
        world: World,
    ) -> Result<Self, ServerError> {
        let complaints = Complaints::new(world.clone());
        let connections = Connections::new(connection_limits(&settings), complaints.clone());
        let (tasks, stopping) = (TaskTracker::new(), CancellationToken::new());
        // Where one address cannot be listened on, those before it are given up again.
        let unless_all = stopping.clone().drop_guard();
        let sessions = Arc::new(FetchSessions::new(world.clone(), settings.network.fetch_sessions));
        let mut kafka = None;
        for configured in &settings.network.listeners {
            let failed = |source| ServerError::Listen { address: configured.to_string(), source };
            let bound = listener::bind(&world, &configured.host, configured.port).await.map_err(failed)?;
            let front = Arc::new(Front {
                engine: engine.clone(),
                limits: limits(&settings),
                sessions: sessions.clone(),
                complaints: complaints.clone(),
                advertised: advertised(&settings, configured),
            });
            for listener in bound {
                kafka.get_or_insert(listener.local_addr());
                let (front, stop) = (front.clone(), stopping.clone());
                let serve = move |accepted| {
                    let stop = stop.clone();
                    crate::front::kafka::serve(front.clone(), accepted, stop.cancelled_owned())
                };
                let (world, connections) = (world.clone(), connections.clone());
                let loops =
                    listener::accept(listener, world, connections, tasks.clone(), stopping.clone(), serve);
                tasks.spawn(loops);
            }
        }
        let kafka = kafka.unwrap_or(SocketAddr::from(([0, 0, 0, 0], 0)));
        let unbound = Self { engine, kafka, http: kafka, connections, tasks, stopping };
        let server = unbound.serve_http(&settings, &world).await?;
        unless_all.disarm();
        Ok(server)
    }

    /// Listens for gRPC, metrics and health.
    async fn serve_http(mut self, settings: &BrokerSettings, world: &World) -> Result<Self, ServerError> {
        let address = settings.network.http_listener.as_str();
        let failed = |source| ServerError::Listen { address: format!("http://{address}"), source };
        let place = address.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
        let (host, port) = place.ok_or_else(|| failed(std::io::ErrorKind::InvalidInput.into()))?;
        let bound = listener::bind(world, host, port).await.map_err(failed)?;
        self.http = bound.first().map_or(self.http, |first| first.local_addr());
        let addresses = Addresses { kafka: self.kafka.to_string(), http: self.http.to_string() };
        let (door, server) = Http::new(self.engine.clone(), addresses, self.stopping.clone()).await;
        self.tasks.spawn(server.run());
        for listener in bound {
            let door = door.clone();
            let serve = move |accepted| {
                let door = door.clone();
                async move { door.serve(accepted).await }
            };
            let (connections, tasks) = (self.connections.clone(), self.tasks.clone());
            let loops =
                listener::accept(listener, world.clone(), connections, tasks, self.stopping.clone(), serve);
            self.tasks.spawn(loops);
        }
        Ok(self)
    }

    /// How many connections are open.
    pub fn connections(&self) -> usize {
        self.connections.count()
    }

    /// Stops: no more connections and requests, those under way are answered, everything is synced, and the data
    /// directory is marked as cleanly closed.
    pub async fn shutdown(self) -> Result<(), ServerError> {
        self.stopping.cancel();
        self.engine.end_long_polls();
        self.tasks.close();
        if tokio::time::timeout(DRAIN, self.tasks.wait()).await.is_err() {
            tracing::warn!(connections = self.connections.count(), "connections did not end in time");
        }
        self.engine.close().await?;
        Ok(())
    }
}

fn connection_limits(settings: &BrokerSettings) -> ConnectionLimits {
    let overrides = settings.network.max_connections_per_ip_overrides.iter();
    let overrides = overrides.filter_map(|(host, limit)| Some((host.parse().ok()?, *limit)));
    ConnectionLimits {
        total: settings.network.max_connections,
        per_ip: settings.network.max_connections_per_ip,
        overrides: overrides.collect::<HashMap<_, _>>(),
    }
}

fn limits(settings: &BrokerSettings) -> Limits {
    let idle = u64::try_from(settings.network.idle_ms).map_or(Duration::MAX, Duration::from_millis);
    Limits { frame_bytes: settings.network.request_max_bytes, idle }
}

/// What clients of a listener are told, unless it is the address that they came in on.
fn advertised(settings: &BrokerSettings, listener: &Listener) -> Option<Endpoint> {
    let told = settings.network.advertised.iter().find(|told| told.name == listener.name)?;
    Some(Endpoint { host: Text::from(told.host.as_str()), port: i32::from(told.port) })
}
