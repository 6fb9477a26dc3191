//! The checksum of record batches: CRC-32C (Castagnoli), which catalogues list as CRC-32/ISCSI.

/// CRC-32C of `bytes`, computed with the machine's vector instructions where it has them.
#[inline]
#[must_use]
pub fn crc32c(bytes: &[u8]) -> u32 {
    crc_fast::crc32_iscsi(bytes)
}
