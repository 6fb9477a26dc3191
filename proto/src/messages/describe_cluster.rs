//! `DescribeCluster` (key 60), versions 0-2.

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(0..=2, flexible 0..) {
        /// Include cluster authorized operations.
        include_cluster_authorized_operations: bool,
        /// Endpoint type.
        endpoint_type: i8 [1..] = 1,
        /// Include fenced brokers.
        include_fenced_brokers: bool [2..],
    }
}

message! {
    /// Response.
    pub struct Response(0..=2, flexible 0..) {
        /// Throttle time ms.
        throttle_time_ms: i32,
        /// Error code.
        error_code: i16,
        /// Error message.
        error_message: Option<Text>,
        /// Endpoint type.
        endpoint_type: i8 [1..] = 1,
        /// Cluster id.
        cluster_id: Text,
        /// Controller id.
        controller_id: i32 = -1,
        /// Brokers.
        brokers: Vec<DescribeClusterBroker>,
        /// Cluster authorized operations.
        cluster_authorized_operations: i32 = i32::MIN,
    }

    /// DescribeClusterBroker.
    pub struct DescribeClusterBroker {
        /// Broker id.
        broker_id: i32,
        /// Host.
        host: Text,
        /// Port.
        port: i32,
        /// Rack.
        rack: Option<Text>,
        /// Is fenced.
        is_fenced: bool [2..],
    }
}
