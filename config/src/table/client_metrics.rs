//! Settings of a subscription of client metrics (KIP-714).

use crate::setting::{Rule, Setting, settings};

pub(super) static SETTINGS: &[Setting] = settings! {
    Int "interval.ms" = "300000", Rule::Between(100, 3_600_000), Medium, Cluster,
        idle "How often a client is to send its metrics, in ms. Stored; this broker asks no client for metrics.";
    List "match" = "", Rule::AnyMembers, Medium, Cluster,
        idle "Which clients are meant: selectors such as `client_id=b.*`. Stored; no client is asked.";
    List "metrics" = "", Rule::AnyMembers, Medium, Cluster,
        idle "Prefixes of the names of the metrics wanted; `*` is all. Stored; no client is asked.";
};
