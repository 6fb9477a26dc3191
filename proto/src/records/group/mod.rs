//! Records of `__consumer_offsets`: committed offsets and the groups, in Kafka's own formats.
//!
//! A key is the kind of the record (i16) and its fields; a value is its version (i16) and its fields; a null value takes back
//! what was said under the key. What is written is what Kafka 4.3 writes (`GroupCoordinatorRecordHelpers`); what is read is
//! every version that it reads. As in Kafka, bytes behind a value that is complete are passed over.

mod values;

use std::sync::Arc;

use bytes::Bytes;

pub use values::{
    ClassicGroupMember, ClassicGroupValue, ClassicMemberMetadata, ClassicProtocol, ConsumerGroupMemberValue,
    ConsumerGroupValue, CurrentAssignmentValue, CurrentPartitions, OffsetCommitValue, RegularExpressionValue,
    TargetAssignmentMemberValue, TargetAssignmentValue, TargetPartitions,
};

use crate::wire::{Message, Reader, Value, Version, WireError, Writer};

const LEGACY_OFFSET_COMMIT: i16 = 0;
const OFFSET_COMMIT: i16 = 1;
const CLASSIC_GROUP: i16 = 2;
const CONSUMER_GROUP: i16 = 3;
const CONSUMER_GROUP_PARTITIONS: i16 = 4;
const CONSUMER_GROUP_MEMBER: i16 = 5;
const TARGET_ASSIGNMENT: i16 = 6;
const TARGET_ASSIGNMENT_MEMBER: i16 = 7;
const CURRENT_ASSIGNMENT: i16 = 8;
const REGULAR_EXPRESSION: i16 = 16;

/// Keys are never flexible.
const KEY: Version = Version { number: 0, flexible: false };

/// Something that has happened to a group. A value of `None` takes back what was said under the same key.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// An offset was committed. Read from kinds 0 and 1, written as 1.
    OffsetCommit {
        /// The group.
        group: Arc<str>,
        /// Name of the topic.
        topic: Arc<str>,
        /// Index of the partition.
        partition: i32,
        /// The offset.
        value: Option<OffsetCommitValue>,
    },
    /// A group of the classic protocol, whole (kind 2).
    ClassicGroup {
        /// The group.
        group: Arc<str>,
        /// Its state.
        value: Option<ClassicGroupValue>,
    },
    /// The epoch of a group of the consumer protocol (kind 3).
    ConsumerGroup {
        /// The group.
        group: Arc<str>,
        /// Its epoch.
        value: Option<ConsumerGroupValue>,
    },
    /// What brokers before 4.1 kept of the topics that a group subscribes to (kind 4): only ever taken back.
    ConsumerGroupPartitions {
        /// The group.
        group: Arc<str>,
        /// The value as it lies there, version included.
        value: Option<Bytes>,
    },
    /// A member of a group of the consumer protocol (kind 5).
    ConsumerGroupMember {
        /// The group.
        group: Arc<str>,
        /// Id of the member.
        member: Arc<str>,
        /// What it asks for.
        value: Option<ConsumerGroupMemberValue>,
    },
    /// The epoch of a group's target assignment (kind 6).
    TargetAssignment {
        /// The group.
        group: Arc<str>,
        /// The epoch.
        value: Option<TargetAssignmentValue>,
    },
    /// What a member is to own (kind 7).
    TargetAssignmentMember {
        /// The group.
        group: Arc<str>,
        /// Id of the member.
        member: Arc<str>,
        /// The partitions.
        value: Option<TargetAssignmentMemberValue>,
    },
    /// What a member owns (kind 8).
    CurrentAssignment {
        /// The group.
        group: Arc<str>,
        /// Id of the member.
        member: Arc<str>,
        /// The partitions and the member's epoch.
        value: Option<CurrentAssignmentValue>,
    },
    /// What a regular expression resolved to (kind 16).
    RegularExpression {
        /// The group.
        group: Arc<str>,
        /// The expression.
        expression: Arc<str>,
        /// The topics that match.
        value: Option<RegularExpressionValue>,
    },
    /// A record of any other kind, as it lies there: groups that this release does not serve, or a later release's.
    Other {
        /// Number of the kind.
        kind: i16,
        /// The whole key, kind included.
        key: Bytes,
        /// The whole value, version included.
        value: Option<Bytes>,
    },
}

/// Why bytes are no record, or a record has no bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GroupRecordError {
    /// The key cannot be read or written.
    #[error("the key of a group record: {0}")]
    Key(WireError),
    /// The value cannot be read or written.
    #[error("the value of a group record of kind {kind}: {error}")]
    Value {
        /// Number of the kind.
        kind: i16,
        /// Why.
        error: WireError,
    },
    /// A release that is newer than this one wrote the value.
    #[error("version {version} of group record kind {kind} is not known to this release")]
    UnknownVersion {
        /// Number of the kind.
        kind: i16,
        /// The version.
        version: i16,
    },
}

impl Record {
    /// The key and the value, as Kafka writes them.
    ///
    /// # Errors
    /// Where a string is longer than 32767 bytes: the formats have no room for it.
    pub fn encode(&self) -> Result<(Bytes, Option<Bytes>), GroupRecordError> {
        match self {
            Self::OffsetCommit { group, topic, partition, value } => {
                let version =
                    value.as_ref().map_or(4, |value| if value.expire_timestamp == -1 { 4 } else { 1 });
                let mut writer = key(OFFSET_COMMIT, [group, topic])?;
                writer.put(&partition.to_be_bytes());
                Ok((writer.finish_whole(), encode_value(OFFSET_COMMIT, value.as_ref(), version)?))
            }
            Self::ClassicGroup { group, value } => plain(CLASSIC_GROUP, [group], value.as_ref(), 3),
            Self::ConsumerGroup { group, value } => plain(CONSUMER_GROUP, [group], value.as_ref(), 0),
            Self::ConsumerGroupPartitions { group, value } => {
                Ok((key(CONSUMER_GROUP_PARTITIONS, [group])?.finish_whole(), value.clone()))
            }
            Self::ConsumerGroupMember { group, member, value } => {
                plain(CONSUMER_GROUP_MEMBER, [group, member], value.as_ref(), 0)
            }
            Self::TargetAssignment { group, value } => plain(TARGET_ASSIGNMENT, [group], value.as_ref(), 0),
            Self::TargetAssignmentMember { group, member, value } => {
                plain(TARGET_ASSIGNMENT_MEMBER, [group, member], value.as_ref(), 0)
            }
            Self::CurrentAssignment { group, member, value } => {
                plain(CURRENT_ASSIGNMENT, [group, member], value.as_ref(), 0)
            }
            Self::RegularExpression { group, expression, value } => {
                plain(REGULAR_EXPRESSION, [group, expression], value.as_ref(), 0)
            }
            Self::Other { key, value, .. } => Ok((key.clone(), value.clone())),
        }
    }

    /// Reads a record. Takes no more memory than a small multiple of the bytes that are there.
    ///
    /// # Errors
    /// Where a kind that is known does not follow its format. Kinds that are not known are [`Record::Other`].
    pub fn decode(key: &[u8], value: Option<&[u8]>) -> Result<Self, GroupRecordError> {
        let mut fields = Reader::new(Bytes::copy_from_slice(key));
        let kind = fields.array().map(i16::from_be_bytes).map_err(GroupRecordError::Key)?;
        let mut text = || String::read(&mut fields, KEY).map(Arc::from).map_err(GroupRecordError::Key);
        Ok(match kind {
            LEGACY_OFFSET_COMMIT | OFFSET_COMMIT => {
                let (group, topic) = (text()?, text()?);
                let partition = i32::read(&mut fields, KEY).map_err(GroupRecordError::Key)?;
                let newest = if kind == LEGACY_OFFSET_COMMIT { 0 } else { 4 };
                Self::OffsetCommit { group, topic, partition, value: decode_value(kind, value, newest)? }
            }
            CLASSIC_GROUP => Self::ClassicGroup { group: text()?, value: decode_value(kind, value, 4)? },
            CONSUMER_GROUP => Self::ConsumerGroup { group: text()?, value: decode_value(kind, value, 0)? },
            CONSUMER_GROUP_PARTITIONS => {
                Self::ConsumerGroupPartitions { group: text()?, value: value.map(Bytes::copy_from_slice) }
            }
            CONSUMER_GROUP_MEMBER => Self::ConsumerGroupMember {
                group: text()?,
                member: text()?,
                value: decode_value(kind, value, 0)?,
            },
            TARGET_ASSIGNMENT => {
                Self::TargetAssignment { group: text()?, value: decode_value(kind, value, 0)? }
            }
            TARGET_ASSIGNMENT_MEMBER => Self::TargetAssignmentMember {
                group: text()?,
                member: text()?,
                value: decode_value(kind, value, 0)?,
            },
            CURRENT_ASSIGNMENT => Self::CurrentAssignment {
                group: text()?,
                member: text()?,
                value: decode_value(kind, value, 0)?,
            },
            REGULAR_EXPRESSION => Self::RegularExpression {
                group: text()?,
                expression: text()?,
                value: decode_value(kind, value, 0)?,
            },
            kind => Self::Other {
                kind,
                key: Bytes::copy_from_slice(key),
                value: value.map(Bytes::copy_from_slice),
            },
        })
    }
}

/// A record whose key is nothing but strings.
fn plain<const N: usize, V: Message>(
    kind: i16,
    texts: [&str; N],
    value: Option<&V>,
    version: i16,
) -> Result<(Bytes, Option<Bytes>), GroupRecordError> {
    Ok((key(kind, texts)?.finish_whole(), encode_value(kind, value, version)?))
}

fn key<const N: usize>(kind: i16, texts: [&str; N]) -> Result<Writer, GroupRecordError> {
    let mut writer = Writer::new();
    writer.put(&kind.to_be_bytes());
    for text in texts {
        writer.short_length(Some(text.len())).map_err(GroupRecordError::Key)?;
        writer.put(text.as_bytes());
    }
    Ok(writer)
}

fn encode_value<V: Message>(
    kind: i16,
    value: Option<&V>,
    version: i16,
) -> Result<Option<Bytes>, GroupRecordError> {
    let Some(value) = value else { return Ok(None) };
    let mut writer = Writer::new();
    writer.put(&version.to_be_bytes());
    value.encode(&mut writer, version).map_err(|error| GroupRecordError::Value { kind, error })?;
    Ok(Some(writer.finish_whole()))
}

fn decode_value<V: Message>(
    kind: i16,
    value: Option<&[u8]>,
    newest: i16,
) -> Result<Option<V>, GroupRecordError> {
    let Some(value) = value else { return Ok(None) };
    let failed = |error| GroupRecordError::Value { kind, error };
    let mut reader = Reader::new(Bytes::copy_from_slice(value));
    let version = reader.array().map(i16::from_be_bytes).map_err(failed)?;
    if !(0..=newest).contains(&version) {
        return Err(GroupRecordError::UnknownVersion { kind, version });
    }
    V::decode(&mut reader, version).map(Some).map_err(failed)
}
