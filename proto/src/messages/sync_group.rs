//! `SyncGroup` (key 14), versions 0-5.

use bytes::Bytes;

use crate::wire::{Text, message};

message! {
    /// Request.
    pub struct Request(0..=5, flexible 4..) {
        /// Group id.
        group_id: Text,
        /// Generation id.
        generation_id: i32,
        /// Member id.
        member_id: Text,
        /// Group instance id.
        group_instance_id: Option<Text> [3..],
        /// Protocol type.
        protocol_type: Option<Text> [5..],
        /// Protocol name.
        protocol_name: Option<Text> [5..],
        /// Assignments.
        assignments: Vec<SyncGroupRequestAssignment>,
    }

    /// SyncGroupRequestAssignment.
    pub struct SyncGroupRequestAssignment {
        /// Member id.
        member_id: Text,
        /// Assignment.
        assignment: Bytes,
    }
}

message! {
    /// Response.
    pub struct Response(0..=5, flexible 4..) {
        /// Throttle time ms.
        throttle_time_ms: i32 [1..],
        /// Error code.
        error_code: i16,
        /// Protocol type.
        protocol_type: Option<Text> [5..],
        /// Protocol name.
        protocol_name: Option<Text> [5..],
        /// Assignment.
        assignment: Bytes,
    }
}
