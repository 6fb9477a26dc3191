//! Records of `__consumer_offsets`: what Kafka's own classes write is read, and what is written is what they write.

use bytes::Bytes;
use thalweg_proto::{
    records::group::{
        ClassicGroupMember, ClassicGroupValue, ClassicMemberMetadata, ClassicProtocol,
        ConsumerGroupMemberValue, ConsumerGroupValue, CurrentAssignmentValue, CurrentPartitions,
        GroupRecordError, OffsetCommitValue, Record, RegularExpressionValue, TargetAssignmentMemberValue,
        TargetAssignmentValue, TargetPartitions,
    },
    wire::{Message, Source, Value, WireError, Writer},
};
use uuid::Uuid;

use crate::hostile::{allocated, limit};

const ID: Uuid = Uuid::from_u128(0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10);

fn bytes(hex: &str) -> Bytes {
    (0..hex.len()).step_by(2).map(|index| u8::from_str_radix(&hex[index..index + 2], 16).unwrap()).collect()
}

fn offset(topic: &str, partition: i32, value: Option<OffsetCommitValue>) -> Record {
    Record::OffsetCommit { group: "g".into(), topic: topic.into(), partition, value }
}

fn offset_value(leader_epoch: i32, expire_timestamp: i64, topic_id: Uuid) -> OffsetCommitValue {
    let (offset, metadata, commit_timestamp) = (42, "m".to_owned(), 1000);
    OffsetCommitValue { offset, leader_epoch, metadata, commit_timestamp, expire_timestamp, topic_id }
}

fn classic(rebalance_timeout: i32, current_state_timestamp: i64, group_instance_id: Option<&str>) -> Record {
    let member = ClassicGroupMember {
        member_id: "m1".into(),
        group_instance_id: group_instance_id.map(Into::into),
        client_id: "c".into(),
        client_host: "/127.0.0.1".into(),
        rebalance_timeout,
        session_timeout: 45_000,
        subscription: Bytes::from_static(&[1, 2]),
        assignment: Bytes::from_static(&[3]),
    };
    let value = ClassicGroupValue {
        protocol_type: "consumer".into(),
        generation: 5,
        protocol: Some("range".into()),
        leader: Some("m1".into()),
        current_state_timestamp,
        members: vec![member],
    };
    Record::ClassicGroup { group: "g".into(), value: Some(value) }
}

fn member(value: ConsumerGroupMemberValue) -> Record {
    Record::ConsumerGroupMember { group: "g".into(), member: "m1".into(), value: Some(value) }
}

fn current(partitions: &[i32], assignment_epochs: Option<&[i32]>) -> CurrentPartitions {
    CurrentPartitions {
        topic_id: ID,
        partitions: partitions.to_vec(),
        assignment_epochs: assignment_epochs.map(<[i32]>::to_vec),
    }
}

/// A record with the bytes of its key and its value.
type Written = (Record, &'static str, Option<&'static str>);

/// Records in the versions that are written, with the bytes that Apache Kafka 4.3.1's own classes write for them.
fn written() -> Vec<Written> {
    [offsets_and_classic_groups(), consumer_groups_and_their_members(), assignments_and_the_rest()].concat()
}

fn offsets_and_classic_groups() -> Vec<Written> {
    let offset_key = "0001000167000374c3b600000003";
    vec![
        (
            offset("tö", 3, Some(offset_value(-1, 2000, Uuid::nil()))),
            offset_key,
            Some("0001000000000000002a00016d00000000000003e800000000000007d0"),
        ),
        (
            offset("tö", 3, Some(offset_value(7, -1, ID))),
            offset_key,
            Some("0004000000000000002a00000007026d00000000000003e80100100102030405060708090a0b0c0d0e0f10"),
        ),
        (
            offset("t", 0, Some(OffsetCommitValue { offset: 1, ..Default::default() })),
            "000100016700017400000000",
            Some("00040000000000000001ffffffff01000000000000000000"),
        ),
        (offset("t", 0, None), "000100016700017400000000", None),
        (
            classic(300_000, 1000, Some("i")),
            "0002000167",
            Some(concat!(
                "00030008636f6e73756d657200000005000572616e676500026d3100000000000003e80000000100026d3100016900016300",
                "0a2f3132372e302e302e31000493e00000afc80000000201020000000103",
            )),
        ),
        (
            Record::ClassicGroup {
                group: "g".into(),
                value: Some(ClassicGroupValue { protocol: None, leader: None, ..Default::default() }),
            },
            "0002000167",
            Some("0003000000000000ffffffffffffffffffffffff00000000"),
        ),
    ]
}

fn consumer_groups_and_their_members() -> Vec<Written> {
    vec![
        (
            Record::ConsumerGroup {
                group: "g".into(),
                value: Some(ConsumerGroupValue { epoch: 9, metadata_hash: -2 }),
            },
            "0003000167",
            Some("000000000009010008fffffffffffffffe"),
        ),
        (
            Record::ConsumerGroup {
                group: "g".into(),
                value: Some(ConsumerGroupValue { epoch: 9, metadata_hash: 0 }),
            },
            "0003000167",
            Some("00000000000900"),
        ),
        (
            Record::ConsumerGroupPartitions {
                group: "g".into(),
                value: Some(bytes("0000020102030405060708090a0b0c0d0e0f10027400000001010000")),
            },
            "0004000167",
            Some("0000020102030405060708090a0b0c0d0e0f10027400000001010000"),
        ),
        (
            member(ConsumerGroupMemberValue {
                instance_id: None,
                rack_id: Some("r".into()),
                client_id: "c".into(),
                client_host: "/h".into(),
                subscribed_topic_names: vec!["t".into(), "u".into()],
                subscribed_topic_regex: None,
                rebalance_timeout_ms: 300_000,
                server_assignor: Some("uniform".into()),
                classic_member_metadata: None,
            }),
            "000500016700026d31",
            Some("00000002720263032f68030274027500000493e008756e69666f726d01000100"),
        ),
        (
            member(ConsumerGroupMemberValue {
                instance_id: Some("i".into()),
                rack_id: None,
                client_id: "c".into(),
                client_host: "/h".into(),
                subscribed_topic_names: vec!["t".into()],
                subscribed_topic_regex: Some("a.*".into()),
                rebalance_timeout_ms: -1,
                server_assignor: None,
                classic_member_metadata: Some(ClassicMemberMetadata {
                    session_timeout_ms: 45_000,
                    supported_protocols: vec![ClassicProtocol {
                        name: "range".into(),
                        metadata: Bytes::from_static(&[1, 2, 3]),
                    }],
                }),
            }),
            "000500016700026d31",
            Some("00000269000263032f6802027404612e2affffffff00010012010000afc8020672616e6765040102030000"),
        ),
        (
            member(ConsumerGroupMemberValue::default()),
            "000500016700026d31",
            Some("0000010101010101ffffffff0100"),
        ),
    ]
}

fn assignments_and_the_rest() -> Vec<Written> {
    vec![
        (
            Record::TargetAssignment {
                group: "g".into(),
                value: Some(TargetAssignmentValue { assignment_epoch: 9, assignment_timestamp: 1000 }),
            },
            "0006000167",
            Some("00000000000901000800000000000003e8"),
        ),
        (
            Record::TargetAssignmentMember {
                group: "g".into(),
                member: "m1".into(),
                value: Some(TargetAssignmentMemberValue {
                    topic_partitions: vec![TargetPartitions { topic_id: ID, partitions: vec![0, 2] }],
                }),
            },
            "000700016700026d31",
            Some("0000020102030405060708090a0b0c0d0e0f100300000000000000020000"),
        ),
        (
            Record::CurrentAssignment {
                group: "g".into(),
                member: "m1".into(),
                value: Some(CurrentAssignmentValue {
                    member_epoch: 9,
                    previous_member_epoch: 8,
                    state: 1,
                    assigned_partitions: vec![current(&[0, 2], Some(&[9, 7]))],
                    partitions_pending_revocation: vec![current(&[1], None), current(&[4], Some(&[]))],
                }),
            },
            "000800016700026d31",
            Some(concat!(
                "0000000000090000000801020102030405060708090a0b0c0d0e0f1003000000000000000201000903000000090000000703",
                "0102030405060708090a0b0c0d0e0f100200000001010001000102030405060708090a0b0c0d0e0f1002000000040000",
            )),
        ),
        (
            Record::RegularExpression {
                group: "g".into(),
                expression: "t.*".into(),
                value: Some(RegularExpressionValue {
                    topics: vec!["t1".into(), "t2".into()],
                    version: 11,
                    timestamp: 1000,
                }),
            },
            "00100001670003742e2a",
            Some("000003037431037432000000000000000b00000000000003e800"),
        ),
        (
            // The epoch of a share group.
            Record::Other {
                kind: 11,
                key: bytes("000b000167"),
                value: Some(bytes("000000000003000000000000000000")),
            },
            "000b000167",
            Some("000000000003000000000000000000"),
        ),
    ]
}

/// As [`written`], in the versions that are read only.
fn read_only() -> Vec<(Record, &'static str, &'static str)> {
    let plain = || offset("tö", 3, Some(offset_value(-1, -1, Uuid::nil())));
    let (legacy, key, group) = ("0000000167000374c3b600000003", "0001000167000374c3b600000003", "0002000167");
    vec![
        (plain(), legacy, "0000000000000000002a00016d00000000000003e8"),
        (plain(), key, "0000000000000000002a00016d00000000000003e8"),
        (plain(), key, "0002000000000000002a00016d00000000000003e8"),
        (
            offset("tö", 3, Some(offset_value(7, -1, Uuid::nil()))),
            key,
            "0003000000000000002a0000000700016d00000000000003e8",
        ),
        (
            classic(-1, -1, None),
            group,
            "00000008636f6e73756d657200000005000572616e676500026d310000000100026d31000163000a2f3132372e302e302e310000afc80000000201020000000103",
        ),
        (
            classic(300_000, -1, None),
            group,
            concat!(
                "00010008636f6e73756d657200000005000572616e676500026d310000000100026d31000163000a2f3132372e302e302e31",
                "000493e00000afc80000000201020000000103",
            ),
        ),
        (
            classic(300_000, 1000, None),
            group,
            concat!(
                "00020008636f6e73756d657200000005000572616e676500026d3100000000000003e80000000100026d31000163000a2f31",
                "32372e302e302e31000493e00000afc80000000201020000000103",
            ),
        ),
        (
            classic(300_000, 1000, Some("i")),
            group,
            "000409636f6e73756d6572000000050672616e6765036d3100000000000003e802036d31026902630b2f3132372e302e302e31000493e00000afc803010202030000",
        ),
    ]
}

#[test]
fn what_is_written_is_what_kafka_writes() {
    for (record, key, value) in written() {
        let (key, value) = (bytes(key), value.map(bytes));
        assert_eq!(record.encode(), Ok((key.clone(), value.clone())), "{record:?}");
        assert_eq!(Record::decode(&key, value.as_deref()), Ok(record));
    }
}

#[test]
fn every_version_that_kafka_reads_is_read() {
    for (record, key, value) in read_only() {
        assert_eq!(Record::decode(&bytes(key), Some(&bytes(value))), Ok(record));
    }
}

#[test]
fn what_a_later_release_wrote_is_kept_or_refused() {
    let (key, value) = (bytes("00630001ff"), bytes("0000aabb"));
    let unknown = Record::Other { kind: 99, key: key.clone(), value: Some(value.clone()) };
    assert_eq!(Record::decode(&key, Some(&value)), Ok(unknown));
    // A legacy key has no later values than version 0, though the kind after it has.
    let (legacy, value) = (bytes("0000000167000374c3b600000003"), bytes("000100000000"));
    let refused = GroupRecordError::UnknownVersion { kind: 0, version: 1 };
    assert_eq!(Record::decode(&legacy, Some(&value)), Err(refused));
    for version in [5_i16, -1] {
        let value = version.to_be_bytes();
        let refused = GroupRecordError::UnknownVersion { kind: 2, version };
        assert_eq!(Record::decode(&bytes("0002000167"), Some(&value)), Err(refused));
    }
}

#[test]
fn a_string_without_room_is_refused() {
    let long = "x".repeat(32_768);
    let group = Record::ConsumerGroup { group: long.as_str().into(), value: None };
    assert_eq!(group.encode(), Err(GroupRecordError::Key(WireError::TooLong(32_768))));
    let value = OffsetCommitValue { metadata: long, ..Default::default() };
    let refused = GroupRecordError::Value { kind: 1, error: WireError::TooLong(32_768) };
    assert_eq!(offset("t", 0, Some(value)).encode(), Err(refused));
}

/// A random record: its key, and a value of every version that it has.
fn any(source: &mut Source) -> Vec<(Bytes, Bytes)> {
    fn versions<V: Message + Value>(source: &mut Source, record: &Record) -> Vec<(Bytes, Bytes)> {
        let key = record.encode().unwrap().0;
        let value = |version: i16| {
            let mut writer = Writer::new();
            writer.put(&version.to_be_bytes());
            source.message::<V>(version).unwrap().encode(&mut writer, version).unwrap();
            (key.clone(), writer.finish().concat().into())
        };
        V::VERSIONS.map(value).collect()
    }
    let mut text =
        || (0..source.below(9)).map(|_| char::from(b'a' + source.below(26) as u8)).collect::<String>();
    let (group, member) = (text().into(), text().into());
    let partition = source.number() as i32;
    match source.below(8) {
        0 => {
            let record = Record::OffsetCommit { group, topic: member, partition, value: None };
            versions::<OffsetCommitValue>(source, &record)
        }
        1 => versions::<ClassicGroupValue>(source, &Record::ClassicGroup { group, value: None }),
        2 => versions::<ConsumerGroupValue>(source, &Record::ConsumerGroup { group, value: None }),
        3 => versions::<ConsumerGroupMemberValue>(
            source,
            &Record::ConsumerGroupMember { group, member, value: None },
        ),
        4 => versions::<TargetAssignmentValue>(source, &Record::TargetAssignment { group, value: None }),
        5 => versions::<TargetAssignmentMemberValue>(
            source,
            &Record::TargetAssignmentMember { group, member, value: None },
        ),
        6 => versions::<CurrentAssignmentValue>(
            source,
            &Record::CurrentAssignment { group, member, value: None },
        ),
        _ => versions::<RegularExpressionValue>(
            source,
            &Record::RegularExpression { group, expression: member, value: None },
        ),
    }
}

#[test]
fn what_is_read_is_written_and_read_again() {
    for seed in 0..3000 {
        for (key, value) in any(&mut Source::new(seed)) {
            let record =
                Record::decode(&key, Some(&value)).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
            let (again_key, again_value) = record.encode().unwrap();
            assert_eq!(again_key, key, "seed {seed}");
            let again = Record::decode(&again_key, again_value.as_deref());
            // Version 1 is written where there is an expiry, and has no leader epoch and no id; both come from versions
            // that have no expiry.
            assert_eq!(again, Ok(record), "seed {seed}");
        }
    }
}

#[test]
fn what_is_cut_short_is_an_error() {
    let whole = (0..400).flat_map(|seed| any(&mut Source::new(seed))).filter(|(_, value)| value.len() < 600);
    for (key, value) in whole {
        for length in 0..value.len() {
            let cut = Record::decode(&key, Some(&value[..length]));
            assert!(matches!(cut, Err(GroupRecordError::Value { .. })), "{length} of {value:?}: {cut:?}");
        }
        for length in 0..key.len() {
            let cut = Record::decode(&key[..length], Some(&value));
            assert!(matches!(cut, Err(GroupRecordError::Key(_))), "{length} of {key:?}: {cut:?}");
        }
    }
}

#[test]
fn lies_and_noise_cost_no_memory() {
    for seed in 0..2000 {
        let mut source = Source::new(seed);
        for (key, value) in any(&mut source) {
            let mut bytes = value.to_vec();
            for _ in 0..=source.below(4) {
                let position = 2 + source.below(bytes.len() as u64 - 2) as usize;
                bytes[position] = if source.chance(2) { 0xff } else { source.bits() as u8 };
            }
            let (result, cost) = allocated(|| Record::decode(&key, Some(&bytes)));
            let limit = 4 * limit(key.len() + bytes.len());
            assert!(cost <= limit, "seed {seed}: {cost} bytes of {limit}");
            if let Ok(Ok((key, value))) = result.map(|record| record.encode()) {
                assert!(Record::decode(&key, value.as_deref()).is_ok(), "seed {seed}");
            }
        }
    }
}
