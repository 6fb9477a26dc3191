//! Streams of bytes between machines.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncWrite};

use super::Boxed;

/// A connected stream of bytes in both directions.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A connection as a listener hands it out.
pub struct Accepted {
    /// The bytes.
    pub stream: Box<dyn Stream>,
    /// Where the other side is.
    pub peer: SocketAddr,
    /// The address of ours that the other side reached; `advertise = auto` tells it back.
    pub local: SocketAddr,
}

/// Something that accepts connections.
pub trait Listener: Send + Sync {
    /// Waits for the next connection.
    fn accept(&self) -> Boxed<'_, io::Result<Accepted>>;

    /// The bound address, with the port that was chosen where 0 was asked for.
    fn local_addr(&self) -> SocketAddr;
}

/// The network.
pub trait Network: Send + Sync {
    /// Listens on an address.
    fn listen(&self, address: SocketAddr) -> Boxed<'static, io::Result<Box<dyn Listener>>>;

    /// Connects to an address.
    fn connect(&self, address: SocketAddr) -> Boxed<'static, io::Result<Box<dyn Stream>>>;
}
