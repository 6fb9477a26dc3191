//! Addresses of clients, as groups tell them.

use std::net::IpAddr;
use std::sync::Arc;

/// A client's address as Kafka shows it: Java's way, with no host name before the slash.
pub fn client_host(address: IpAddr) -> Arc<str> {
    match address.to_canonical() {
        IpAddr::V4(address) => format!("/{address}").into(),
        IpAddr::V6(address) => {
            let segments = address.segments().map(|segment| format!("{segment:x}"));
            format!("/{}", segments.join(":")).into()
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test that cannot go on should say where

    use super::client_host;

    #[test]
    fn an_address_reads_as_java_writes_it() {
        for (address, host) in [
            ("192.0.2.1", "/192.0.2.1"),
            ("::ffff:192.0.2.1", "/192.0.2.1"),
            ("::1", "/0:0:0:0:0:0:0:1"),
            ("2001:DB8::a0", "/2001:db8:0:0:0:0:0:a0"),
        ] {
            assert_eq!(&*client_host(address.parse().unwrap()), host);
        }
    }
}
