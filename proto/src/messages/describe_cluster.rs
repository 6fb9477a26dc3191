//! DescribeCluster (key 60), versions 0-2: the brokers or controllers of the cluster (KIP-700).
//!
//! 1 endpoint type (KIP-919) · 2 fenced brokers (KIP-1073). Flexible from the first.

use crate::wire::{Text, message};

message! {
    /// Asks for the brokers or controllers of the cluster.
    pub struct Request(0..=2, flexible 0..) {
        /// Whether to say what the client may do on the cluster.
        include_cluster_authorized_operations: bool,
        /// Whose endpoints: 1 brokers, 2 controllers (KIP-919).
        endpoint_type: i8 [1..] = 1,
        /// Whether to list fenced brokers too (KIP-1073).
        include_fenced_brokers: bool [2..],
    }
}

message! {
    /// The brokers or controllers of the cluster.
    pub struct Response(0..=2, flexible 0..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32,
        /// Error code, 0 for none.
        error_code: i16,
        /// What went wrong, for a person; null where nothing did.
        error_message: Option<Text>,
        /// Whose endpoints: 1 brokers, 2 controllers (KIP-919).
        endpoint_type: i8 [1..] = 1,
        /// Id of the cluster.
        cluster_id: Text,
        /// The broker that clients send administration to.
        controller_id: i32 = -1,
        /// The brokers of the cluster.
        brokers: Vec<DescribeClusterBroker>,
        /// Bit field of the operations that the client may do on the cluster; `i32::MIN` where not asked
        /// for.
        cluster_authorized_operations: i32 = i32::MIN,
    }

    /// A broker.
    pub struct DescribeClusterBroker {
        /// Id of the broker.
        broker_id: i32,
        /// Host name or address.
        host: Text,
        /// Port.
        port: i32,
        /// Rack of the broker; null where not set.
        rack: Option<Text>,
        /// Whether the broker is fenced.
        is_fenced: bool [2..],
    }
}
