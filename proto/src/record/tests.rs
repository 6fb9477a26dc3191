use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const LIMIT: usize = 1 << 20;

type OwnedHeader = (Vec<u8>, Option<Vec<u8>>);

#[derive(Debug, Clone)]
struct OwnedRecord {
    timestamp: i64,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: Vec<OwnedHeader>,
}

fn nullable() -> impl Strategy<Value = Option<Vec<u8>>> {
    proptest::option::of(vec(prop_oneof![any::<u8>(), Just(b'x')], 0..60))
}

fn record() -> impl Strategy<Value = OwnedRecord> {
    // Few distinct header keys, so that duplicates are the rule.
    let header = (vec(b'a'..=b'b', 0..3), nullable());
    // Wide timestamps need a varlong delta.
    let timestamp = prop_oneof![any::<i64>(), 1_600_000_000_000..1_800_000_000_000_i64, Just(-1)];
    (timestamp, nullable(), nullable(), vec(header, 0..4))
        .prop_map(|(timestamp, key, value, headers)| OwnedRecord { timestamp, key, value, headers })
}

fn codec() -> impl Strategy<Value = Compression> {
    prop::sample::select(Compression::ALL.to_vec())
}

fn headers(record: &OwnedRecord) -> Vec<Header<'_>> {
    record.headers.iter().map(|(key, value)| Header { key, value: value.as_deref() }).collect()
}

fn build(codec: Compression, records: &[OwnedRecord]) -> Bytes {
    let mut builder = BatchBuilder::new(codec).base_offset(1_000, 7);
    builder.set_producer(42, 3, 17);
    for record in records {
        let headers = headers(record);
        builder
            .append(record.timestamp, record.key.as_deref(), record.value.as_deref(), headers.iter().copied())
            .unwrap();
    }
    builder.build().unwrap()
}

fn read_all(bytes: &Bytes) -> Result<usize, RecordError> {
    let batch = Batch::new(bytes.clone())?;
    batch.verify_crc()?;
    let records = batch.records(LIMIT)?;
    records.iter().try_fold(0, |count, record| record.map(|_| count + 1))
}

proptest! {
    #[test]
    fn what_is_built_is_read(codec in codec(), expected in vec(record(), 0..20)) {
        let bytes = build(codec, &expected);
        let batch = Batch::new(bytes.clone()).unwrap();
        batch.verify_crc().unwrap();
        let header = batch.header();
        prop_assert_eq!(header.compression(), Ok(codec));
        prop_assert_eq!((header.producer_id, header.producer_epoch, header.base_sequence), (42, 3, 17));
        prop_assert_eq!(header.last_offset(), 999 + expected.len() as i64);
        prop_assert_eq!(header.size_in_bytes(), bytes.len());
        let newest = expected.iter().map(|record| record.timestamp).max().unwrap_or(-1).max(-1);
        prop_assert_eq!(header.max_timestamp, newest);
        let records = batch.records(LIMIT).unwrap();
        let actual: Vec<_> = records.iter().collect::<Result<_, _>>().unwrap();
        prop_assert_eq!(actual.len(), expected.len());
        for (index, (actual, expected)) in actual.iter().zip(&expected).enumerate() {
            prop_assert_eq!(actual.offset, 1_000 + index as i64);
            prop_assert_eq!(actual.timestamp, expected.timestamp);
            prop_assert_eq!(actual.key, expected.key.as_deref());
            prop_assert_eq!(actual.value, expected.value.as_deref());
            prop_assert_eq!(actual.headers.iter().collect::<Vec<_>>(), headers(expected));
        }
    }

    #[test]
    fn every_truncation_is_refused(codec in codec(), records in vec(record(), 1..4)) {
        let bytes = build(codec, &records);
        for length in 0..bytes.len() {
            prop_assert!(read_all(&bytes.slice(..length)).is_err(), "{} of {} bytes", length, bytes.len());
        }
    }

    #[test]
    fn every_flipped_bit_is_noticed(codec in codec(), records in vec(record(), 1..4), bit in 0_u8..8) {
        let bytes = build(codec, &records);
        for position in 0..bytes.len() {
            // The base offset and the leader epoch are the broker's to change and lie outside the checksum.
            if position < 8 || (12..16).contains(&position) {
                continue;
            }
            let mut damaged = bytes.to_vec();
            damaged[position] ^= 1 << bit;
            prop_assert!(read_all(&damaged.into()).is_err(), "bit {bit} of byte {position}");
        }
    }

    #[test]
    fn hostile_records_are_errors_never_panics(
        codec in codec(),
        count in any::<i32>(),
        mut content in vec(any::<u8>(), 0..200),
        lead in prop::option::of(0_u8..40),
    ) {
        // A plausible record length lets the damage reach the fields behind it.
        if let (Some(lead), Some(first)) = (lead, content.first_mut()) {
            *first = lead;
        }
        let mut bytes = vec![0; HEADER_BYTES];
        bytes.extend_from_slice(&content);
        let mut template = BatchHeader::parse(&BatchBuilder::new(codec).build().unwrap()).unwrap();
        template.records_count = count;
        template.batch_length = (bytes.len() - 12) as i32;
        template.encode_into(bytes.first_chunk_mut().unwrap());
        let batch = match Batch::new(bytes.into()) {
            Ok(batch) => batch,
            Err(error) => { prop_assert!(count < 0, "{error}"); return Ok(()); }
        };
        if let Ok(records) = batch.records(LIMIT) {
            let read = records.iter().take_while(|record| record.is_ok()).count();
            prop_assert!(read <= count as usize);
        }
    }

    #[test]
    fn varints_round_trip(wide in any::<i64>(), narrow in any::<i32>()) {
        let mut output = Vec::new();
        varint::put_varlong(&mut output, wide);
        prop_assert_eq!(output.len(), varint::varlong_bytes(wide));
        varint::put_varint(&mut output, narrow);
        prop_assert_eq!(output.len(), varint::varlong_bytes(wide) + varint::varint_bytes(narrow));
        let mut input = output.as_slice();
        prop_assert_eq!(varint::take_varlong(&mut input), Ok(wide));
        prop_assert_eq!(varint::take_varint(&mut input), Ok(narrow));
        prop_assert!(input.is_empty());
    }
}

#[test]
fn varints_longer_than_their_type_are_refused() {
    assert_eq!(varint::take_varint(&mut [0xff; 9].as_slice()), Err(RecordError::OverlongVarint));
    assert_eq!(varint::take_varlong(&mut [0xff; 20].as_slice()), Err(RecordError::OverlongVarint));
    assert_eq!(varint::take_varint(&mut [0x80].as_slice()), Err(RecordError::InvalidVarint));
}

#[test]
fn the_checksum_is_castagnolis() {
    // The check value that catalogues give for CRC-32/ISCSI; CRC-32/IEEE would be 0xcbf43926.
    assert_eq!(crc::crc32c(b"123456789"), 0xe306_9283);
}

#[test]
fn bombs_are_refused_without_their_memory() {
    let zeros = vec![0_u8; 64 << 20];
    for codec in Compression::ALL {
        let mut bomb = Vec::new();
        compress(codec, None, &zeros, &mut bomb).unwrap();
        let refused = decompress_bounded(codec, &bomb, LIMIT);
        assert_eq!(refused, Err(RecordError::DecompressedTooLarge { limit: LIMIT }), "{codec}");
        let opened = decompress_bounded(codec, &bomb, zeros.len()).unwrap();
        assert!(opened == zeros, "{codec} opens within its bound");
    }
    // A bare snappy block of a few bytes that claims 4 GiB - 1.
    let liar = [0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0];
    assert!(decompress_bounded(Compression::Snappy, &liar, usize::MAX).is_err());
}

#[test]
fn bare_snappy_blocks_are_read() {
    let content = b"thalweg thalweg thalweg";
    let block = snap::raw::Encoder::new().compress_vec(content).unwrap();
    assert_eq!(decompress_bounded(Compression::Snappy, &block, LIMIT).unwrap(), content);
}

#[test]
fn append_time_delete_horizon_and_markers_are_read_back() {
    let mut builder = BatchBuilder::new(Compression::None).control().transactional();
    builder.set_producer(9, 1, NO_SEQUENCE);
    builder.append_marker(ControlKind::Commit, 5, 1_000).unwrap();
    let mut bytes = builder.build().unwrap().to_vec();
    patch::assign(&mut bytes, 77, 3).unwrap();
    patch::set_log_append_time(&mut bytes, 2_000).unwrap();
    let batch = Batch::new(bytes.into()).unwrap();
    batch.verify_crc().unwrap();
    let header = batch.header();
    assert!(header.is_control() && header.is_transactional() && header.has_producer());
    assert_eq!((header.base_offset, header.partition_leader_epoch, header.max_timestamp), (77, 3, 2_000));
    assert_eq!(header.timestamp_type(), TimestampType::LogAppendTime);
    let records = batch.records(LIMIT).unwrap();
    let record = records.iter().next().unwrap().unwrap();
    assert_eq!((record.offset, record.timestamp), (77, 2_000));
    let marker = ControlRecord::parse(&record).unwrap();
    assert_eq!((marker.kind, marker.coordinator_epoch), (ControlKind::Commit, 5));

    let mut builder = BatchBuilder::new(Compression::Zstd).delete_horizon(500);
    builder.append_at(4, 900, Some(b"k"), None, []).unwrap();
    builder.set_last_offset_delta(9);
    let batch = Batch::new(builder.build().unwrap()).unwrap();
    assert_eq!((batch.header().delete_horizon(), batch.header().last_offset()), (Some(500), 9));
    let records = batch.records(LIMIT).unwrap();
    let record = records.iter().next().unwrap().unwrap();
    assert_eq!((record.offset_delta, record.timestamp), (4, 900));
}

#[test]
fn batches_in_a_row_end_at_a_cut_one() {
    let one =
        build(Compression::Lz4, &[OwnedRecord { timestamp: 1, key: None, value: None, headers: vec![] }]);
    let mut row = one.to_vec();
    row.extend_from_slice(&one);
    row.extend_from_slice(&one[..20]);
    let batches: Vec<_> = Batches::new(row.into()).collect();
    assert_eq!(batches.len(), 3);
    assert!(batches[0].is_ok() && batches[1].is_ok());
    assert!(matches!(batches[2], Err(RecordError::Truncated { .. })));
}
