//! One record inside a batch, borrowed from its bytes.

use super::error::RecordError;
use super::varint::{take_varint, take_varlong};

/// The shortest record: seven fields of one byte each.
pub const MIN_RECORD_BYTES: usize = 7;

/// A record as it lies in its batch.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// The record's offset in its partition.
    pub offset: i64,
    /// The offset relative to the batch's base offset.
    pub offset_delta: i32,
    /// Milliseconds since the epoch: the record's own, or the batch's append time; -1 if it has none.
    pub timestamp: i64,
    /// The key, `None` where it is null.
    pub key: Option<&'a [u8]>,
    /// The value, `None` where it is null: a tombstone in a compacted topic.
    pub value: Option<&'a [u8]>,
    /// The headers in the producer's order, duplicates included.
    pub headers: Headers<'a>,
}

/// A header of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header<'a> {
    /// The key. UTF-8 by Kafka's contract, which no broker enforces.
    pub key: &'a [u8],
    /// The value, which may be null.
    pub value: Option<&'a [u8]>,
}

/// The headers of a record, checked when the record was parsed and decoded again on iteration, without allocation.
#[derive(Debug, Clone, Copy, Default)]
pub struct Headers<'a> {
    bytes: &'a [u8],
    count: usize,
}

impl<'a> Headers<'a> {
    /// Number of headers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The headers in order.
    #[must_use]
    pub fn iter(&self) -> HeaderIter<'a> {
        HeaderIter { bytes: self.bytes, left: self.count }
    }
}

impl<'a> IntoIterator for Headers<'a> {
    type Item = Header<'a>;
    type IntoIter = HeaderIter<'a>;

    fn into_iter(self) -> HeaderIter<'a> {
        self.iter()
    }
}

/// Iterator of [`Headers`].
#[derive(Debug, Clone)]
pub struct HeaderIter<'a> {
    bytes: &'a [u8],
    left: usize,
}

impl<'a> Iterator for HeaderIter<'a> {
    type Item = Header<'a>;

    fn next(&mut self) -> Option<Header<'a>> {
        self.left = self.left.checked_sub(1)?;
        take_header(&mut self.bytes).ok()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

/// Fields of a record before they are put in relation to the batch.
pub(super) struct RawRecord<'a> {
    pub timestamp_delta: i64,
    pub offset_delta: i32,
    pub key: Option<&'a [u8]>,
    pub value: Option<&'a [u8]>,
    pub headers: Headers<'a>,
}

/// Takes one record off the front of `input`.
#[inline]
pub(super) fn take_record<'a>(input: &mut &'a [u8]) -> Result<RawRecord<'a>, RecordError> {
    let declared = take_varint(input)?;
    let body = take_slice(input, declared, "record")?;
    // Kafka tells an overlong number in front of a record from one inside it, which is broken like any other field.
    take_fields(body).map_err(|error| match error {
        RecordError::OverlongVarint => RecordError::InvalidVarint,
        error => error,
    })
}

#[inline]
fn take_fields(mut body: &[u8]) -> Result<RawRecord<'_>, RecordError> {
    let declared = body.len();
    // The record's attributes are unused in format 2; readers skip them whatever they hold.
    let (_attributes, rest) = body.split_first().ok_or(RecordError::InvalidVarint)?;
    body = rest;
    let timestamp_delta = take_varlong(&mut body)?;
    let offset_delta = take_varint(&mut body)?;
    let key = take_nullable(&mut body, "key")?;
    let value = take_nullable(&mut body, "value")?;
    let headers = take_headers(&mut body)?;
    if !body.is_empty() {
        return Err(RecordError::RecordSizeMismatch { declared, read: declared.saturating_sub(body.len()) });
    }
    Ok(RawRecord { timestamp_delta, offset_delta, key, value, headers })
}

fn take_headers<'a>(body: &mut &'a [u8]) -> Result<Headers<'a>, RecordError> {
    let count = take_varint(body)?;
    // A header takes two bytes at least, so a count that the bytes cannot hold is refused before the walk.
    let valid = usize::try_from(count).ok().filter(|count| count.saturating_mul(2) <= body.len());
    let count = valid.ok_or(RecordError::InvalidLength {
        field: "headers",
        length: i64::from(count),
        available: body.len(),
    })?;
    let bytes = *body;
    for _ in 0..count {
        take_header(body)?;
    }
    Ok(Headers { bytes, count })
}

fn take_header<'a>(input: &mut &'a [u8]) -> Result<Header<'a>, RecordError> {
    let length = take_varint(input)?;
    let key = take_slice(input, length, "header key")?;
    let value = take_nullable(input, "header value")?;
    Ok(Header { key, value })
}

#[inline]
fn take_nullable<'a>(input: &mut &'a [u8], field: &'static str) -> Result<Option<&'a [u8]>, RecordError> {
    match take_varint(input)? {
        // Writers say -1; Kafka's reader takes any negative length for null.
        ..=-1 => Ok(None),
        length => take_slice(input, length, field).map(Some),
    }
}

#[inline]
fn take_slice<'a>(input: &mut &'a [u8], length: i32, field: &'static str) -> Result<&'a [u8], RecordError> {
    let taken = usize::try_from(length).ok().and_then(|length| input.split_at_checked(length));
    let (slice, rest) = taken.ok_or(RecordError::InvalidLength {
        field,
        length: i64::from(length),
        available: input.len(),
    })?;
    *input = rest;
    Ok(slice)
}
