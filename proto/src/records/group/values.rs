//! What the values of the records say, with the versions and defaults of Kafka's schemas.

use bytes::Bytes;
use uuid::Uuid;

use crate::wire::message;

message! {
    /// A committed offset (`OffsetCommitValue`). Written as version 4, or as 1 where an expiry is set, as Kafka does.
    pub struct OffsetCommitValue(0..=4, flexible 4..) {
        /// The next offset to consume.
        offset: i64,
        /// Leader epoch of the last record consumed; -1 where not known.
        leader_epoch: i32 [3..] = -1,
        /// Text of the client.
        metadata: String,
        /// When it was committed, in milliseconds since 1970.
        commit_timestamp: i64,
        /// When it expires, in milliseconds since 1970; -1 where the broker's retention decides.
        expire_timestamp: i64 [1..=1] = -1,
        /// Id of the topic; nil where the client named the topic alone.
        topic_id: Uuid [4.., tag 0],
    }
}

message! {
    /// A group of the classic protocol (`GroupMetadataValue`). Written as version 3.
    pub struct ClassicGroupValue(0..=4, flexible 4..) {
        /// What the members are, `consumer` for consumers; empty where there never were any.
        protocol_type: String,
        /// The generation.
        generation: i32,
        /// The protocol that the members agreed on.
        protocol: Option<String> = Some(String::new()),
        /// The member that assigns.
        leader: Option<String> = Some(String::new()),
        /// When the group came into its state, in milliseconds since 1970; -1 where not known.
        current_state_timestamp: i64 [2..] = -1,
        /// The members.
        members: Vec<ClassicGroupMember>,
    }

    /// A member of a group of the classic protocol.
    pub struct ClassicGroupMember {
        /// Id of the member.
        member_id: String,
        /// Name of the instance, of a static member (KIP-345).
        group_instance_id: Option<String> [3..],
        /// Name that the client gives itself.
        client_id: String,
        /// Address of the client.
        client_host: String,
        /// How long a rebalance waits for the member, in milliseconds; -1 in version 0, which has the session timeout only.
        rebalance_timeout: i32 [1..] = -1,
        /// How long the member may be silent, in milliseconds.
        session_timeout: i32,
        /// What the member asked for, in the protocol that was agreed on.
        subscription: Bytes,
        /// What the leader gave it.
        assignment: Bytes,
    }
}

message! {
    /// A group of the consumer protocol (`ConsumerGroupMetadataValue`).
    pub struct ConsumerGroupValue(0..=0, flexible 0..) {
        /// The group epoch.
        epoch: i32,
        /// Hash of the metadata of all topics subscribed to; 0 where it was not computed.
        metadata_hash: i64 [0.., tag 0],
    }
}

message! {
    /// A member of a group of the consumer protocol (`ConsumerGroupMemberMetadataValue`).
    pub struct ConsumerGroupMemberValue(0..=0, flexible 0..) {
        /// Name of the instance, of a static member.
        instance_id: Option<String> = Some(String::new()),
        /// Rack of the client.
        rack_id: Option<String> = Some(String::new()),
        /// Name that the client gives itself.
        client_id: String,
        /// Address of the client.
        client_host: String,
        /// Names of the topics subscribed to.
        subscribed_topic_names: Vec<String>,
        /// Regular expression subscribed to.
        subscribed_topic_regex: Option<String> = Some(String::new()),
        /// How long the member may take to give partitions up, in milliseconds.
        rebalance_timeout_ms: i32 = -1,
        /// The assignor that it asks for.
        server_assignor: Option<String> = Some(String::new()),
        /// What a member has that speaks the classic protocol; null for all others. Kafka's default is not null, so that
        /// the null is really written.
        classic_member_metadata: Option<ClassicMemberMetadata> [0.., tag 0] = Some(ClassicMemberMetadata::default()),
    }

    /// What a member of a group of the consumer protocol has if it speaks the classic one.
    pub struct ClassicMemberMetadata {
        /// How long the member may be silent, in milliseconds.
        session_timeout_ms: i32,
        /// Its protocols, the preferred one first.
        supported_protocols: Vec<ClassicProtocol>,
    }

    /// A protocol of a classic member.
    pub struct ClassicProtocol {
        /// Name of the assignor.
        name: String,
        /// The member's subscription.
        metadata: Bytes,
    }
}

message! {
    /// The epoch of the target assignment (`ConsumerGroupTargetAssignmentMetadataValue`).
    pub struct TargetAssignmentValue(0..=0, flexible 0..) {
        /// The group epoch that it was computed for.
        assignment_epoch: i32,
        /// When it was computed, in milliseconds since 1970; 0 where not known.
        assignment_timestamp: i64 [0.., tag 0],
    }
}

message! {
    /// What a member is to own (`ConsumerGroupTargetAssignmentMemberValue`).
    pub struct TargetAssignmentMemberValue(0..=0, flexible 0..) {
        /// The partitions.
        topic_partitions: Vec<TargetPartitions>,
    }

    /// Partitions of one topic in a target assignment.
    pub struct TargetPartitions {
        /// Id of the topic.
        topic_id: Uuid,
        /// Indexes of the partitions.
        partitions: Vec<i32>,
    }
}

message! {
    /// What a member owns (`ConsumerGroupCurrentMemberAssignmentValue`).
    pub struct CurrentAssignmentValue(0..=0, flexible 0..) {
        /// The epoch that the member has reached.
        member_epoch: i32,
        /// The epoch before, which a member still tells that missed the answer.
        previous_member_epoch: i32,
        /// Kafka's `MemberState`: 0 stable, 1 partitions not yet revoked, 2 partitions not yet released by others, 127 unknown.
        state: i8,
        /// The partitions that it owns.
        assigned_partitions: Vec<CurrentPartitions>,
        /// The partitions that it must give up.
        partitions_pending_revocation: Vec<CurrentPartitions>,
    }

    /// Partitions of one topic in a current assignment.
    pub struct CurrentPartitions {
        /// Id of the topic.
        topic_id: Uuid,
        /// Indexes of the partitions.
        partitions: Vec<i32>,
        /// For each partition the epoch in which the member got it; empty or null from brokers that did not keep it.
        assignment_epochs: Option<Vec<i32>> [0.., tag 0] = Some(Vec::new()),
    }
}

message! {
    /// What a regular expression resolved to (`ConsumerGroupRegularExpressionValue`).
    pub struct RegularExpressionValue(0..=0, flexible 0..) {
        /// Names of the topics that match.
        topics: Vec<String>,
        /// Version of the metadata that it was resolved against.
        version: i64,
        /// When it was resolved, in milliseconds since 1970.
        timestamp: i64,
    }
}
