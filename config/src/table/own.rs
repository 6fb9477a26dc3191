//! What Kafka has no setting for.

use crate::setting::{Rule, Setting, settings};

pub(super) static SETTINGS: &[Setting] = settings! {
    Text "flush.mode" = "sync", Rule::OneOf(&["sync", "interval", "os"]), High, Cluster,
        own "When records become durable: `sync` before they are acknowledged or read, `interval` every \
        `flush.interval.ms`, `os` when the operating system writes them, as Apache Kafka does. A topic can choose \
        for itself.";
    Long "flush.interval.ms" = "1000", Rule::Min(1), Medium, Cluster,
        own "The time between two syncs, in ms, where `flush.mode` is `interval`: what a power cut can cost.";
    Text "http.listener" = "127.0.0.1:9192", Rule::NotEmpty, High, Restart,
        own "HOST:PORT of gRPC, health and metrics. Port 0 picks a free one.";
    Boolean "allow.insecure.listener" = "false", Rule::Any, High, Restart,
        own "Let others than this machine connect without authentication. Anybody who reaches the port can then \
        read, write and delete everything.";
};
