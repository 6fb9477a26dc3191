//! Record batches, with every codec: whatever the bytes are, decompression stays within its bound.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use thalweg_proto::record::{Batches, Compression, decompress_bounded};

/// Most bytes that one batch may decompress to here.
const LIMIT: usize = 1 << 20;

fuzz_target!(|input: &[u8]| {
    // The raw codecs too: in a batch they are reached only behind a header that fits.
    if let [which, rest @ ..] = input {
        let codec = Compression::ALL[usize::from(*which) % Compression::ALL.len()];
        if let Ok(bytes) = decompress_bounded(codec, rest, LIMIT) {
            assert!(bytes.len() <= LIMIT);
        }
    }
    for batch in Batches::new(Bytes::copy_from_slice(input)) {
        let Ok(batch) = batch else { break };
        let _ = batch.verify_crc();
        let Ok(records) = batch.records(LIMIT) else { continue };
        assert!(records.bytes().len() <= LIMIT.max(input.len()));
        for record in &records {
            let Ok(record) = record else { break };
            assert_eq!(record.headers.iter().count(), record.headers.len());
        }
    }
});
