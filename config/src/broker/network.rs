//! Listeners, connections and the sizes of requests.

use super::listener::{Listener, is_loopback};
use crate::error::ConfigError;
use crate::layers::Layers;

/// Where clients come in and how much they may ask.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkSettings {
    /// `listeners`: the addresses of the Kafka protocol.
    pub listeners: Vec<Listener>,
    /// `advertised.listeners`; empty: a client is told the address it came in on.
    pub advertised: Vec<Listener>,
    /// `http.listener`: `HOST:PORT` of gRPC, metrics and health.
    pub http_listener: String,
    /// `allow.insecure.listener`: listen beyond this machine without authentication.
    pub allow_insecure_listener: bool,
    /// `socket.request.max.bytes`: the size of a request, at most.
    pub request_max_bytes: usize,
    /// `socket.send.buffer.bytes`; `None` leaves it to the operating system.
    pub send_buffer_bytes: Option<usize>,
    /// `socket.receive.buffer.bytes`; `None` leaves it to the operating system.
    pub receive_buffer_bytes: Option<usize>,
    /// `socket.listen.backlog.size`
    pub backlog: u32,
    /// `max.connections`
    pub max_connections: usize,
    /// `max.connections.per.ip`
    pub max_connections_per_ip: usize,
    /// `max.connections.per.ip.overrides`: address or host name, and its limit.
    pub max_connections_per_ip_overrides: Vec<(String, usize)>,
    /// `connections.max.idle.ms`; below zero never.
    pub idle_ms: i64,
    /// `queued.max.requests`
    pub queued_requests: usize,
    /// `fetch.max.bytes`: the records in one fetch, at most.
    pub fetch_max_bytes: u32,
    /// `max.incremental.fetch.session.cache.slots`
    pub fetch_sessions: usize,
    /// `max.request.partition.size.limit`: partitions in one answer to DescribeTopicPartitions.
    pub max_partitions_per_answer: u32,
}

impl NetworkSettings {
    pub(super) fn read(layers: &Layers) -> Result<Self, ConfigError> {
        let settings = NetworkSettings {
            listeners: listeners(layers, "listeners")?,
            advertised: listeners(layers, "advertised.listeners")?,
            http_listener: layers.text("http.listener")?.unwrap_or_default(),
            allow_insecure_listener: layers.boolean("allow.insecure.listener")?,
            request_max_bytes: layers.number("socket.request.max.bytes")?,
            send_buffer_bytes: usize::try_from(layers.integer("socket.send.buffer.bytes")?).ok(),
            receive_buffer_bytes: usize::try_from(layers.integer("socket.receive.buffer.bytes")?).ok(),
            backlog: layers.number("socket.listen.backlog.size")?,
            max_connections: layers.number("max.connections")?,
            max_connections_per_ip: layers.number("max.connections.per.ip")?,
            max_connections_per_ip_overrides: per_ip_overrides(layers)?,
            idle_ms: layers.integer("connections.max.idle.ms")?,
            queued_requests: layers.number("queued.max.requests")?,
            fetch_max_bytes: layers.number("fetch.max.bytes")?,
            fetch_sessions: layers.number("max.incremental.fetch.session.cache.slots")?,
            max_partitions_per_answer: layers.number("max.request.partition.size.limit")?,
        };
        if settings.listeners.is_empty() {
            return Err(ConfigError::invalid("listeners", "", "at least one listener is needed"));
        }
        http_address(&settings.http_listener)?;
        Ok(settings)
    }

    /// The listeners that anybody on the network could use without saying who he is, as they were written.
    pub fn insecure_listeners(&self) -> Vec<String> {
        let open = |listener: &&Listener| !listener.is_loopback() && !listener.protocol.authenticates();
        let mut insecure: Vec<String> = self.listeners.iter().filter(open).map(Listener::to_string).collect();
        let http_host = self.http_listener.rsplit_once(':').map_or("", |(host, _)| host);
        if !is_loopback(http_host.trim_matches(['[', ']'])) {
            insecure.push(format!("http://{}", self.http_listener));
        }
        insecure
    }
}

fn listeners(layers: &Layers, setting: &str) -> Result<Vec<Listener>, ConfigError> {
    let map = layers.text("listener.security.protocol.map")?.unwrap_or_default();
    let protocols: Vec<String> = map.split(',').map(|pair| pair.trim().to_owned()).collect();
    let entries = layers.list(setting)?;
    entries.iter().map(|entry| Listener::parse(setting, entry, &protocols)).collect()
}

fn http_address(text: &str) -> Result<(), ConfigError> {
    let port = text.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
    match port {
        Some(Ok(_)) => Ok(()),
        _ => Err(ConfigError::invalid("http.listener", text, "Expected HOST:PORT")),
    }
}

fn per_ip_overrides(layers: &Layers) -> Result<Vec<(String, usize)>, ConfigError> {
    let name = "max.connections.per.ip.overrides";
    let text = layers.text(name)?.unwrap_or_default();
    let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    let pair = |entry: &str| {
        let (host, limit) = entry.rsplit_once(':')?;
        Some((host.trim().to_owned(), limit.trim().parse().ok()?))
    };
    let wrong = |entry: &str| ConfigError::invalid(name, entry, "Expected HOST:LIMIT");
    entries.map(|entry| pair(entry).ok_or_else(|| wrong(entry))).collect()
}
