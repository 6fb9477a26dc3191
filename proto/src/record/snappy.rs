//! Snappy as Kafka clients write it: blocks behind the header of the Java library snappy-java ("xerial"), or one bare
//! block.

use std::io;

use super::compress::Compression;
use super::error::RecordError;

const XERIAL_MAGIC: [u8; 8] = *b"\x82SNAPPY\0";
const XERIAL_VERSIONS: [u8; 8] = [0, 0, 0, 1, 0, 0, 0, 1];
/// snappy-java's default block size.
const BLOCK_BYTES: usize = 32 * 1024;
/// A copy element of three bytes yields at most 64: no honest block expands more.
const MAX_EXPANSION: usize = 22;

pub(super) fn compress(input: &[u8], output: &mut Vec<u8>) -> io::Result<()> {
    output.extend_from_slice(&XERIAL_MAGIC);
    output.extend_from_slice(&XERIAL_VERSIONS);
    let mut encoder = snap::raw::Encoder::new();
    let mut block = vec![0_u8; snap::raw::max_compress_len(BLOCK_BYTES.min(input.len()))];
    for chunk in input.chunks(BLOCK_BYTES) {
        let written = encoder.compress(chunk, &mut block).map_err(io::Error::other)?;
        let compressed = block.get(..written).unwrap_or_default();
        output.extend_from_slice(&(written as u32).to_be_bytes());
        output.extend_from_slice(compressed);
    }
    Ok(())
}

pub(super) fn decompress(input: &[u8], limit: usize) -> Result<Vec<u8>, RecordError> {
    let mut output = Vec::new();
    let Some(rest) = input.strip_prefix(&XERIAL_MAGIC) else {
        append_block(input, limit, &mut output)?;
        return Ok(output);
    };
    // The two version fields are read past: writers have put different numbers there, and no reader minds.
    let mut rest = rest.get(XERIAL_VERSIONS.len()..).ok_or_else(|| malformed("framing header is cut off"))?;
    while !rest.is_empty() {
        let (length, after) =
            rest.split_first_chunk::<4>().ok_or_else(|| malformed("block length is cut off"))?;
        let length = u32::from_be_bytes(*length) as usize;
        let block = after.get(..length).ok_or_else(|| malformed("block is cut off"))?;
        append_block(block, limit, &mut output)?;
        rest = after.get(length..).unwrap_or_default();
    }
    Ok(output)
}

fn append_block(block: &[u8], limit: usize, output: &mut Vec<u8>) -> Result<(), RecordError> {
    let claimed = snap::raw::decompress_len(block).map_err(|error| malformed(&error.to_string()))?;
    let start = output.len();
    let end = start.checked_add(claimed).filter(|&end| end <= limit);
    let end = end.ok_or(RecordError::DecompressedTooLarge { limit })?;
    if claimed > block.len().saturating_mul(MAX_EXPANSION) {
        return Err(malformed("block claims more than its bytes can hold"));
    }
    output.resize(end, 0);
    let target = output.get_mut(start..).unwrap_or_default();
    let written =
        snap::raw::Decoder::new().decompress(block, target).map_err(|error| malformed(&error.to_string()))?;
    output.truncate(start.saturating_add(written));
    Ok(())
}

fn malformed(reason: &str) -> RecordError {
    RecordError::Decompression { codec: Compression::Snappy, reason: reason.to_owned() }
}
