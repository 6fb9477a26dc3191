//! Every decoder of a request or response: the first byte says which, the second in which version.
//! What can be read can be written, and reads the same again.
#![no_main]

use std::sync::LazyLock;

use bytes::Bytes;
use libfuzzer_sys::{Corpus, fuzz_target};

#[path = "../../tests/wire/catalog.rs"]
#[allow(dead_code)]
mod catalog;

static CODECS: LazyLock<Vec<catalog::Codec>> = LazyLock::new(catalog::codecs);

fuzz_target!(|input: &[u8]| -> Corpus {
    let [which, place, body @ ..] = input else { return Corpus::Reject };
    let codec = &CODECS[usize::from(*which) % CODECS.len()];
    let versions: Vec<i16> = codec.versions.clone().collect();
    let version = versions[usize::from(*place) % versions.len()];
    if let Ok(again) = (codec.recode)(Bytes::copy_from_slice(body), version) {
        assert_eq!((codec.recode)(again.clone(), version), Ok(again), "{}", codec.name(version));
    }
    Corpus::Keep
});
