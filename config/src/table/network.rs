//! Listeners, connections and requests.

use crate::setting::{Rule, Setting, settings};

pub(super) static SETTINGS: &[Setting] = settings! {
    List "advertised.listeners" = none, Rule::SomeMembers(&[]), High, Restart,
        "";
    Int "connection.failed.authentication.delay.ms" = "100", Rule::Min(0), Low, Restart,
        "";
    Long "connections.max.idle.ms" = "600000", Rule::Any, Medium, Restart,
        "";
    List "early.start.listeners" = none, Rule::AnyMembers, High, Restart,
        "";
    Int "fetch.max.bytes" = "57671680", Rule::Min(1_024), Medium, Restart,
        "";
    Text "listener.security.protocol.map" = "SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT",
        Rule::Any, Low, Broker,
        "";
    List "listeners" = "PLAINTEXT://127.0.0.1:9092", Rule::SomeMembers(&[]), High, Broker,
        "";
    Int "max.connection.creation.rate" = "2147483647", Rule::Min(0), Medium, Cluster,
        "";
    Int "max.connections" = "2147483647", Rule::Min(0), Medium, Cluster,
        "";
    Int "max.connections.per.ip" = "2147483647", Rule::Min(0), Medium, Cluster,
        "";
    Text "max.connections.per.ip.overrides" = "", Rule::Any, Medium, Cluster,
        "";
    Int "max.incremental.fetch.session.cache.slots" = "1000", Rule::Min(0), Medium, Restart,
        "";
    Int "max.request.partition.size.limit" = "2000", Rule::Min(1), Medium, Restart,
        "";
    Int "num.io.threads" = "8", Rule::Min(1), High, Cluster,
        "";
    Int "num.network.threads" = "3", Rule::Min(1), High, Cluster,
        "";
    Long "queued.max.request.bytes" = "-1", Rule::Any, Medium, Restart,
        "";
    Int "queued.max.requests" = "500", Rule::Min(1), High, Restart,
        "";
    Int "request.timeout.ms" = "30000", Rule::Any, High, Restart,
        "";
    Long "socket.connection.setup.timeout.max.ms" = "30000", Rule::Any, Medium, Restart,
        "";
    Long "socket.connection.setup.timeout.ms" = "10000", Rule::Any, Medium, Restart,
        "";
    Int "socket.listen.backlog.size" = "50", Rule::Min(1), Medium, Restart,
        "";
    Int "socket.receive.buffer.bytes" = "102400", Rule::Any, High, Restart,
        "";
    Int "socket.request.max.bytes" = "104857600", Rule::Min(1), High, Restart,
        "";
    Int "socket.send.buffer.bytes" = "102400", Rule::Any, High, Restart,
        "";
};
