//! Accepts connections: bounded in number, and patient when the process runs out of files.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::complaints::Complaints;
use crate::world::World;
use crate::world::net::{Accepted, Listener};

/// How long to wait after an accept that failed for want of files or memory.
const OUT_OF_FILES: Duration = Duration::from_millis(100);

/// How many connections may be open.
#[derive(Debug, Clone)]
pub struct ConnectionLimits {
    /// In all (`max.connections`).
    pub total: usize,
    /// From one address (`max.connections.per.ip`).
    pub per_ip: usize,
    /// Addresses with a limit of their own (`max.connections.per.ip.overrides`).
    pub overrides: HashMap<IpAddr, usize>,
}

/// Counts open connections against the limits.
pub struct Connections {
    limits: ConnectionLimits,
    complaints: Arc<Complaints>,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    total: usize,
    by_ip: HashMap<IpAddr, usize>,
}

/// A connection that is counted until this is dropped.
struct Counted {
    connections: Arc<Connections>,
    ip: IpAddr,
}

impl Connections {
    /// None are open yet.
    pub fn new(limits: ConnectionLimits, complaints: Arc<Complaints>) -> Arc<Self> {
        Arc::new(Self { limits, complaints, open: Mutex::default() })
    }

    /// How many are open.
    pub fn count(&self) -> usize {
        self.open.lock().total
    }

    fn admit(self: &Arc<Self>, ip: IpAddr) -> Option<Counted> {
        let mut open = self.open.lock();
        let most = self.limits.overrides.get(&ip).copied().unwrap_or(self.limits.per_ip);
        let from_ip = open.by_ip.get(&ip).copied().unwrap_or(0);
        if open.total >= self.limits.total || from_ip >= most {
            return None;
        }
        open.total += 1;
        open.by_ip.insert(ip, from_ip + 1);
        Some(Counted { connections: self.clone(), ip })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut open = self.connections.open.lock();
        open.total = open.total.saturating_sub(1);
        if let Some(from_ip) = open.by_ip.get_mut(&self.ip) {
            *from_ip -= 1;
            if *from_ip == 0 {
                open.by_ip.remove(&self.ip);
            }
        }
    }
}

/// Listens on a host name or address. `localhost` is bound in both its forms where the machine has both, since clients
/// resolve it to either; an empty host means every address.
pub async fn bind(world: &World, host: &str, port: u16) -> io::Result<Vec<Box<dyn Listener>>> {
    let mut bound: Vec<Box<dyn Listener>> = Vec::new();
    for ip in resolve(host).await? {
        // With port 0 the first address chooses, the others follow.
        let port = bound.first().map_or(port, |first| first.local_addr().port());
        match world.net.listen(SocketAddr::new(ip, port)).await {
            Ok(listener) => bound.push(listener),
            Err(error) if bound.is_empty() => return Err(error),
            Err(error) => tracing::debug!(%ip, port, %error, "not listening on this address too"),
        }
    }
    Ok(bound)
}

async fn resolve(host: &str) -> io::Result<Vec<IpAddr>> {
    let host = host.trim_matches(['[', ']']);
    if host.eq_ignore_ascii_case("localhost") {
        return Ok(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
    }
    if host.is_empty() {
        return Ok(vec![Ipv6Addr::UNSPECIFIED.into(), Ipv4Addr::UNSPECIFIED.into()]);
    }
    if let Ok(ip) = host.parse() {
        return Ok(vec![ip]);
    }
    let found: Vec<IpAddr> = tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect();
    if found.is_empty() { Err(io::ErrorKind::NotFound.into()) } else { Ok(found) }
}

/// Accepts connections and has each served by a task of its own, until `stopping` is cancelled.
///
/// A panic in a task ends its connection and is logged; the process lives on.
pub async fn accept<F>(
    listener: Box<dyn Listener>,
    world: World,
    connections: Arc<Connections>,
    tasks: TaskTracker,
    stopping: CancellationToken,
    serve: impl Fn(Accepted) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    loop {
        let accepted = tokio::select! {
            biased;
            () = stopping.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok(accepted) => {
                let peer = accepted.peer;
                let Some(counted) = connections.admit(peer.ip()) else {
                    if connections.complaints.may_tell(peer.ip()) {
                        tracing::warn!(%peer, "connection refused: too many are open");
                    }
                    continue;
                };
                let served = tokio::spawn(serve(accepted));
                tasks.spawn(async move {
                    if served.await.is_err_and(|error| error.is_panic()) {
                        tracing::error!(%peer, "the connection was closed by a panic in its handler");
                    }
                    drop(counted);
                });
            }
            Err(error) if is_of_one_connection(&error) => {
                tracing::debug!(%error, "a connection failed before it began")
            }
            Err(error) => {
                tracing::warn!(%error, "connections cannot be accepted; trying again shortly");
                world.clock.sleep(OUT_OF_FILES).await;
            }
        }
    }
}

/// Whether an accept failed for the connection alone, so that the next one may be tried at once.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted)
}
