use bytes::{BufMut, Bytes, BytesMut};

use super::WireError;

/// Opaque bytes of at least this length are passed on by reference; shorter ones cost less copied than as a part of
/// their own in a vectored write.
const SPLICE_FROM: usize = 512;

/// Builds a frame: a buffer of its own for everything small, and references to the long byte strings within it.
///
/// One writer serves one connection: [`Writer::finish`] hands out the parts and keeps the buffer's memory, which is used
/// again as soon as the parts are dropped.
#[derive(Debug, Default)]
pub struct Writer {
    buffer: BytesMut,
    splices: Vec<Splice>,
    spliced: usize,
}

#[derive(Debug)]
struct Splice {
    /// Where in the buffer the bytes belong.
    position: usize,
    bytes: Bytes,
}

impl Writer {
    /// An empty writer.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty writer with room for `capacity` bytes.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { buffer: BytesMut::with_capacity(capacity), ..Self::default() }
    }

    /// Bytes written so far, the spliced ones included.
    pub fn len(&self) -> usize {
        self.buffer.len() + self.spliced
    }

    /// Whether nothing was written yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Makes room for `additional` bytes.
    pub fn reserve(&mut self, additional: usize) {
        self.buffer.reserve(additional);
    }

    /// Appends bytes by copying them.
    #[inline]
    pub fn put(&mut self, bytes: &[u8]) {
        self.buffer.put_slice(bytes);
    }

    /// Appends bytes by reference, whatever their length.
    pub fn splice(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.spliced += bytes.len();
            self.splices.push(Splice { position: self.buffer.len(), bytes });
        }
    }

    /// Appends bytes by whichever of copy and reference costs less.
    pub fn put_bytes(&mut self, bytes: &Bytes) {
        if bytes.len() < SPLICE_FROM {
            self.put(bytes);
        } else {
            self.splice(bytes.clone());
        }
    }

    /// Writes an unsigned variable-length integer, seven bits a byte, lowest first.
    #[inline]
    pub fn unsigned_varint(&mut self, value: u32) {
        let (bytes, length) = varint(value);
        self.put(bytes.get(..length).unwrap_or_default());
    }

    /// Writes a length as count plus one, zero for null (the compact encoding of KIP-482).
    #[inline]
    pub fn compact_length(&mut self, length: Option<usize>) -> Result<(), WireError> {
        let Some(length) = length else {
            self.unsigned_varint(0);
            return Ok(());
        };
        let length = i32::try_from(length).map_err(|_| WireError::TooLong(length))?;
        self.unsigned_varint(length.unsigned_abs() + 1);
        Ok(())
    }

    /// Writes a 16-bit length, -1 for null.
    #[inline]
    pub fn short_length(&mut self, length: Option<usize>) -> Result<(), WireError> {
        let length =
            length.map_or(Ok(-1), |length| i16::try_from(length).map_err(|_| WireError::TooLong(length)))?;
        self.put(&length.to_be_bytes());
        Ok(())
    }

    /// Writes a 32-bit length, -1 for null.
    #[inline]
    pub fn long_length(&mut self, length: Option<usize>) -> Result<(), WireError> {
        let length =
            length.map_or(Ok(-1), |length| i32::try_from(length).map_err(|_| WireError::TooLong(length)))?;
        self.put(&length.to_be_bytes());
        Ok(())
    }

    /// Writes one tagged field: the tag, the size of what `value` writes, and that.
    pub fn tagged_field(
        &mut self,
        tag: u32,
        value: impl FnOnce(&mut Self) -> Result<(), WireError>,
    ) -> Result<(), WireError> {
        self.unsigned_varint(tag);
        let start = self.buffer.len();
        let before = self.len();
        let first_splice = self.splices.len();
        value(self)?;
        let size = self.len() - before;
        let (prefix, prefix_length) = varint(u32::try_from(size).map_err(|_| WireError::TooLong(size))?);
        // The size goes before what it measures: append it, then turn the tail around into place.
        self.put(prefix.get(..prefix_length).unwrap_or_default());
        if let Some(tail) = self.buffer.get_mut(start..) {
            tail.rotate_right(prefix_length);
        }
        for splice in self.splices.iter_mut().skip(first_splice) {
            splice.position += prefix_length;
        }
        Ok(())
    }

    /// Overwrites four bytes written before, at `position` in the frame, which must lie before the first splice.
    ///
    /// This is how a frame's length gets to its head.
    pub fn patch(&mut self, position: usize, bytes: [u8; 4]) {
        if let Some(place) = self.buffer.get_mut(position..position + 4) {
            place.copy_from_slice(&bytes);
        }
    }

    /// Hands out the frame as parts for one vectored write, and starts anew.
    pub fn finish(&mut self) -> Vec<Bytes> {
        let mut parts = Vec::with_capacity(self.splices.len() * 2 + 1);
        self.finish_into(&mut parts);
        parts
    }

    /// As [`Writer::finish`], in one piece.
    pub fn finish_whole(&mut self) -> Bytes {
        let mut parts = self.finish();
        match parts.len() {
            1 => parts.pop().unwrap_or_default(),
            _ => parts.concat().into(),
        }
    }

    /// As [`Writer::finish`], appending the parts to `parts`.
    pub fn finish_into(&mut self, parts: &mut impl Extend<Bytes>) {
        let mut head = self.buffer.split().freeze();
        let mut taken = 0;
        for Splice { position, bytes } in self.splices.drain(..) {
            let before = head.split_to(position - taken);
            taken = position;
            parts.extend((!before.is_empty()).then_some(before));
            parts.extend([bytes]);
        }
        parts.extend((!head.is_empty()).then_some(head));
        self.spliced = 0;
    }

    /// Throws away what was written.
    pub fn clear(&mut self) {
        self.buffer.clear();
        self.splices.clear();
        self.spliced = 0;
    }
}

/// A variable-length integer and its length.
#[inline]
fn varint(mut value: u32) -> ([u8; 5], usize) {
    let mut bytes = [0; 5];
    let mut length = 0;
    for place in &mut bytes {
        length += 1;
        *place = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            break;
        }
        *place |= 0x80;
    }
    (bytes, length)
}
