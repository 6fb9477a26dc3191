//! What is refused, and how; each row was seen on Kafka 4.3.1.

use bytes::Bytes;
use thalweg_config::{CompressionType, FlushMode, TimestampType};
use thalweg_proto::error::ErrorCode;
use thalweg_proto::record::crc::crc32c;
use thalweg_proto::record::{BatchBuilder, Compression};

use super::{Fixture, NOW, batch, batch_at, batches, records, sequenced, settings};
use crate::log::{Isolation, Origin};

fn sealed(mut bytes: Vec<u8>) -> Bytes {
    let crc = crc32c(&bytes[21..]);
    bytes[17..21].copy_from_slice(&crc.to_be_bytes());
    Bytes::from(bytes)
}

fn patched(at: usize, patch: &[u8]) -> Bytes {
    let mut bytes = batch(&["a", "b", "c"]).to_vec();
    bytes[at..at + patch.len()].copy_from_slice(patch);
    sealed(bytes)
}

/// The code of a refusal, and whether it carries the log start.
fn refusal(fixture: &Fixture, records: Bytes) -> (ErrorCode, bool) {
    let refused = fixture.append(records).unwrap_err();
    (refused.code, refused.log_start_offset >= 0)
}

#[test]
fn broken_batches_are_refused_as_kafka_does() {
    use ErrorCode::{CorruptMessage, InvalidRecord, UnknownServerError};
    let fixture = Fixture::new(1, settings(|_| {}));
    let good = batch(&["a", "b", "c"]);
    let raw = |at: usize, patch: &[u8]| {
        let mut bytes = good.to_vec();
        bytes[at..at + patch.len()].copy_from_slice(patch);
        Bytes::from(bytes)
    };
    let twice = Bytes::from([&good[..], &good[..]].concat());
    let rows = [
        ("crc", raw(17, &[1, 2, 3, 4]), CorruptMessage, false),
        ("magic 3", raw(16, &[3]), CorruptMessage, false),
        ("magic 1", raw(16, &[1]), InvalidRecord, false),
        ("length 5", raw(8, &[0, 0, 0, 5]), CorruptMessage, false),
        ("length beyond the end", raw(8, &[0, 0, 1, 0]), InvalidRecord, false),
        ("negative length", raw(8, &[0xff; 4]), CorruptMessage, false),
        ("cut", good.slice(..good.len() - 1), InvalidRecord, false),
        ("nothing", Bytes::new(), InvalidRecord, false),
        ("two batches", twice, InvalidRecord, false),
        ("last offset delta 1", patched(23, &[0, 0, 0, 1]), InvalidRecord, true),
        ("count 2", patched(57, &[0, 0, 0, 2]), InvalidRecord, true),
        ("count 4", patched(57, &[0, 0, 0, 4]), InvalidRecord, true),
        ("count -1", patched(57, &[0xff; 4]), InvalidRecord, true),
        ("base offset 9", raw(7, &[9]), InvalidRecord, true),
        ("codec 5", patched(21, &[0, 5]), UnknownServerError, true),
        ("a codec that lies", patched(21, &[0, 4]), UnknownServerError, true),
        ("a control batch", patched(21, &[0, 0x20]), InvalidRecord, true),
        ("no records", BatchBuilder::new(Compression::None).build().unwrap(), InvalidRecord, true),
        ("no sequence", sequenced(7, 0, -1, 1), InvalidRecord, true),
    ];
    for (what, records, code, inside) in rows {
        assert_eq!(refusal(&fixture, records), (code, inside), "{what}");
    }
    for (what, records) in [
        ("a stray byte", Bytes::from([&good[..], &[0]].concat())),
        ("LogAppendTime", patched(21, &[0, 8])),
        ("a delete horizon", patched(21, &[0, 0x40])),
        ("an unknown attribute", patched(21, &[0, 0x80])),
    ] {
        assert!(fixture.append(records).is_ok(), "{what}");
    }
    assert_eq!(fixture.partition.offsets().log_end, 12);
}

#[test]
fn sizes_keys_and_timestamps_have_their_limits() {
    let small = Fixture::new(2, settings(|settings| settings.max_message_bytes = 100));
    assert_eq!(refusal(&small, batch(&["x".repeat(80).as_str()])), (ErrorCode::MessageTooLarge, false));
    let compacted = Fixture::new(3, settings(|settings| settings.cleanup_policy.compact = true));
    let mut builder = BatchBuilder::new(Compression::Gzip);
    for key in [None, Some(&b"k"[..]), None] {
        builder.append(NOW, key, Some(b"v"), []).unwrap();
    }
    let refused = compacted.append(builder.build().unwrap()).unwrap_err();
    assert_eq!(refused.code, ErrorCode::InvalidRecord);
    assert_eq!(refused.records.iter().map(|record| record.index).collect::<Vec<_>>(), [0, 2]);
    assert_eq!(
        refused.message.unwrap(),
        "One or more records have been rejected due to 2 record errors in total, and only showing the first three \
         errors at most: [RecordError(batchIndex=0, message='Compacted topic cannot accept message without key in topic \
         partition orders-0'), RecordError(batchIndex=2, message='Compacted topic cannot accept message without key in \
         topic partition orders-0')]"
    );
    let timely = Fixture::new(
        4,
        settings(|settings| {
            settings.message_timestamp_before_max_ms = 1_000;
            settings.message_timestamp_after_max_ms = 500;
        }),
    );
    for (timestamp, accepted) in [(-1, true), (NOW - 1_000, true), (NOW - 1_001, false), (NOW + 501, false)] {
        let result = timely.append(batch_at(&["t"], timestamp, Compression::Lz4));
        assert_eq!(
            result.as_ref().map_err(|refused| refused.code).err(),
            (!accepted).then_some(ErrorCode::InvalidTimestamp)
        );
    }
}

#[test]
fn idempotent_producers_write_each_record_once() {
    let fixture = Fixture::new(5, settings(|_| {}));
    for sequence in 0..7 {
        assert_eq!(fixture.append(sequenced(1, 0, sequence, 1)).unwrap().base_offset, i64::from(sequence));
    }
    for sequence in 0..7 {
        let again = fixture.append(sequenced(1, 0, sequence, 1));
        if sequence < 2 {
            assert_eq!(again.unwrap_err().code, ErrorCode::OutOfOrderSequenceNumber);
        } else {
            let again = again.unwrap();
            assert_eq!((again.duplicate, again.base_offset), (true, i64::from(sequence)));
            assert_eq!(again.log_append_time_ms, NOW);
        }
    }
    assert_eq!(refusal(&fixture, sequenced(1, 0, 9, 1)), (ErrorCode::OutOfOrderSequenceNumber, true));
    assert_eq!(refusal(&fixture, sequenced(1, 1, 5, 1)), (ErrorCode::OutOfOrderSequenceNumber, true));
    assert_eq!(fixture.append(sequenced(1, 1, 0, 1)).unwrap().base_offset, 7);
    assert_eq!(refusal(&fixture, sequenced(1, 0, 7, 1)), (ErrorCode::InvalidProducerEpoch, true));
    assert_eq!(
        fixture.append(sequenced(2, 5, 17, 1)).unwrap().base_offset,
        8,
        "an unknown producer begins anywhere"
    );
    fixture.append(sequenced(3, 0, i32::MAX, 2)).unwrap();
    assert_eq!(fixture.append(sequenced(3, 0, 1, 1)).unwrap().base_offset, 11, "sequences wrap to 0");
}

#[test]
fn the_topic_decides_about_codec_and_clock() {
    let fixture = Fixture::new(
        6,
        settings(|settings| {
            settings.compression_type = CompressionType::Gzip;
            settings.message_timestamp_type = TimestampType::LogAppendTime;
        }),
    );
    for codec in Compression::ALL {
        let appended = fixture.append(batch_at(&["a", "b"], 5, codec)).unwrap();
        assert_eq!(appended.log_append_time_ms, NOW);
    }
    fixture.partition.flush().unwrap();
    let fetched = fixture.partition.read(0, 10_000, true, Isolation::ReadUncommitted).unwrap();
    for batch in batches(&fetched) {
        assert_eq!(batch.header().compression().unwrap(), Compression::Gzip);
        assert_eq!(batch.header().max_timestamp, NOW);
    }
    let plain =
        Fixture::new(7, settings(|settings| settings.message_timestamp_type = TimestampType::LogAppendTime));
    plain.append(batch_at(&["a"], 5, Compression::None)).unwrap();
    plain.partition.flush().unwrap();
    let fetched = plain.partition.read(0, 10_000, true, Isolation::ReadUncommitted).unwrap();
    let header = *batches(&fetched)[0].header();
    assert_eq!((header.base_timestamp, header.max_timestamp), (5, NOW), "the first timestamp stays");
}

#[test]
fn visible_means_durable_unless_the_topic_says_otherwise() {
    let fixture = Fixture::new(8, settings(|_| {}));
    let calls = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = calls.clone();
    fixture.partition.on_advance(move |_| {
        counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    });
    fixture.append(batch(&["a"])).unwrap();
    assert_eq!(fixture.partition.offsets().high_watermark, 0);
    assert!(fixture.partition.needs_flush());
    fixture.partition.flush().unwrap();
    assert_eq!(fixture.partition.offsets().high_watermark, 1);
    assert!(!fixture.partition.needs_flush());
    fixture.partition.set_config(settings(|settings| settings.flush_mode = FlushMode::Os));
    fixture.append(batch(&["b"])).unwrap();
    assert_eq!(fixture.partition.offsets().high_watermark, 2);
    assert_eq!(calls.load(std::sync::atomic::Ordering::SeqCst), 2);
    let fetched = fixture.partition.read(1, 1_000, true, Isolation::ReadUncommitted).unwrap();
    assert_eq!(records(&fetched), [(1, "b".to_owned())]);
}

#[test]
fn transactions_hold_the_stable_offset_and_name_the_aborted() {
    use thalweg_proto::record::ControlKind;
    let mut fixture = Fixture::new(9, settings(|_| {}));
    let transactional = |producer: i64, sequence: i32| {
        let mut builder = BatchBuilder::new(Compression::None).transactional();
        builder.append(NOW, None, Some(b"v"), []).unwrap();
        builder.set_producer(producer, 0, sequence);
        builder.build().unwrap()
    };
    let marker = |producer: i64, kind: ControlKind| {
        let mut builder = BatchBuilder::new(Compression::None).transactional().control();
        builder.append_marker(kind, 3, NOW).unwrap();
        builder.set_producer(producer, 0, -1);
        builder.build().unwrap()
    };
    fixture.append(batch(&["plain"])).unwrap();
    fixture.append(transactional(1, 0)).unwrap();
    fixture.append(transactional(2, 0)).unwrap();
    fixture.partition.flush().unwrap();
    assert_eq!(fixture.partition.offsets().last_stable, 1);
    let committed =
        |fixture: &Fixture| fixture.partition.read(0, 9_999, true, Isolation::ReadCommitted).unwrap();
    assert_eq!(committed(&fixture).bytes, batch(&["plain"]).len());
    assert_eq!(refusal(&fixture, sequenced(1, 0, 1, 1)).0, ErrorCode::InvalidTxnState);
    fixture.partition.append(marker(2, ControlKind::Commit), Origin::Internal, NOW).unwrap();
    fixture.partition.append(marker(1, ControlKind::Abort), Origin::Internal, NOW).unwrap();
    fixture.partition.flush().unwrap();
    for stop in 0..3 {
        assert_eq!(fixture.partition.offsets().last_stable, 5);
        let aborted = committed(&fixture).aborted;
        assert_eq!(aborted.len(), 1, "stop {stop}");
        assert_eq!((aborted[0].producer_id, aborted[0].first_offset), (1, 1));
        if stop == 0 {
            fixture.manager.close().unwrap();
        } else {
            fixture.sim.disk.crash();
        }
        fixture.reopen().unwrap();
    }
}
