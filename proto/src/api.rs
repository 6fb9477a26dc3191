//! The APIs of Kafka 4.3: key, name, versions, and from which version on a message is flexible.

use std::ops::RangeInclusive;

macro_rules! api_keys {
    ($($key:literal $name:ident $versions:expr $(, flexible $flexible:literal ..)?;)*) => {
        /// An API of Kafka 4.3, those between brokers and controllers included.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(i16)]
        pub enum ApiKey {$(
            #[doc = concat!("`", stringify!($name), "`, key ", $key, ".")]
            $name = $key,
        )*}

        impl ApiKey {
            /// Every API, in the order of the keys.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The name in Kafka's schemas.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// The versions that Kafka 4.3 advertises.
            ///
            /// `Produce` starts at 0, as clients of librdkafka need to see, though versions below 3 are refused (KIP-896).
            pub const fn versions(self) -> RangeInclusive<i16> {
                match self { $(Self::$name => $versions,)* }
            }

            /// The first flexible version (KIP-482), where there is one.
            pub const fn flexible_from(self) -> Option<i16> {
                match self { $(Self::$name => api_keys!(flexible $($flexible)?),)* }
            }

            /// The API with this key.
            pub const fn from_code(code: i16) -> Option<Self> {
                match code { $($key => Some(Self::$name),)* _ => None }
            }
        }
    };
    (flexible) => { None };
    (flexible $flexible:literal) => { Some($flexible) };
}

impl ApiKey {
    /// The number on the wire.
    pub const fn code(self) -> i16 {
        self as i16
    }

    /// Whether `version` has compact lengths and tagged fields.
    pub fn is_flexible(self, version: i16) -> bool {
        self.flexible_from().is_some_and(|from| version >= from)
    }

    /// The version of the request header before a request of `version`.
    pub fn request_header_version(self, version: i16) -> i16 {
        if self.is_flexible(version) { 2 } else { 1 }
    }

    /// The version of the response header before a response of `version`.
    ///
    /// That of ApiVersions is always 0, since a client that sends it does not know the broker's versions yet (KIP-511).
    pub fn response_header_version(self, version: i16) -> i16 {
        if self.is_flexible(version) && self != Self::ApiVersions { 1 } else { 0 }
    }
}

impl TryFrom<i16> for ApiKey {
    type Error = UnknownApiKey;

    fn try_from(code: i16) -> Result<Self, UnknownApiKey> {
        Self::from_code(code).ok_or(UnknownApiKey(code))
    }
}

impl std::fmt::Display for ApiKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}

/// An API key that Kafka 4.3 does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown API key {0}")]
pub struct UnknownApiKey(pub i16);

api_keys! {
    0 Produce 0..=13, flexible 9..;
    1 Fetch 4..=18, flexible 12..;
    2 ListOffsets 1..=11, flexible 6..;
    3 Metadata 0..=13, flexible 9..;
    8 OffsetCommit 2..=10, flexible 8..;
    9 OffsetFetch 1..=10, flexible 6..;
    10 FindCoordinator 0..=6, flexible 3..;
    11 JoinGroup 0..=9, flexible 6..;
    12 Heartbeat 0..=4, flexible 4..;
    13 LeaveGroup 0..=5, flexible 4..;
    14 SyncGroup 0..=5, flexible 4..;
    15 DescribeGroups 0..=6, flexible 5..;
    16 ListGroups 0..=5, flexible 3..;
    17 SaslHandshake 0..=1;
    18 ApiVersions 0..=4, flexible 3..;
    19 CreateTopics 2..=7, flexible 5..;
    20 DeleteTopics 1..=6, flexible 4..;
    21 DeleteRecords 0..=2, flexible 2..;
    22 InitProducerId 0..=5, flexible 2..;
    23 OffsetForLeaderEpoch 2..=4, flexible 4..;
    24 AddPartitionsToTxn 0..=5, flexible 3..;
    25 AddOffsetsToTxn 0..=4, flexible 3..;
    26 EndTxn 0..=5, flexible 3..;
    27 WriteTxnMarkers 1..=2, flexible 1..;
    28 TxnOffsetCommit 0..=5, flexible 3..;
    29 DescribeAcls 1..=3, flexible 2..;
    30 CreateAcls 1..=3, flexible 2..;
    31 DeleteAcls 1..=3, flexible 2..;
    32 DescribeConfigs 1..=4, flexible 4..;
    33 AlterConfigs 0..=2, flexible 2..;
    34 AlterReplicaLogDirs 1..=2, flexible 2..;
    35 DescribeLogDirs 1..=5, flexible 2..;
    36 SaslAuthenticate 0..=2, flexible 2..;
    37 CreatePartitions 0..=3, flexible 2..;
    38 CreateDelegationToken 1..=3, flexible 2..;
    39 RenewDelegationToken 1..=2, flexible 2..;
    40 ExpireDelegationToken 1..=2, flexible 2..;
    41 DescribeDelegationToken 1..=3, flexible 2..;
    42 DeleteGroups 0..=2, flexible 2..;
    43 ElectLeaders 0..=2, flexible 2..;
    44 IncrementalAlterConfigs 0..=1, flexible 1..;
    45 AlterPartitionReassignments 0..=1, flexible 0..;
    46 ListPartitionReassignments 0..=0, flexible 0..;
    47 OffsetDelete 0..=0;
    48 DescribeClientQuotas 0..=1, flexible 1..;
    49 AlterClientQuotas 0..=1, flexible 1..;
    50 DescribeUserScramCredentials 0..=0, flexible 0..;
    51 AlterUserScramCredentials 0..=0, flexible 0..;
    52 Vote 0..=2, flexible 0..;
    53 BeginQuorumEpoch 0..=1, flexible 1..;
    54 EndQuorumEpoch 0..=1, flexible 1..;
    55 DescribeQuorum 0..=2, flexible 0..;
    56 AlterPartition 2..=3, flexible 2..;
    57 UpdateFeatures 0..=2, flexible 0..;
    58 Envelope 0..=0, flexible 0..;
    59 FetchSnapshot 0..=1, flexible 0..;
    60 DescribeCluster 0..=2, flexible 0..;
    61 DescribeProducers 0..=0, flexible 0..;
    62 BrokerRegistration 0..=4, flexible 0..;
    63 BrokerHeartbeat 0..=2, flexible 0..;
    64 UnregisterBroker 0..=0, flexible 0..;
    65 DescribeTransactions 0..=0, flexible 0..;
    66 ListTransactions 0..=2, flexible 0..;
    67 AllocateProducerIds 0..=0, flexible 0..;
    68 ConsumerGroupHeartbeat 0..=1, flexible 0..;
    69 ConsumerGroupDescribe 0..=1, flexible 0..;
    70 ControllerRegistration 0..=0, flexible 0..;
    71 GetTelemetrySubscriptions 0..=0, flexible 0..;
    72 PushTelemetry 0..=0, flexible 0..;
    73 AssignReplicasToDirs 0..=0, flexible 0..;
    74 ListConfigResources 0..=1, flexible 0..;
    75 DescribeTopicPartitions 0..=0, flexible 0..;
    76 ShareGroupHeartbeat 1..=1, flexible 1..;
    77 ShareGroupDescribe 1..=1, flexible 1..;
    78 ShareFetch 1..=2, flexible 1..;
    79 ShareAcknowledge 1..=2, flexible 1..;
    80 AddRaftVoter 0..=1, flexible 0..;
    81 RemoveRaftVoter 0..=0, flexible 0..;
    82 UpdateRaftVoter 0..=0, flexible 0..;
    83 InitializeShareGroupState 0..=0, flexible 0..;
    84 ReadShareGroupState 0..=0, flexible 0..;
    85 WriteShareGroupState 0..=1, flexible 0..;
    86 DeleteShareGroupState 0..=0, flexible 0..;
    87 ReadShareGroupStateSummary 0..=1, flexible 0..;
    88 StreamsGroupHeartbeat 0..=0, flexible 0..;
    89 StreamsGroupDescribe 0..=0, flexible 0..;
    90 DescribeShareGroupOffsets 0..=1, flexible 0..;
    91 AlterShareGroupOffsets 0..=0, flexible 0..;
    92 DeleteShareGroupOffsets 0..=0, flexible 0..;
}
