//! Addresses: where the broker listens, and which it tells its clients.

use std::fmt;

use crate::error::ConfigError;

/// How clients speak on a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Neither encrypted nor authenticated.
    Plaintext,
    /// TLS.
    Ssl,
    /// SASL without encryption.
    SaslPlaintext,
    /// SASL over TLS.
    SaslSsl,
}

impl Protocol {
    /// By Kafka's name.
    pub fn named(name: &str) -> Option<Protocol> {
        Some(match name {
            "PLAINTEXT" => Protocol::Plaintext,
            "SSL" => Protocol::Ssl,
            "SASL_PLAINTEXT" => Protocol::SaslPlaintext,
            "SASL_SSL" => Protocol::SaslSsl,
            _ => return None,
        })
    }

    /// Whether a client must say who it is.
    pub fn authenticates(self) -> bool {
        matches!(self, Protocol::SaslPlaintext | Protocol::SaslSsl)
    }
}

/// One entry of `listeners` or `advertised.listeners`: `NAME://HOST:PORT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// The name before the colon.
    pub name: String,
    /// How clients speak on it, by `listener.security.protocol.map`.
    pub protocol: Protocol,
    /// Host name or address; empty for every address of the machine.
    pub host: String,
    /// Port; 0 picks a free one.
    pub port: u16,
}

impl Listener {
    /// Reads one entry. `protocols` is `listener.security.protocol.map`.
    pub(super) fn parse(setting: &str, entry: &str, protocols: &[String]) -> Result<Listener, ConfigError> {
        let wrong = || ConfigError::invalid(setting, entry, "Expected NAME://HOST:PORT");
        let (name, address) = entry.split_once("://").ok_or_else(wrong)?;
        let (host, port) = address.rsplit_once(':').ok_or_else(wrong)?;
        let name = name.to_ascii_uppercase();
        let mapped = protocols.iter().filter_map(|pair| pair.split_once(':'));
        let protocol = mapped.into_iter().find(|(known, _)| known.trim().eq_ignore_ascii_case(&name));
        let unmapped = || {
            ConfigError::invalid(setting, entry, format!("No security protocol defined for listener {name}"))
        };
        let protocol =
            protocol.and_then(|(_, protocol)| Protocol::named(protocol.trim())).ok_or_else(unmapped)?;
        let port = port.parse().map_err(|_| wrong())?;
        let host =
            host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(host).to_owned();
        Ok(Listener { name, protocol, host, port })
    }

    /// Whether only programs on this machine can reach it.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }
}

impl fmt::Display for Listener {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}://{}", self.name, host_and_port(&self.host, self.port))
    }
}

/// Whether a host name or address means this machine alone.
pub(super) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// `HOST:PORT`, with brackets around an IPv6 address.
pub(super) fn host_and_port(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}
