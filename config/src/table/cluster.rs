//! The node, its cluster, and replication, of which a single node has none.

use crate::setting::{Rule, Setting, settings};

pub(super) static SETTINGS: &[Setting] = settings! {
    Boolean "auto.leader.rebalance.enable" = "true", Rule::Any, High, Restart,
        idle "Whether leadership goes back to the preferred replicas by itself.";
    Int "broker.heartbeat.interval.ms" = "2000", Rule::Any, Medium, Restart,
        idle "How often a broker reports to the controller, in ms.";
    Int "broker.id" = "-1", Rule::Any, High, Restart,
        "Another name for `node.id`; where both are given, they must agree.";
    Text "broker.rack" = none, Rule::Any, Medium, Restart,
        "Where this broker stands. Shown to clients.";
    Int "broker.session.timeout.ms" = "9000", Rule::Any, Medium, Restart,
        idle "The time without a report after which the controller gives a broker up, in ms.";
    Boolean "controlled.shutdown.enable" = "true", Rule::Any, Medium, Restart,
        idle "Whether a stopping broker first hands over its partitions.";
    List "controller.listener.names" = "CONTROLLER", Rule::SomeMembers(&[]), High, Restart,
        idle "The listeners of the controller. The only node is its own.";
    Int "controller.quorum.append.linger.ms" = "25", Rule::Min(0), Medium, Restart,
        idle "How long the controller gathers changes before it writes them, in ms.";
    Boolean "controller.quorum.auto.join.enable" = "false", Rule::Any, Low, Restart,
        idle "Whether a controller joins the quorum by itself.";
    List "controller.quorum.bootstrap.servers" = "", Rule::Any, High, Restart,
        idle "Where the quorum of controllers is found.";
    Int "controller.quorum.election.backoff.max.ms" = "1000", Rule::Min(0), High, Restart,
        idle "The longest wait between two elections of the controller, in ms.";
    Int "controller.quorum.election.timeout.ms" = "1000", Rule::Min(0), High, Restart,
        idle "How long an election of the controller may take, in ms.";
    Int "controller.quorum.fetch.max.bytes" = "1048576", Rule::Min(1), Low, Restart,
        idle "Bytes of metadata fetched at a time, at most.";
    Int "controller.quorum.fetch.snapshot.max.bytes" = "1048576", Rule::Min(1), Low, Restart,
        idle "Bytes of a metadata snapshot fetched at a time, at most.";
    Int "controller.quorum.fetch.timeout.ms" = "2000", Rule::Min(0), High, Restart,
        idle "The time without a fetch after which a new controller is elected, in ms.";
    Int "controller.quorum.request.timeout.ms" = "2000", Rule::Min(0), Medium, Restart,
        idle "How long a request between controllers may take, in ms.";
    Int "controller.quorum.retry.backoff.ms" = "20", Rule::Min(0), Low, Restart,
        idle "The wait before a request between controllers is repeated, in ms.";
    List "controller.quorum.voters" = "", Rule::Any, High, Restart,
        idle "The controllers that vote: ID@HOST:PORT and commas.";
    Int "controller.socket.timeout.ms" = "30000", Rule::Any, Medium, Restart,
        idle "How long the controller waits for a socket, in ms.";
    Int "initial.broker.registration.timeout.ms" = "60000", Rule::Any, Medium, Restart,
        idle "How long a broker may take to register, in ms.";
    Text "inter.broker.listener.name" = none, Rule::Any, Medium, Restart,
        idle "The listener that other brokers use.";
    Long "leader.imbalance.check.interval.seconds" = "300", Rule::Min(1), High, Restart,
        idle "How often leadership is looked at for imbalance, in seconds.";
    Text "metadata.log.dir" = none, Rule::Any, High, Restart,
        idle "Where the log of metadata is. It is in the data directory.";
    Long "metadata.log.max.record.bytes.between.snapshots" = "20971520", Rule::Min(1), High, Restart,
        idle "Bytes of metadata between two snapshots.";
    Long "metadata.log.max.snapshot.interval.ms" = "3600000", Rule::Min(0), High, Restart,
        idle "The time between two snapshots of metadata, in ms.";
    Int "metadata.log.segment.bytes" = "1073741824", Rule::Min(8_388_608), High, Restart,
        idle "The size of a segment of the log of metadata, in bytes.";
    Long "metadata.log.segment.ms" = "604800000", Rule::Any, High, Restart,
        idle "The age at which a segment of the log of metadata is closed, in ms.";
    Int "metadata.max.idle.interval.ms" = "500", Rule::Min(0), Low, Restart,
        idle "How often the controller writes a record that says nothing, in ms.";
    Long "metadata.max.retention.bytes" = "104857600", Rule::Any, High, Restart,
        idle "The size of the log of metadata, in bytes, before its oldest segments go.";
    Long "metadata.max.retention.ms" = "604800000", Rule::Any, High, Restart,
        idle "The age in ms at which segments of the log of metadata go.";
    Int "node.id" = "1", Rule::Min(0), High, Restart,
        "The number by which clients know this node.";
    Int "num.replica.alter.log.dirs.threads" = none, Rule::Any, High, Restart,
        idle "Threads that move partitions between data directories.";
    Int "num.replica.fetchers" = "1", Rule::Min(1), High, Cluster,
        idle "Threads that copy from each other broker.";
    List "process.roles" = "broker,controller", Rule::SomeMembers(&["broker", "controller"]), High, Restart,
        idle "What this process is: `broker`, `controller` or both. It is always both.";
    Int "replica.fetch.backoff.ms" = "1000", Rule::Min(0), Medium, Restart,
        idle "The wait after a failed copy, in ms.";
    Int "replica.fetch.max.bytes" = "1048576", Rule::Min(0), Medium, Restart,
        idle "Bytes of a partition copied at a time.";
    Int "replica.fetch.min.bytes" = "1", Rule::Any, High, Restart,
        idle "Bytes for which a copying broker waits.";
    Int "replica.fetch.response.max.bytes" = "10485760", Rule::Min(0), Medium, Restart,
        idle "Bytes copied at a time, at most.";
    Int "replica.fetch.wait.max.ms" = "500", Rule::Any, High, Restart,
        idle "How long a copying broker waits for bytes, in ms.";
    Long "replica.high.watermark.checkpoint.interval.ms" = "5000", Rule::Any, High, Restart,
        idle "How often high watermarks are written down, in ms. What is durable is the high watermark here.";
    Long "replica.lag.time.max.ms" = "30000", Rule::Any, High, Restart,
        idle "The time behind its leader after which a replica is no longer in sync, in ms.";
    Text "replica.selector.class" = none, Rule::Any, Medium, Restart,
        idle "The class that picks the replica a consumer reads from.";
    Int "replica.socket.receive.buffer.bytes" = "65536", Rule::Any, High, Restart,
        idle "The receive buffer of a copying broker's socket, in bytes.";
    Int "replica.socket.timeout.ms" = "30000", Rule::Any, High, Restart,
        idle "How long a copying broker waits for a socket, in ms.";
};
