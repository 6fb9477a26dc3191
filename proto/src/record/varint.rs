//! Zigzag variable-length integers as Kafka's `ByteUtils` writes them: at most 5 bytes for 32 bits, 10 for 64.

use super::error::RecordError;

/// Takes a zigzag varint of at most 32 bits off the front of `input`.
///
/// # Errors
/// [`RecordError::InvalidVarint`] when the input ends inside the number, [`RecordError::OverlongVarint`] when the number is
/// longer than five bytes.
#[inline]
pub fn take_varint(input: &mut &[u8]) -> Result<i32, RecordError> {
    let raw = take_unsigned(input, 5)?;
    // A fifth byte may carry bits above the 32nd; Kafka's reader drops them, as the cast does.
    let raw = raw as u32;
    Ok(((raw >> 1) as i32) ^ -((raw & 1) as i32))
}

/// Takes a zigzag varlong of at most 64 bits off the front of `input`.
///
/// # Errors
/// [`RecordError::InvalidVarint`] when the input ends inside the number, [`RecordError::OverlongVarint`] when the number is
/// longer than ten bytes.
#[inline]
pub fn take_varlong(input: &mut &[u8]) -> Result<i64, RecordError> {
    let raw = take_unsigned(input, 10)?;
    Ok(((raw >> 1) as i64) ^ -((raw & 1) as i64))
}

#[inline]
fn take_unsigned(input: &mut &[u8], longest: u32) -> Result<u64, RecordError> {
    let mut value = 0_u64;
    for position in 0..longest {
        let (&byte, rest) = input.split_first().ok_or(RecordError::InvalidVarint)?;
        *input = rest;
        value |= u64::from(byte & 0x7f) << (7 * position);
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(RecordError::OverlongVarint)
}

/// Appends `value` as a zigzag varint.
#[inline]
pub fn put_varint(output: &mut Vec<u8>, value: i32) {
    put_unsigned(output, u64::from(((value << 1) ^ (value >> 31)) as u32));
}

/// Appends `value` as a zigzag varlong.
#[inline]
pub fn put_varlong(output: &mut Vec<u8>, value: i64) {
    put_unsigned(output, ((value << 1) ^ (value >> 63)) as u64);
}

#[inline]
fn put_unsigned(output: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        output.push((value as u8) | 0x80);
        value >>= 7;
    }
    output.push(value as u8);
}

/// Bytes that [`put_varint`] writes for `value`.
#[inline]
#[must_use]
pub fn varint_bytes(value: i32) -> usize {
    unsigned_bytes(u64::from(((value << 1) ^ (value >> 31)) as u32))
}

/// Bytes that [`put_varlong`] writes for `value`.
#[inline]
#[must_use]
pub fn varlong_bytes(value: i64) -> usize {
    unsigned_bytes(((value << 1) ^ (value >> 63)) as u64)
}

#[inline]
fn unsigned_bytes(value: u64) -> usize {
    let bits = 64 - (value | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}
