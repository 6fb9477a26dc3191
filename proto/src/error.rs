//! Kafka's error codes: one table with what each means to clients of either protocol.

use tonic::Code;

/// Whether a client may send the same request again and hope.
///
/// Only so that the table below reads well.
macro_rules! retriable {
    (retriable) => {
        true
    };
    (fatal) => {
        false
    };
}

macro_rules! error_codes {
    ($($(#[$attribute:meta])? $code:literal $variant:ident $name:ident $retriable:ident $grpc:ident $message:literal;)*) => {
        /// An error as Kafka 4.3 numbers it (`org.apache.kafka.common.protocol.Errors`).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
        #[repr(i16)]
        pub enum ErrorCode {$(
            $(#[$attribute])?
            #[doc = concat!("`", stringify!($name), "`: ", $message, ".")]
            $variant = $code,
        )*}

        impl ErrorCode {
            /// Every error, in the order of the codes.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Kafka's name, as `UNKNOWN_TOPIC_OR_PARTITION`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($name),)* }
            }

            /// What happened, in a few words for a person; lower case, no full stop.
            pub const fn message(self) -> &'static str {
                match self { $(Self::$variant => $message,)* }
            }

            /// Whether Kafka's clients treat it as retriable (`RetriableException`).
            pub const fn retriable(self) -> bool {
                match self { $(Self::$variant => retriable!($retriable),)* }
            }

            /// The gRPC status that says the same.
            pub const fn grpc_code(self) -> Code {
                match self { $(Self::$variant => Code::$grpc,)* }
            }
        }

        impl From<i16> for ErrorCode {
            /// A code that Kafka 4.3 does not know is [`ErrorCode::UnknownServerError`], as Kafka's clients have it.
            fn from(code: i16) -> Self {
                match code { $($code => Self::$variant,)* _ => Self::UnknownServerError }
            }
        }
    };
}

impl ErrorCode {
    /// The number on the wire.
    pub const fn code(self) -> i16 {
        self as i16
    }

    /// Whether this is [`ErrorCode::None`].
    pub const fn is_none(self) -> bool {
        matches!(self, Self::None)
    }
}

impl From<ErrorCode> for i16 {
    fn from(error: ErrorCode) -> Self {
        error.code()
    }
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}

error_codes! {
    -1 UnknownServerError UNKNOWN_SERVER_ERROR fatal Internal "the broker failed unexpectedly";
    #[default]
    0 None NONE fatal Ok "no error";
    1 OffsetOutOfRange OFFSET_OUT_OF_RANGE fatal OutOfRange "the offset is outside the log";
    2 CorruptMessage CORRUPT_MESSAGE retriable DataLoss "the record batch is damaged: checksum, length or count do not fit";
    3 UnknownTopicOrPartition UNKNOWN_TOPIC_OR_PARTITION retriable NotFound "the topic or partition does not exist";
    4 InvalidFetchSize INVALID_FETCH_SIZE fatal InvalidArgument "the fetch size is not valid";
    5 LeaderNotAvailable LEADER_NOT_AVAILABLE retriable Unavailable "the partition has no leader yet";
    6 NotLeaderOrFollower NOT_LEADER_OR_FOLLOWER retriable Unavailable "this broker does not lead the partition";
    7 RequestTimedOut REQUEST_TIMED_OUT retriable DeadlineExceeded "the request took longer than its timeout";
    8 BrokerNotAvailable BROKER_NOT_AVAILABLE fatal Unavailable "the broker is not available";
    9 ReplicaNotAvailable REPLICA_NOT_AVAILABLE retriable Unavailable "the replica is not available";
    10 MessageTooLarge MESSAGE_TOO_LARGE fatal ResourceExhausted "the record batch is larger than max.message.bytes";
    11 StaleControllerEpoch STALE_CONTROLLER_EPOCH fatal Aborted "the controller has moved";
    12 OffsetMetadataTooLarge OFFSET_METADATA_TOO_LARGE fatal InvalidArgument "the metadata of the offset is longer than offset.metadata.max.bytes";
    13 NetworkException NETWORK_EXCEPTION retriable Unavailable "the connection ended before the response came";
    14 CoordinatorLoadInProgress COORDINATOR_LOAD_IN_PROGRESS retriable Unavailable "the coordinator is still loading its state";
    15 CoordinatorNotAvailable COORDINATOR_NOT_AVAILABLE retriable Unavailable "the coordinator is not available";
    16 NotCoordinator NOT_COORDINATOR retriable Unavailable "this broker is not the coordinator";
    17 InvalidTopicException INVALID_TOPIC_EXCEPTION fatal InvalidArgument "the topic name is not valid, or the topic is internal";
    18 RecordListTooLarge RECORD_LIST_TOO_LARGE fatal ResourceExhausted "the record batch is larger than a segment";
    19 NotEnoughReplicas NOT_ENOUGH_REPLICAS retriable Unavailable "fewer replicas are in sync than required";
    20 NotEnoughReplicasAfterAppend NOT_ENOUGH_REPLICAS_AFTER_APPEND retriable Unavailable "stored, but on fewer replicas in sync than required";
    21 InvalidRequiredAcks INVALID_REQUIRED_ACKS fatal InvalidArgument "acks must be 0, 1 or -1";
    22 IllegalGeneration ILLEGAL_GENERATION fatal Aborted "the group is at another generation";
    23 InconsistentGroupProtocol INCONSISTENT_GROUP_PROTOCOL fatal FailedPrecondition "the member shares no protocol with the group";
    24 InvalidGroupId INVALID_GROUP_ID fatal InvalidArgument "the group id is not valid";
    25 UnknownMemberId UNKNOWN_MEMBER_ID fatal NotFound "the group does not know the member";
    26 InvalidSessionTimeout INVALID_SESSION_TIMEOUT fatal InvalidArgument "the session timeout is outside the range the broker allows";
    27 RebalanceInProgress REBALANCE_IN_PROGRESS fatal Aborted "the group is rebalancing: join again";
    28 InvalidCommitOffsetSize INVALID_COMMIT_OFFSET_SIZE fatal InvalidArgument "the committed offsets are too large";
    29 TopicAuthorizationFailed TOPIC_AUTHORIZATION_FAILED fatal PermissionDenied "not authorized for the topic";
    30 GroupAuthorizationFailed GROUP_AUTHORIZATION_FAILED fatal PermissionDenied "not authorized for the group";
    31 ClusterAuthorizationFailed CLUSTER_AUTHORIZATION_FAILED fatal PermissionDenied "not authorized for the cluster";
    32 InvalidTimestamp INVALID_TIMESTAMP fatal InvalidArgument "the timestamp is outside the range the topic allows";
    33 UnsupportedSaslMechanism UNSUPPORTED_SASL_MECHANISM fatal Unauthenticated "the SASL mechanism is not enabled";
    34 IllegalSaslState ILLEGAL_SASL_STATE fatal Unauthenticated "the request does not fit the state of the authentication";
    35 UnsupportedVersion UNSUPPORTED_VERSION fatal Unimplemented "the version of the API is not supported";
    36 TopicAlreadyExists TOPIC_ALREADY_EXISTS fatal AlreadyExists "the topic exists already";
    37 InvalidPartitions INVALID_PARTITIONS fatal InvalidArgument "the partition count is not valid";
    38 InvalidReplicationFactor INVALID_REPLICATION_FACTOR fatal InvalidArgument "the replication factor is below 1 or above the number of brokers";
    39 InvalidReplicaAssignment INVALID_REPLICA_ASSIGNMENT fatal InvalidArgument "the replica assignment is not valid";
    40 InvalidConfig INVALID_CONFIG fatal InvalidArgument "the configuration is not valid";
    41 NotController NOT_CONTROLLER retriable Unavailable "this broker is not the controller";
    42 InvalidRequest INVALID_REQUEST fatal InvalidArgument "the request contradicts itself or the protocol";
    43 UnsupportedForMessageFormat UNSUPPORTED_FOR_MESSAGE_FORMAT fatal Unimplemented "the record format does not support the request";
    44 PolicyViolation POLICY_VIOLATION fatal FailedPrecondition "a policy of the broker forbids this";
    45 OutOfOrderSequenceNumber OUT_OF_ORDER_SEQUENCE_NUMBER fatal Aborted "a sequence number is missing before this batch";
    46 DuplicateSequenceNumber DUPLICATE_SEQUENCE_NUMBER fatal AlreadyExists "the sequence number was used before";
    47 InvalidProducerEpoch INVALID_PRODUCER_EPOCH fatal Aborted "the producer's epoch is not the current one";
    48 InvalidTxnState INVALID_TXN_STATE fatal FailedPrecondition "the transaction's state does not allow this";
    49 InvalidProducerIdMapping INVALID_PRODUCER_ID_MAPPING fatal FailedPrecondition "the producer id does not belong to the transactional id";
    50 InvalidTransactionTimeout INVALID_TRANSACTION_TIMEOUT fatal InvalidArgument "the timeout is above transaction.max.timeout.ms";
    51 ConcurrentTransactions CONCURRENT_TRANSACTIONS retriable Aborted "another operation on the transaction is in progress";
    52 TransactionCoordinatorFenced TRANSACTION_COORDINATOR_FENCED fatal Aborted "the transaction has another coordinator now";
    53 TransactionalIdAuthorizationFailed TRANSACTIONAL_ID_AUTHORIZATION_FAILED fatal PermissionDenied "not authorized for the transactional id";
    54 SecurityDisabled SECURITY_DISABLED fatal FailedPrecondition "no authorizer is configured";
    55 OperationNotAttempted OPERATION_NOT_ATTEMPTED fatal Aborted "not attempted, because another part of the request failed";
    56 KafkaStorageError KAFKA_STORAGE_ERROR retriable Unavailable "the partition's storage failed";
    57 LogDirNotFound LOG_DIR_NOT_FOUND fatal NotFound "the log directory does not exist";
    58 SaslAuthenticationFailed SASL_AUTHENTICATION_FAILED fatal Unauthenticated "authentication failed";
    59 UnknownProducerId UNKNOWN_PRODUCER_ID fatal NotFound "the partition has no state of the producer id";
    60 ReassignmentInProgress REASSIGNMENT_IN_PROGRESS fatal FailedPrecondition "the partition is being reassigned";
    61 DelegationTokenAuthDisabled DELEGATION_TOKEN_AUTH_DISABLED fatal FailedPrecondition "delegation tokens are not enabled";
    62 DelegationTokenNotFound DELEGATION_TOKEN_NOT_FOUND fatal NotFound "the delegation token does not exist";
    63 DelegationTokenOwnerMismatch DELEGATION_TOKEN_OWNER_MISMATCH fatal PermissionDenied "the principal neither owns nor may renew the token";
    64 DelegationTokenRequestNotAllowed DELEGATION_TOKEN_REQUEST_NOT_ALLOWED fatal PermissionDenied "delegation tokens are not allowed on this connection";
    65 DelegationTokenAuthorizationFailed DELEGATION_TOKEN_AUTHORIZATION_FAILED fatal PermissionDenied "not authorized for the delegation token";
    66 DelegationTokenExpired DELEGATION_TOKEN_EXPIRED fatal Unauthenticated "the delegation token has expired";
    67 InvalidPrincipalType INVALID_PRINCIPAL_TYPE fatal InvalidArgument "the principal type is not supported";
    68 NonEmptyGroup NON_EMPTY_GROUP fatal FailedPrecondition "the group still has members";
    69 GroupIdNotFound GROUP_ID_NOT_FOUND fatal NotFound "the group does not exist";
    70 FetchSessionIdNotFound FETCH_SESSION_ID_NOT_FOUND retriable NotFound "the fetch session does not exist";
    71 InvalidFetchSessionEpoch INVALID_FETCH_SESSION_EPOCH retriable Aborted "the fetch session is at another epoch";
    72 ListenerNotFound LISTENER_NOT_FOUND retriable Unavailable "the leader has no such listener";
    73 TopicDeletionDisabled TOPIC_DELETION_DISABLED fatal PermissionDenied "delete.topic.enable is off";
    74 FencedLeaderEpoch FENCED_LEADER_EPOCH retriable Aborted "the leader epoch is older than the broker's";
    75 UnknownLeaderEpoch UNKNOWN_LEADER_EPOCH retriable Unavailable "the leader epoch is newer than the broker's";
    76 UnsupportedCompressionType UNSUPPORTED_COMPRESSION_TYPE fatal FailedPrecondition "the version of the API does not know the compression of the records";
    77 StaleBrokerEpoch STALE_BROKER_EPOCH fatal Aborted "the broker has registered anew";
    78 OffsetNotAvailable OFFSET_NOT_AVAILABLE retriable Unavailable "the high watermark is not known yet";
    79 MemberIdRequired MEMBER_ID_REQUIRED fatal FailedPrecondition "join again with the member id given";
    80 PreferredLeaderNotAvailable PREFERRED_LEADER_NOT_AVAILABLE retriable Unavailable "the preferred leader is not available";
    81 GroupMaxSizeReached GROUP_MAX_SIZE_REACHED fatal ResourceExhausted "the group has group.max.size members";
    82 FencedInstanceId FENCED_INSTANCE_ID fatal Aborted "another member uses the group instance id now";
    83 EligibleLeadersNotAvailable ELIGIBLE_LEADERS_NOT_AVAILABLE retriable Unavailable "no replica may become leader";
    84 ElectionNotNeeded ELECTION_NOT_NEEDED retriable FailedPrecondition "the leader is the wanted one already";
    85 NoReassignmentInProgress NO_REASSIGNMENT_IN_PROGRESS fatal FailedPrecondition "the partition is not being reassigned";
    86 GroupSubscribedToTopic GROUP_SUBSCRIBED_TO_TOPIC fatal FailedPrecondition "the group is subscribed to the topic";
    87 InvalidRecord INVALID_RECORD fatal InvalidArgument "a record is not valid for the topic";
    88 UnstableOffsetCommit UNSTABLE_OFFSET_COMMIT retriable Unavailable "a transaction on the offsets is still open";
    89 ThrottlingQuotaExceeded THROTTLING_QUOTA_EXCEEDED retriable ResourceExhausted "the quota is used up";
    90 ProducerFenced PRODUCER_FENCED fatal Aborted "a newer producer uses the transactional id";
    91 ResourceNotFound RESOURCE_NOT_FOUND fatal NotFound "the resource does not exist";
    92 DuplicateResource DUPLICATE_RESOURCE fatal InvalidArgument "the resource is named twice";
    93 UnacceptableCredential UNACCEPTABLE_CREDENTIAL fatal InvalidArgument "the credential does not meet the rules";
    94 InconsistentVoterSet INCONSISTENT_VOTER_SET fatal FailedPrecondition "the voter sets do not agree";
    95 InvalidUpdateVersion INVALID_UPDATE_VERSION fatal InvalidArgument "the version of the update is not valid";
    96 FeatureUpdateFailed FEATURE_UPDATE_FAILED fatal Internal "the feature could not be updated";
    97 PrincipalDeserializationFailure PRINCIPAL_DESERIALIZATION_FAILURE fatal Internal "the forwarded principal could not be read";
    98 SnapshotNotFound SNAPSHOT_NOT_FOUND fatal NotFound "the snapshot does not exist";
    99 PositionOutOfRange POSITION_OUT_OF_RANGE fatal OutOfRange "the position is outside the snapshot";
    100 UnknownTopicId UNKNOWN_TOPIC_ID retriable NotFound "no topic has the topic id";
    101 DuplicateBrokerRegistration DUPLICATE_BROKER_REGISTRATION fatal AlreadyExists "the broker id is in use";
    102 BrokerIdNotRegistered BROKER_ID_NOT_REGISTERED fatal NotFound "no broker has the id";
    103 InconsistentTopicId INCONSISTENT_TOPIC_ID retriable Aborted "the topic id is not that of the log";
    104 InconsistentClusterId INCONSISTENT_CLUSTER_ID fatal FailedPrecondition "the cluster id is not that of this cluster";
    105 TransactionalIdNotFound TRANSACTIONAL_ID_NOT_FOUND fatal NotFound "the transactional id does not exist";
    106 FetchSessionTopicIdError FETCH_SESSION_TOPIC_ID_ERROR retriable Aborted "the fetch session mixes topic names and topic ids";
    107 IneligibleReplica INELIGIBLE_REPLICA fatal FailedPrecondition "the replica may not join the in-sync replicas";
    108 NewLeaderElected NEW_LEADER_ELECTED fatal Aborted "the partition has another leader now";
    109 OffsetMovedToTieredStorage OFFSET_MOVED_TO_TIERED_STORAGE fatal OutOfRange "the offset is in tiered storage";
    110 FencedMemberEpoch FENCED_MEMBER_EPOCH fatal Aborted "the member's epoch is fenced: give up its partitions and join again";
    111 UnreleasedInstanceId UNRELEASED_INSTANCE_ID fatal FailedPrecondition "another member still holds the group instance id";
    112 UnsupportedAssignor UNSUPPORTED_ASSIGNOR fatal InvalidArgument "the group does not support the assignor";
    113 StaleMemberEpoch STALE_MEMBER_EPOCH fatal Aborted "the member's epoch is stale: retry with the current one";
    114 MismatchedEndpointType MISMATCHED_ENDPOINT_TYPE fatal FailedPrecondition "the request is meant for another type of endpoint";
    115 UnsupportedEndpointType UNSUPPORTED_ENDPOINT_TYPE fatal Unimplemented "the endpoint type is not supported";
    116 UnknownControllerId UNKNOWN_CONTROLLER_ID fatal NotFound "no controller has the id";
    117 UnknownSubscriptionId UNKNOWN_SUBSCRIPTION_ID fatal NotFound "the telemetry subscription is out of date";
    118 TelemetryTooLarge TELEMETRY_TOO_LARGE fatal ResourceExhausted "the telemetry is larger than the broker allows";
    119 InvalidRegistration INVALID_REGISTRATION fatal InvalidArgument "the registration is not valid";
    120 TransactionAbortable TRANSACTION_ABORTABLE fatal Aborted "the transaction must be aborted, and can be";
    121 InvalidRecordState INVALID_RECORD_STATE fatal FailedPrecondition "the record is not in a state to be acknowledged so";
    122 ShareSessionNotFound SHARE_SESSION_NOT_FOUND retriable NotFound "the share session does not exist";
    123 InvalidShareSessionEpoch INVALID_SHARE_SESSION_EPOCH retriable Aborted "the share session is at another epoch";
    124 FencedStateEpoch FENCED_STATE_EPOCH fatal Aborted "the share group's state has another epoch";
    125 InvalidVoterKey INVALID_VOTER_KEY fatal InvalidArgument "the voter key is not that of the replica";
    126 DuplicateVoter DUPLICATE_VOTER fatal AlreadyExists "the voter is in the set already";
    127 VoterNotFound VOTER_NOT_FOUND fatal NotFound "the voter is not in the set";
    128 InvalidRegularExpression INVALID_REGULAR_EXPRESSION fatal InvalidArgument "the regular expression is not valid";
    129 RebootstrapRequired REBOOTSTRAP_REQUIRED fatal Unavailable "the client's metadata is stale: bootstrap again";
    130 StreamsInvalidTopology STREAMS_INVALID_TOPOLOGY fatal InvalidArgument "the topology is not valid";
    131 StreamsInvalidTopologyEpoch STREAMS_INVALID_TOPOLOGY_EPOCH fatal InvalidArgument "the topology epoch is not valid";
    132 StreamsTopologyFenced STREAMS_TOPOLOGY_FENCED fatal Aborted "the topology epoch is out of date";
    133 ShareSessionLimitReached SHARE_SESSION_LIMIT_REACHED retriable ResourceExhausted "no more share sessions fit";
}
