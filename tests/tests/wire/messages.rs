//! What is written is read again, and is what `kafka-protocol` writes.

use std::collections::BTreeSet;

use bytes::Bytes;
use thalweg_proto::{api::ApiKey, wire::Source};

use crate::catalog::codecs;

/// Random messages for each message and version.
const MESSAGES: u64 = 200;

#[test]
fn what_is_written_is_read_again() {
    for codec in codecs() {
        for version in codec.versions.clone() {
            for seed in 0..MESSAGES {
                let result = (codec.round_trip)(&mut Source::new(seed), version);
                result.unwrap_or_else(|error| panic!("{}, seed {seed}: {error}", codec.name(version)));
            }
        }
    }
}

#[test]
fn an_independent_codec_reads_and_writes_the_same_bytes() {
    let mut alone = BTreeSet::new();
    for codec in codecs() {
        let known = |version: &i16| codec.oracle_versions.contains(version);
        alone.extend(
            codec.versions.clone().filter(|version| !known(version)).map(|version| codec.name(version)),
        );
        let shared = *codec.versions.start().max(codec.oracle_versions.start())
            ..=*codec.versions.end().min(codec.oracle_versions.end());
        for version in shared {
            for seed in 0..MESSAGES {
                let ours = (codec.any)(&mut Source::new(seed), version);
                let theirs = (codec.oracle)(ours.clone(), version)
                    .unwrap_or_else(|error| panic!("{}, seed {seed}: {error}", codec.name(version)));
                assert_eq!(ours, theirs, "{}, seed {seed}", codec.name(version));
            }
        }
    }
    let recorded: BTreeSet<_> =
        RECORDED.iter().map(|(api, direction, version, _)| format!("{api}{direction} v{version}")).collect();
    assert_eq!(alone, recorded, "versions that were not compared");
}

#[test]
fn a_truncated_message_is_an_error() {
    for codec in codecs() {
        for version in codec.versions.clone() {
            // Short messages: the work grows with the square of the length.
            let messages = (0..).map(|seed| (codec.any)(&mut Source::new(seed), version));
            for whole in messages.filter(|message| message.len() < 800).take(4) {
                assert_eq!((codec.decode)(whole.clone(), version), Ok(0));
                for length in 0..whole.len() {
                    let result = (codec.decode)(whole.slice(..length), version);
                    assert!(result.is_err(), "{} of {length} bytes: {result:?}", codec.name(version));
                }
            }
        }
    }
}

#[test]
fn every_module_of_messages_is_tested() {
    let modules = include_str!("../../../proto/src/messages/mod.rs").matches("pub mod ").count();
    assert_eq!(codecs().len(), 2 * modules, "the catalog names a request and a response of each module");
}

#[test]
fn versions_are_those_of_the_api() {
    for codec in codecs() {
        let advertised = codec.api.versions();
        // Produce is advertised from 0 for librdkafka, though the versions before 3 are gone (KIP-896).
        let first = if codec.api == ApiKey::Produce { 3 } else { *advertised.start() };
        assert_eq!(codec.versions, first..=*advertised.end(), "{}", codec.api);
        for version in [first - 1, advertised.end() + 1, i16::MIN, i16::MAX] {
            assert!((codec.decode)(Bytes::new(), version).is_err());
        }
    }
}

/// Messages of the versions that `kafka-protocol` does not know, as Apache Kafka 4.3.1's own classes write them.
#[rustfmt::skip]
const RECORDED: &[(ApiKey, &str, i16, &str)] = &[
    (ApiKey::DescribeLogDirs, "Request", 5, concat!(
        "04562e007a623030c3a930205f2dc3a9f09f8c8a302d2e2d7a622e61e6b0b4005fc3a900e6b0b4f09f8c8af0",
        "9f8c8a2d615f20c3a920f09f8c8a2dc3a92d615f617ae6b0b4f09f8c8a2e5f5f622ee6b0b42dc3a9e6b0b404",
        "ffffffff000000007fffffff00112ec3a9f09f8c8a5f5ff09f8c8ae6b0b40300000000738f24bb00042dc3a9",
        "02ffffffff0000",
    )),
    (ApiKey::DescribeLogDirs, "Response", 5, concat!(
        "ffffffffffff035d6f0230020c5f2dc3a9f09f8c8a302d2e0300000060ffffffffd967302affffffffffffff",
        "ff0100ffffff05800000000000000000000000000000000000000000000000000001ffffffff5d8b7b560000",
        "00000103055f5f622e04ffffffff7fffffffffffffff000000000000000000007fffffff8000000000000000",
        "80000000000000000100ffffffff0000000000000003800000000000000001000003207a0100000000007fff",
        "ffffffffffffcde36748010000",
    )),
    (ApiKey::ListOffsets, "Request", 11, concat!(
        "ffffffffff04033061047fffffff7fffffff0000000000000000007fffffffbac816d1800000000000000000",
        "ffffffffffffffff00000000000000000000152e2de6b0b462e6b0b4e6b0b42d205ff09f8c8a200100010100",
        "ffffffff00",
    )),
    (ApiKey::ListOffsets, "Response", 11, concat!(
        "000000000405f09f8c8a0100096161e6b0b47a2d620400000000ffffffffffffffffffff00000004a101b61e",
        "00013ef4007fffffff3ef58000000000000000ffd6642ce803c24d0000000000ffffffff2868ffffecd426cb",
        "c60a8000000000000000000000000000055f2d3020010000",
    )),
    (ApiKey::OffsetCommit, "Request", 10, concat!(
        "010000000003612e0561e6b0b404fffff6be0b5f8482800000000000000002454da2f2000000007fffffff7f",
        "ffffff08e6b0b45fc3a96200000000004dbc6b16c87fffffffffffffff0100000000000009b0647fffffffff",
        "ffffff0300011a967fffffffffffffffffffffff000084469d1f000000007ffffffff1337686117a7a20c3a9",
        "20e6b0b420625fc3a9c3a9000000",
    )),
    (ApiKey::OffsetFetch, "Request", 10, concat!(
        "04025f063000205f62000000000100162de6b0b4f09f8c8a2000e6b0b46261e6b0b4e6b0b400ffffffff0400",
        "00001adc7f8508ffffffffffffffff0100800000000000000001b1d6f60a7e749604ffffffff0000009c33ca",
        "157d00fffe0733cda34ac9000000007fffffff02878c186200000cf09f8c8a627a2dc3a9302d01ffffffff03",
        "ffffffffffffffff00000001942b0b14020855f4d500fffffffd7755a6060000004f7fdb437a02ffffffff00",
        "000100",
    )),
];

#[test]
fn the_newest_versions_are_those_of_kafka() {
    for (api, direction, version, hex) in RECORDED {
        let digits = |index| u8::from_str_radix(&hex[index..index + 2], 16).unwrap();
        let bytes: Bytes = (0..hex.len()).step_by(2).map(digits).collect();
        let all = codecs();
        let codec = all.iter().find(|codec| codec.api == *api && codec.direction == *direction).unwrap();
        assert_eq!((codec.decode)(bytes.clone(), *version), Ok(0), "{}", codec.name(*version));
        assert_eq!((codec.recode)(bytes.clone(), *version), Ok(bytes), "{}", codec.name(*version));
    }
}
