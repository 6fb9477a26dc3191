//! Pipes in memory instead of connections.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::mpsc;

use crate::world::Boxed;
use crate::world::net::{Accepted, Listener, Network, Stream};

/// Bytes that a pipe holds before its writer waits.
const PIPE: usize = 64 << 10;
/// Ports handed out from here.
const FIRST_PORT: u16 = 20_000;

/// A network within the process.
#[derive(Default)]
pub struct SimNetwork(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    listeners: HashMap<SocketAddr, mpsc::UnboundedSender<Accepted>>,
    ports: u16,
}

impl State {
    fn next_port(&mut self) -> u16 {
        self.ports = self.ports.wrapping_add(1);
        FIRST_PORT.wrapping_add(self.ports)
    }
}

struct SimListener {
    local: SocketAddr,
    incoming: tokio::sync::Mutex<mpsc::UnboundedReceiver<Accepted>>,
    network: Arc<Mutex<State>>,
}

impl Drop for SimListener {
    fn drop(&mut self) {
        self.network.lock().listeners.remove(&self.local);
    }
}

impl Listener for SimListener {
    fn accept(&self) -> Boxed<'_, io::Result<Accepted>> {
        Box::pin(async {
            let accepted = self.incoming.lock().await.recv().await;
            accepted.ok_or_else(|| io::ErrorKind::NotConnected.into())
        })
    }

    fn local_addr(&self) -> SocketAddr {
        self.local
    }
}

impl Network for SimNetwork {
    fn listen(&self, address: SocketAddr) -> Boxed<'static, io::Result<Box<dyn Listener>>> {
        let network = Arc::clone(&self.0);
        Box::pin(async move {
            let mut state = network.lock();
            let port = if address.port() == 0 { state.next_port() } else { address.port() };
            let local = SocketAddr::new(address.ip(), port);
            if state.listeners.contains_key(&local) {
                return Err(io::ErrorKind::AddrInUse.into());
            }
            let (sender, receiver) = mpsc::unbounded_channel();
            state.listeners.insert(local, sender);
            let incoming = tokio::sync::Mutex::new(receiver);
            let listener = SimListener { local, incoming, network: Arc::clone(&network) };
            Ok(Box::new(listener) as Box<dyn Listener>)
        })
    }

    fn connect(&self, address: SocketAddr) -> Boxed<'static, io::Result<Box<dyn Stream>>> {
        let network = Arc::clone(&self.0);
        Box::pin(async move {
            let mut state = network.lock();
            let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
            let peer = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, state.next_port()));
            let listener = state.listeners.get(&address).ok_or_else(refused)?;
            let (ours, theirs) = tokio::io::duplex(PIPE);
            let accepted = Accepted { stream: Box::new(theirs), peer, local: address };
            listener.send(accepted).map_err(|_| refused())?;
            Ok(Box::new(ours) as Box<dyn Stream>)
        })
    }
}
