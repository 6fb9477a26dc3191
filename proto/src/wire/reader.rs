use bytes::{Buf, Bytes};

use super::WireError;

/// How many bytes of decoded structure one byte of a frame may pay for.
const BUDGET_FACTOR: usize = 16;
/// What every frame may claim besides, so that short messages never come near the limit.
const BUDGET_BASE: usize = 64 * 1024;

/// A cursor over one frame. Every read is checked against what remains.
///
/// Arrays are paid for from a budget proportional to the frame's length, so no decoder can be made to allocate more than
/// a small multiple of the bytes that were really sent.
#[derive(Debug, Clone)]
pub struct Reader {
    bytes: Bytes,
    budget: usize,
}

impl Reader {
    /// A reader over a whole frame.
    pub fn new(frame: Bytes) -> Self {
        let budget = frame.len().saturating_mul(BUDGET_FACTOR).saturating_add(BUDGET_BASE);
        Self { bytes: frame, budget }
    }

    /// Bytes not read yet.
    pub fn remaining(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes not read yet, as a slice of the frame.
    pub fn into_rest(self) -> Bytes {
        self.bytes
    }

    /// Succeeds where nothing is left.
    ///
    /// # Errors
    /// [`WireError::Trailing`] with the number of bytes left.
    pub fn finish(&self) -> Result<(), WireError> {
        match self.bytes.len() {
            0 => Ok(()),
            left => Err(WireError::Trailing(left)),
        }
    }

    fn truncated(&self, needed: usize) -> WireError {
        WireError::Truncated { needed, remaining: self.bytes.len() }
    }

    /// Reads `N` bytes as they lie.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let Some(chunk) = self.bytes.first_chunk::<N>().copied() else { return Err(self.truncated(N)) };
        self.bytes.advance(N);
        Ok(chunk)
    }

    /// Takes the next `length` bytes as a slice of the frame.
    #[inline]
    pub fn take(&mut self, length: usize) -> Result<Bytes, WireError> {
        if length > self.bytes.len() {
            return Err(self.truncated(length));
        }
        Ok(self.bytes.split_to(length))
    }

    /// Passes over `length` bytes.
    pub fn skip(&mut self, length: usize) -> Result<(), WireError> {
        if length > self.bytes.len() {
            return Err(self.truncated(length));
        }
        self.bytes.advance(length);
        Ok(())
    }

    /// Reads an unsigned variable-length integer of at most 32 bits, seven bits a byte, lowest first.
    #[inline]
    pub fn unsigned_varint(&mut self) -> Result<u32, WireError> {
        let mut value = 0u32;
        for shift in [0, 7, 14, 21, 28] {
            let [byte] = self.array::<1>()?;
            let bits = u32::from(byte & 0x7f);
            if shift == 28 && byte > 0x0f {
                return Err(WireError::Varint);
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(WireError::Varint)
    }

    /// Reads a length that stands as a count plus one, where zero means null (the compact encoding of KIP-482).
    #[inline]
    pub fn compact_length(&mut self) -> Result<Option<usize>, WireError> {
        Ok(self.unsigned_varint()?.checked_sub(1).map(|length| length as usize))
    }

    /// Reads a 16-bit length, where -1 means null.
    #[inline]
    pub fn short_length(&mut self) -> Result<Option<usize>, WireError> {
        length(i64::from(i16::from_be_bytes(self.array()?)))
    }

    /// Reads a 32-bit length, where -1 means null.
    #[inline]
    pub fn long_length(&mut self) -> Result<Option<usize>, WireError> {
        length(i64::from(i32::from_be_bytes(self.array()?)))
    }

    /// A vector with room for `count` elements that are still to be read, each of at least one byte.
    ///
    /// # Errors
    /// Where that many elements cannot be in what remains, or would take more memory than the frame pays for.
    pub fn vector<T>(&mut self, count: usize) -> Result<Vec<T>, WireError> {
        if count > self.bytes.len() {
            return Err(WireError::Length(i64::try_from(count).unwrap_or(i64::MAX)));
        }
        let cost = count.saturating_mul(size_of::<T>());
        self.budget = self.budget.checked_sub(cost).ok_or(WireError::Budget(cost))?;
        Ok(Vec::with_capacity(count))
    }

    /// Reads a section of tagged fields: `known` gets each tag with a reader over exactly its bytes and says whether it
    /// took the field; fields it does not know are passed over.
    pub fn tagged_fields(
        &mut self,
        mut known: impl FnMut(u32, &mut Reader) -> Result<bool, WireError>,
    ) -> Result<(), WireError> {
        // Each field takes two bytes at least, so a false count ends at the end of the frame.
        for _ in 0..self.unsigned_varint()? {
            let tag = self.unsigned_varint()?;
            let size = self.unsigned_varint()? as usize;
            let mut field = Reader { bytes: self.take(size)?, budget: self.budget };
            if known(tag, &mut field)? {
                field.finish()?;
            }
            self.budget = field.budget;
        }
        Ok(())
    }
}

#[inline]
fn length(length: i64) -> Result<Option<usize>, WireError> {
    match length {
        // Kafka takes every negative length for null.
        ..0 => Ok(None),
        _ => usize::try_from(length).map(Some).map_err(|_| WireError::Length(length)),
    }
}
