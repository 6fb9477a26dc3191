//! JoinGroup (key 11), versions 0-9: members of a classic group come together.
//!
//! 1 rebalance timeout · 2 throttle time · 4 the broker gives out member ids first (KIP-394) · 5 static
//! members (KIP-345) · 6 flexible · 7 protocol type in the response (KIP-559) · 8 reason (KIP-800) · 9 the
//! leader may skip the assignment (KIP-814).

use bytes::Bytes;

use crate::wire::{Text, message};

message! {
    /// Joins a group.
    pub struct Request(0..=9, flexible 6..) {
        /// The group.
        group_id: Text,
        /// How long the member may be silent, in milliseconds.
        session_timeout_ms: i32,
        /// How long a rebalance waits for the member, in milliseconds; -1 where not said.
        rebalance_timeout_ms: i32 [1..] = -1,
        /// Id of the member; empty the first time.
        member_id: Text,
        /// Identity of a static member across restarts (KIP-345); null for a dynamic member.
        group_instance_id: Option<Text> [5..],
        /// Type of the protocol: `consumer`, `connect`, or another of the clients.
        protocol_type: Text,
        /// Protocols that the member knows, the best first.
        protocols: Vec<JoinGroupRequestProtocol>,
        /// Why, for the log of the broker (KIP-800).
        reason: Option<Text> [8..],
    }

    /// A protocol that the member knows.
    pub struct JoinGroupRequestProtocol {
        /// Name of the protocol.
        name: Text,
        /// What the member tells the group about the protocol.
        metadata: Bytes,
    }
}

message! {
    /// The group that was joined.
    pub struct Response(0..=9, flexible 6..) {
        /// How long the client is held back for a quota, in milliseconds.
        throttle_time_ms: i32 [2..],
        /// Error code, 0 for none.
        error_code: i16,
        /// Generation of the group.
        generation_id: i32 = -1,
        /// Type of the protocol: `consumer`, `connect`, or another of the clients.
        protocol_type: Option<Text> [7..],
        /// Name of the protocol in use, such as that of an assignor.
        protocol_name: Option<Text> [0.., null 7..] = Some(Text::EMPTY),
        /// Member id of the leader.
        leader: Text,
        /// Whether the leader need not compute an assignment (KIP-814).
        skip_assignment: bool [9..],
        /// Id of the member.
        member_id: Text,
        /// All members with what they told the group; given to the leader alone.
        members: Vec<JoinGroupResponseMember>,
    }

    /// A member.
    pub struct JoinGroupResponseMember {
        /// Id of the member.
        member_id: Text,
        /// Identity of a static member across restarts (KIP-345); null for a dynamic member.
        group_instance_id: Option<Text> [5..],
        /// What the member tells the group about the protocol.
        metadata: Bytes,
    }
}
