use std::io::{self, Read};

use super::compress::Compression;
use super::error::RecordError;
use super::snappy;

/// Largest zstd window accepted, as a power of two: 128 MiB, the bound of the Java client's library. The window's pages
/// are touched only as output is produced, which the caller's limit bounds.
const ZSTD_WINDOW_LOG_MAX: u32 = 27;

pub(super) fn decompress_bounded(
    codec: Compression,
    input: &[u8],
    limit: usize,
) -> Result<Vec<u8>, RecordError> {
    let malformed = |error: io::Error| RecordError::Decompression { codec, reason: error.to_string() };
    match codec {
        Compression::None if input.len() > limit => Err(RecordError::DecompressedTooLarge { limit }),
        Compression::None => Ok(input.to_vec()),
        Compression::Snappy => snappy::decompress(input, limit),
        Compression::Gzip => {
            read_bounded(flate2::bufread::MultiGzDecoder::new(input), codec, input.len(), limit)
        }
        Compression::Lz4 => {
            read_bounded(lz4_flex::frame::FrameDecoder::new(input), codec, input.len(), limit)
        }
        Compression::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(input).map_err(malformed)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG_MAX).map_err(malformed)?;
            read_bounded(decoder, codec, input.len(), limit)
        }
    }
}

/// Reads one byte past the limit at most, so that a bomb costs no more than an honest batch of the allowed size.
fn read_bounded(
    decoder: impl Read,
    codec: Compression,
    compressed: usize,
    limit: usize,
) -> Result<Vec<u8>, RecordError> {
    let mut output = Vec::with_capacity(compressed.saturating_mul(3).min(limit));
    decoder
        .take((limit as u64).saturating_add(1))
        .read_to_end(&mut output)
        .map_err(|error| RecordError::Decompression { codec, reason: error.to_string() })?;
    if output.len() > limit {
        return Err(RecordError::DecompressedTooLarge { limit });
    }
    Ok(output)
}
