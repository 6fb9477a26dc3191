//! TCP.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};

use crate::world::Boxed;
use crate::world::net::{Accepted, Listener, Network, Stream};

pub(super) struct RealNetwork;

struct RealListener {
    listener: TcpListener,
    local: SocketAddr,
}

impl Listener for RealListener {
    fn accept(&self) -> Boxed<'_, io::Result<Accepted>> {
        Box::pin(async {
            let (stream, peer) = self.listener.accept().await?;
            // Answers are written whole; holding back their last packet only adds latency.
            stream.set_nodelay(true)?;
            let local = stream.local_addr()?;
            Ok(Accepted { stream: Box::new(stream), peer, local })
        })
    }

    fn local_addr(&self) -> SocketAddr {
        self.local
    }
}

impl Network for RealNetwork {
    fn listen(&self, address: SocketAddr) -> Boxed<'static, io::Result<Box<dyn Listener>>> {
        Box::pin(async move {
            let listener = TcpListener::bind(address).await?;
            let local = listener.local_addr()?;
            Ok(Box::new(RealListener { listener, local }) as Box<dyn Listener>)
        })
    }

    fn connect(&self, address: SocketAddr) -> Boxed<'static, io::Result<Box<dyn Stream>>> {
        Box::pin(async move {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            Ok(Box::new(stream) as Box<dyn Stream>)
        })
    }
}
