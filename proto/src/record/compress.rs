//! The codecs of record batches, at each library's default level unless one is asked for.

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use super::error::RecordError;
use super::{decompress, snappy};

/// How the records of a batch are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// RFC 1952.
    Gzip,
    /// Snappy blocks in the xerial framing, as the Java client writes them; bare blocks are read too.
    Snappy,
    /// The LZ4 frame format with independent 64 KiB blocks, the only ones the Java client reads.
    Lz4,
    /// Zstandard (KIP-110).
    Zstd,
}

impl Compression {
    /// Every codec, in the order of their ids.
    pub const ALL: [Self; 5] = [Self::None, Self::Gzip, Self::Snappy, Self::Lz4, Self::Zstd];

    /// The codec of the three compression bits of a batch's attributes.
    ///
    /// # Errors
    /// [`RecordError::UnknownCompression`] for values above 4.
    pub fn from_id(id: u8) -> Result<Self, RecordError> {
        Self::ALL.get(usize::from(id)).copied().ok_or(RecordError::UnknownCompression(id))
    }

    /// The value of the compression bits.
    #[must_use]
    pub fn id(self) -> u8 {
        self as u8
    }

    /// Kafka's name, as in `compression.type`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A name that is none of Kafka's codecs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown codec \"{0}\"; known are none, gzip, snappy, lz4 and zstd")]
pub struct UnknownCodec(pub String);

impl FromStr for Compression {
    type Err = UnknownCodec;

    fn from_str(name: &str) -> Result<Self, UnknownCodec> {
        Self::ALL.into_iter().find(|codec| codec.name() == name).ok_or_else(|| UnknownCodec(name.to_owned()))
    }
}

/// Appends `input` to `output`, compressed with `codec` at its default level, or at `level` (gzip and zstd alone have
/// levels here).
///
/// # Errors
/// [`RecordError::CompressionFailed`] with the codec's own words.
pub fn compress(
    codec: Compression,
    level: Option<i32>,
    input: &[u8],
    output: &mut Vec<u8>,
) -> Result<(), RecordError> {
    let result = match codec {
        Compression::None => {
            output.extend_from_slice(input);
            Ok(())
        }
        Compression::Gzip => gzip(level, input, output),
        Compression::Snappy => snappy::compress(input, output),
        Compression::Lz4 => lz4(input, output),
        Compression::Zstd => zstd_frame(level, input, output),
    };
    result.map_err(|error| RecordError::CompressionFailed { codec, reason: error.to_string() })
}

fn gzip(level: Option<i32>, input: &[u8], output: &mut Vec<u8>) -> io::Result<()> {
    let level = match level.and_then(|level| u32::try_from(level).ok()) {
        Some(level) => flate2::Compression::new(level.min(9)),
        None => flate2::Compression::default(),
    };
    let mut encoder = flate2::write::GzEncoder::new(output, level);
    encoder.write_all(input)?;
    encoder.finish()?;
    Ok(())
}

fn lz4(input: &[u8], output: &mut Vec<u8>) -> io::Result<()> {
    use lz4_flex::frame::{BlockMode, BlockSize, FrameEncoder, FrameInfo};
    let info = FrameInfo::new().block_size(BlockSize::Max64KB).block_mode(BlockMode::Independent);
    let mut encoder = FrameEncoder::with_frame_info(info, output);
    encoder.write_all(input)?;
    encoder.finish().map_err(io::Error::other)?;
    Ok(())
}

fn zstd_frame(level: Option<i32>, input: &[u8], output: &mut Vec<u8>) -> io::Result<()> {
    let mut encoder =
        zstd::stream::write::Encoder::new(output, level.unwrap_or(zstd::DEFAULT_COMPRESSION_LEVEL))?;
    // The size in the frame lets a reader allocate once, and keeps its window no larger than the records.
    encoder.set_pledged_src_size(Some(input.len() as u64))?;
    encoder.write_all(input)?;
    encoder.finish()?;
    Ok(())
}

/// Decompresses `input` into at most `limit` bytes; the bound holds while decoding, not after it.
///
/// # Errors
/// [`RecordError::DecompressedTooLarge`] past the bound, [`RecordError::Decompression`] on malformed input.
pub fn decompress_bounded(codec: Compression, input: &[u8], limit: usize) -> Result<Vec<u8>, RecordError> {
    decompress::decompress_bounded(codec, input, limit)
}
