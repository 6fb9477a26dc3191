//! Records of `__consumer_offsets`: the first byte is the length of the key. What can be read can be written, and reads the same again.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use thalweg_proto::records::group::Record;

fuzz_target!(|input: &[u8]| -> Corpus {
    let [length, rest @ ..] = input else { return Corpus::Reject };
    let Some((key, value)) = rest.split_at_checked(usize::from(*length)) else { return Corpus::Reject };
    let _ = Record::decode(key, None);
    let Ok(record) = Record::decode(key, Some(value)) else { return Corpus::Keep };
    // A string that is not UTF-8 grows when it is mended, and may then be too long.
    if let Ok((key, value)) = record.encode() {
        let again = Record::decode(&key, value.as_deref()).expect("what was written can be read");
        assert_eq!(again.encode(), Ok((key, value)));
    }
    Corpus::Keep
});
