//! Control records: the transaction markers that clients skip and brokers read (KIP-98).

use bytes::Buf;

use super::error::RecordError;
use super::single::Record;

/// What a control record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ControlKind {
    /// The producer's transaction was aborted.
    Abort,
    /// The producer's transaction was committed.
    Commit,
    /// A type of another use (KRaft's) or of a later version; to be skipped.
    Other(i16),
}

impl ControlKind {
    /// The type's number in a control record's key.
    #[must_use]
    pub fn id(self) -> i16 {
        match self {
            Self::Abort => 0,
            Self::Commit => 1,
            Self::Other(id) => id,
        }
    }
}

/// A control record, decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ControlRecord {
    /// Version of the key; 0 so far.
    pub version: i16,
    /// The type.
    pub kind: ControlKind,
    /// Epoch of the coordinator that wrote a transaction marker; -1 for other types.
    pub coordinator_epoch: i32,
}

impl ControlRecord {
    /// Decodes `record`, which must come from a control batch.
    ///
    /// # Errors
    /// [`RecordError::InvalidControlRecord`] when key or value are too short, or the version is negative.
    pub fn parse(record: &Record<'_>) -> Result<Self, RecordError> {
        let mut key = record.key.unwrap_or_default();
        let invalid = |_| RecordError::InvalidControlRecord;
        let version = key.try_get_i16().map_err(invalid)?;
        let kind = match key.try_get_i16().map_err(invalid)? {
            0 => ControlKind::Abort,
            1 => ControlKind::Commit,
            other => ControlKind::Other(other),
        };
        if version < 0 {
            return Err(RecordError::InvalidControlRecord);
        }
        let coordinator_epoch = match kind {
            ControlKind::Other(_) => -1,
            ControlKind::Abort | ControlKind::Commit => {
                let mut value = record.value.unwrap_or_default();
                value.try_get_i16().map_err(invalid)?;
                value.try_get_i32().map_err(invalid)?
            }
        };
        Ok(Self { version, kind, coordinator_epoch })
    }

    /// Key and value of a transaction marker, both of version 0.
    #[must_use]
    pub fn marker(kind: ControlKind, coordinator_epoch: i32) -> ([u8; 4], [u8; 6]) {
        let [high, low] = kind.id().to_be_bytes();
        let [a, b, c, d] = coordinator_epoch.to_be_bytes();
        ([0, 0, high, low], [0, 0, a, b, c, d])
    }
}
