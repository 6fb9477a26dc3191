//! Record batches: headers, records, every codec. Decompression stays within its bound.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use thalweg_proto::record::{Batch, BatchHeader, Compression, decompress_bounded};

const LIMIT: usize = 1 << 20;

fuzz_target!(|data: &[u8]| {
    let _ = BatchHeader::parse(data);
    if let Ok(batch) = Batch::new(Bytes::copy_from_slice(data)) {
        let _ = batch.verify_crc();
        if let Ok(records) = batch.records(LIMIT) {
            for record in records.iter().flatten() {
                let _ = (record.key, record.value, record.headers.iter().count());
            }
        }
    }
    if let [codec, compressed @ ..] = data
        && let Ok(codec) = Compression::from_id(codec % 5)
        && let Ok(plain) = decompress_bounded(codec, compressed, LIMIT)
    {
        assert!(plain.len() <= LIMIT);
    }
});
