//! Request and response headers, as they come and in each version.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use thalweg_proto::{
    frame::{RequestHeader, ResponseHeader},
    wire::{Reader, Writer},
};

fuzz_target!(|input: &[u8]| {
    let reader = Reader::new(Bytes::copy_from_slice(input));
    let _ = RequestHeader::decode(&mut reader.clone());
    for version in 0..=2 {
        let Ok(header) = RequestHeader::decode_version(&mut reader.clone(), version) else { continue };
        let mut writer = Writer::new();
        header.encode(&mut writer, version).expect("what was read can be written");
        let mut again = Reader::new(writer.finish().concat().into());
        assert_eq!(RequestHeader::decode_version(&mut again, version), Ok(header));
    }
    for version in 0..=1 {
        let _ = ResponseHeader::decode(&mut reader.clone(), version);
    }
});
