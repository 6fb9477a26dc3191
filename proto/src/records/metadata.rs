//! Records of `__cluster_metadata-0`: the history of topics, partitions and configurations.
//!
//! A record is the value of a record of a v2 batch, without a key. Its form is our own:
//!
//! ```text
//! version u8 = 0 | kind u8 | body
//!   kind 1  topic created          id 16 bytes | name | partitions i32 | count u32, then count × (key | value)
//!   kind 2  topic deleted          id 16 bytes
//!   kind 3  partitions added       id 16 bytes | partitions i32, counting those it had
//!   kind 4  config set             resource u8 (Kafka's numbers) | resource name | key | present u8 | value if present = 1
//!   kind 5  producer ids allocated next i64, the first id that nobody has yet
//!   kind 6  snapshot started       all that was said before no longer counts
//!   kind 7  snapshot ended
//! string = length u32 | UTF-8. Numbers are big-endian.
//! ```
//!
//! A version or a kind that is not known stops the reader: it was written by a later release, and to skip it would lose topics.

use std::collections::BTreeMap;

use uuid::Uuid;

/// The version that is written.
const VERSION: u8 = 0;

/// Something that has happened to the cluster's metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// A topic was made.
    TopicCreated {
        /// Its id, never used before or again.
        id: Uuid,
        /// Its name.
        name: String,
        /// How many partitions.
        partitions: i32,
        /// The configurations that were set for it.
        configs: BTreeMap<String, String>,
    },
    /// A topic was removed, with its configurations.
    TopicDeleted {
        /// Its id.
        id: Uuid,
    },
    /// A topic got more partitions.
    PartitionsAdded {
        /// The topic's id.
        id: Uuid,
        /// How many it has now.
        partitions: i32,
    },
    /// A configuration was set or taken back.
    ConfigSet {
        /// Whose configuration.
        resource: ConfigResource,
        /// Its name.
        key: String,
        /// The value; none when the default holds again.
        value: Option<String>,
    },
    /// Producer ids were reserved.
    ProducerIdsAllocated {
        /// The first id that nobody has yet.
        next: i64,
    },
    /// What follows, up to [`Record::SnapshotEnded`], is the whole state.
    SnapshotStarted,
    /// The whole state has been told.
    SnapshotEnded,
}

/// Whose configuration: a kind of resource and its name. The broker with an empty name is the default of all brokers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConfigResource {
    /// The kind.
    pub kind: ResourceKind,
    /// Topic name, node id, group id or subscription.
    pub name: String,
}

/// Kinds of resources that have configurations, with Kafka's numbers (`ConfigResource.Type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum ResourceKind {
    /// A topic.
    Topic = 2,
    /// A broker, or all of them.
    Broker = 4,
    /// The loggers of a broker.
    BrokerLogger = 8,
    /// A subscription to client metrics (KIP-714).
    ClientMetrics = 16,
    /// A group (KIP-848).
    Group = 32,
}

impl ResourceKind {
    /// The kind of one of Kafka's numbers.
    pub fn from_number(number: i8) -> Option<Self> {
        match number {
            2 => Some(Self::Topic),
            4 => Some(Self::Broker),
            8 => Some(Self::BrokerLogger),
            16 => Some(Self::ClientMetrics),
            32 => Some(Self::Group),
            _ => None,
        }
    }
}

/// Why bytes are no record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetadataRecordError {
    /// The bytes end too early, or a length points beyond them.
    #[error("a metadata record ends too early")]
    Truncated,
    /// Bytes remain behind the record.
    #[error("a metadata record has {0} bytes too many")]
    TrailingBytes(usize),
    /// A release that is newer than this one wrote it.
    #[error("metadata record version {0} is not known to this release")]
    UnknownVersion(u8),
    /// As above.
    #[error("metadata record kind {0} is not known to this release")]
    UnknownKind(u8),
    /// A value that cannot be.
    #[error("a metadata record has an invalid {0}")]
    Invalid(&'static str),
}

impl Record {
    /// The record's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        match self {
            Self::TopicCreated { id, name, partitions, configs } => {
                out.push(1);
                out.extend_from_slice(id.as_bytes());
                put_string(&mut out, name);
                out.extend_from_slice(&partitions.to_be_bytes());
                put_length(&mut out, configs.len());
                for (key, value) in configs {
                    put_string(&mut out, key);
                    put_string(&mut out, value);
                }
            }
            Self::TopicDeleted { id } => {
                out.push(2);
                out.extend_from_slice(id.as_bytes());
            }
            Self::PartitionsAdded { id, partitions } => {
                out.push(3);
                out.extend_from_slice(id.as_bytes());
                out.extend_from_slice(&partitions.to_be_bytes());
            }
            Self::ConfigSet { resource, key, value } => {
                out.extend_from_slice(&[4, resource.kind as u8]);
                put_string(&mut out, &resource.name);
                put_string(&mut out, key);
                out.push(u8::from(value.is_some()));
                if let Some(value) = value {
                    put_string(&mut out, value);
                }
            }
            Self::ProducerIdsAllocated { next } => {
                out.push(5);
                out.extend_from_slice(&next.to_be_bytes());
            }
            Self::SnapshotStarted => out.push(6),
            Self::SnapshotEnded => out.push(7),
        }
        out
    }

    /// Reads one record. Allocates no more than the bytes that are there.
    pub fn decode(bytes: &[u8]) -> Result<Self, MetadataRecordError> {
        let mut rest = Cursor { rest: bytes };
        let version = rest.u8()?;
        if version != VERSION {
            return Err(MetadataRecordError::UnknownVersion(version));
        }
        let record = match rest.u8()? {
            1 => Self::TopicCreated {
                id: rest.id()?,
                name: rest.string()?,
                partitions: rest.partitions()?,
                configs: rest.map()?,
            },
            2 => Self::TopicDeleted { id: rest.id()? },
            3 => Self::PartitionsAdded { id: rest.id()?, partitions: rest.partitions()? },
            4 => Self::ConfigSet {
                resource: ConfigResource { kind: rest.kind()?, name: rest.string()? },
                key: rest.string()?,
                value: rest.optional_string()?,
            },
            5 => Self::ProducerIdsAllocated { next: i64::from_be_bytes(rest.array()?) },
            6 => Self::SnapshotStarted,
            7 => Self::SnapshotEnded,
            kind => return Err(MetadataRecordError::UnknownKind(kind)),
        };
        match rest.rest.len() {
            0 => Ok(record),
            more => Err(MetadataRecordError::TrailingBytes(more)),
        }
    }
}

fn put_length(out: &mut Vec<u8>, length: usize) {
    out.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
}

fn put_string(out: &mut Vec<u8>, text: &str) {
    put_length(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], MetadataRecordError> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(MetadataRecordError::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], MetadataRecordError> {
        self.take(N)?.try_into().map_err(|_| MetadataRecordError::Truncated)
    }

    fn u8(&mut self) -> Result<u8, MetadataRecordError> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    fn id(&mut self) -> Result<Uuid, MetadataRecordError> {
        Ok(Uuid::from_bytes(self.array()?))
    }

    fn partitions(&mut self) -> Result<i32, MetadataRecordError> {
        match i32::from_be_bytes(self.array()?) {
            count if count > 0 => Ok(count),
            _ => Err(MetadataRecordError::Invalid("number of partitions")),
        }
    }

    fn kind(&mut self) -> Result<ResourceKind, MetadataRecordError> {
        let number = i8::from_be_bytes(self.array()?);
        ResourceKind::from_number(number).ok_or(MetadataRecordError::Invalid("kind of resource"))
    }

    fn length(&mut self) -> Result<usize, MetadataRecordError> {
        usize::try_from(u32::from_be_bytes(self.array()?)).map_err(|_| MetadataRecordError::Truncated)
    }

    fn string(&mut self) -> Result<String, MetadataRecordError> {
        let length = self.length()?;
        let bytes = self.take(length)?;
        let text = std::str::from_utf8(bytes).map_err(|_| MetadataRecordError::Invalid("string"))?;
        Ok(text.to_owned())
    }

    fn optional_string(&mut self) -> Result<Option<String>, MetadataRecordError> {
        match self.u8()? {
            0 => Ok(None),
            1 => self.string().map(Some),
            _ => Err(MetadataRecordError::Invalid("mark of a value")),
        }
    }

    fn map(&mut self) -> Result<BTreeMap<String, String>, MetadataRecordError> {
        let count = self.length()?;
        let mut map = BTreeMap::new();
        for _ in 0..count {
            let key = self.string()?;
            map.insert(key, self.string()?);
        }
        Ok(map)
    }
}
