use std::io::{self, Read};

use super::compress::Compression;
use super::error::RecordError;
use super::snappy;

/// Largest zstd window accepted, as a power of two: 128 MiB, the bound of the Java client's library. The window's pages
/// are touched only as output is produced, which the caller's limit bounds.
const ZSTD_WINDOW_LOG_MAX: u32 = 27;

/// How a gzip member begins: its magic and the one method there is.
const GZIP_MEMBER: [u8; 3] = [0x1f, 0x8b, 8];

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
        Compression::Gzip => gunzip(input, limit),
        Compression::Lz4 if input.is_empty() => Err(malformed(io::ErrorKind::UnexpectedEof.into())),
        Compression::Lz4 => {
            read_bounded(lz4_flex::frame::FrameDecoder::new(input), codec, input.len(), limit)
        }
        // No frame at all is an empty stream to Kafka's zstd reader, and to none of its others.
        Compression::Zstd if input.is_empty() => Ok(Vec::new()),
        Compression::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(input).map_err(malformed)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG_MAX).map_err(malformed)?;
            read_bounded(decoder, codec, input.len(), limit)
        }
    }
}

/// The members of a gzip stream. As in Java, bytes behind a whole member that do not begin another are left alone.
fn gunzip(input: &[u8], limit: usize) -> Result<Vec<u8>, RecordError> {
    let mut member = flate2::bufread::GzDecoder::new(input);
    let mut output = read_bounded(&mut member, Compression::Gzip, input.len(), limit)?;
    let mut rest = member.into_inner();
    while rest.starts_with(&GZIP_MEMBER) {
        let mut member = flate2::bufread::GzDecoder::new(rest);
        let more = read_bounded(&mut member, Compression::Gzip, rest.len(), limit - output.len())?;
        output.extend_from_slice(&more);
        rest = member.into_inner();
    }
    Ok(output)
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
