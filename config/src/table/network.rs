//! Listeners, connections and requests.

use crate::setting::{Rule, Setting, settings};

pub(super) static SETTINGS: &[Setting] = settings! {
    List "advertised.listeners" = none, Rule::SomeMembers(&[]), High, Restart,
        "The addresses that clients are told, NAME://HOST:PORT and commas. Without it a client is told the \
        address it came in on.";
    Int "connection.failed.authentication.delay.ms" = "100", Rule::Min(0), Low, Restart,
        "How long, in ms, the answer to a failed authentication is held back.";
    Long "connections.max.idle.ms" = "600000", Rule::Any, Medium, Restart,
        "The time, in ms, after which a connection without requests is closed; below zero never.";
    List "early.start.listeners" = none, Rule::AnyMembers, High, Restart,
        idle "Listeners that open before the broker is ready. This one listens only when it is.";
    Int "fetch.max.bytes" = "57671680", Rule::Min(1_024), Medium, Restart,
        "The bytes of records in the answer to one fetch, at most; a first batch that is larger is sent all \
        the same.";
    Text "listener.security.protocol.map" = "SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT",
        Rule::Any, Low, Broker,
        "How clients speak on each listener: NAME:PROTOCOL and commas, of PLAINTEXT, SSL, SASL_PLAINTEXT and \
        SASL_SSL.";
    List "listeners" = "PLAINTEXT://127.0.0.1:9092", Rule::SomeMembers(&[]), High, Broker,
        "The addresses on which the Kafka protocol is spoken, NAME://HOST:PORT and commas. An empty host is \
        every address of the machine, port 0 a free port.";
    Int "max.connection.creation.rate" = "2147483647", Rule::Min(0), Medium, Cluster,
        "New connections a second, at most.";
    Int "max.connections" = "2147483647", Rule::Min(0), Medium, Cluster,
        "Connections at a time, at most.";
    Int "max.connections.per.ip" = "2147483647", Rule::Min(0), Medium, Cluster,
        "Connections at a time from one address, at most.";
    Text "max.connections.per.ip.overrides" = "", Rule::Any, Medium, Cluster,
        "Other limits for some addresses: HOST:LIMIT and commas.";
    Int "max.incremental.fetch.session.cache.slots" = "1000", Rule::Min(0), Medium, Restart,
        "Fetch sessions kept at a time, at most; further clients send whole requests.";
    Int "max.request.partition.size.limit" = "2000", Rule::Min(1), Medium, Restart,
        "Partitions in one answer to DescribeTopicPartitions, at most; the client asks for the rest.";
    Int "num.io.threads" = "8", Rule::Min(1), High, Cluster,
        idle "Threads that handle requests. This broker uses as many as there are processors.";
    Int "num.network.threads" = "3", Rule::Min(1), High, Cluster,
        idle "Threads that read and write sockets. This broker uses as many as there are processors.";
    Long "queued.max.request.bytes" = "-1", Rule::Any, Medium, Restart,
        idle "Bytes of requests that wait to be handled, at most.";
    Int "queued.max.requests" = "500", Rule::Min(1), High, Restart,
        "Requests of a connection in the works at a time, at most.";
    Int "request.timeout.ms" = "30000", Rule::Any, High, Restart,
        idle "How long the broker waits for an answer from another broker, in ms.";
    Long "socket.connection.setup.timeout.max.ms" = "30000", Rule::Any, Medium, Restart,
        idle "How long connecting to another broker may take after several failures, in ms.";
    Long "socket.connection.setup.timeout.ms" = "10000", Rule::Any, Medium, Restart,
        idle "How long connecting to another broker may take, in ms.";
    Int "socket.listen.backlog.size" = "50", Rule::Min(1), Medium, Restart,
        "Connections that may wait to be accepted.";
    Int "socket.receive.buffer.bytes" = "102400", Rule::Any, High, Restart,
        "The receive buffer of a socket in bytes; -1 leaves it to the operating system.";
    Int "socket.request.max.bytes" = "104857600", Rule::Min(1), High, Restart,
        "The size of a request in bytes, at most. A larger one closes the connection before it is read.";
    Int "socket.send.buffer.bytes" = "102400", Rule::Any, High, Restart,
        "The send buffer of a socket in bytes; -1 leaves it to the operating system.";
};
