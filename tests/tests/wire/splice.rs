//! Record bytes keep their place in memory from the log to the socket, and from the socket to the log.

use bytes::Bytes;
use thalweg_proto::{
    api::ApiKey,
    frame::{RequestHeader, encode_request, encode_response},
    messages::{fetch, produce},
    record::{Batch, BatchBuilder, Compression, Header},
    wire::{Message, Reader, Records, Writer},
};

fn address(bytes: &Bytes) -> std::ops::Range<*const u8> {
    bytes.as_ptr_range()
}

#[test]
fn fetched_records_are_written_from_where_they_lie() {
    let slices = [Bytes::from(vec![1; 10]), Bytes::from(vec![2; 70_000]), Bytes::from(vec![3; 1])];
    for version in fetch::Response::VERSIONS {
        let partition = |index: i32, slices: &[Bytes]| fetch::PartitionData {
            partition_index: index,
            records: Some(Records { slices: slices.to_vec() }),
            ..Default::default()
        };
        let topic = fetch::FetchableTopicResponse {
            partitions: vec![partition(0, &slices[..2]), partition(1, &[]), partition(2, &slices[2..])],
            ..Default::default()
        };
        let response = fetch::Response { responses: vec![topic], ..Default::default() };
        let mut writer = Writer::new();
        let parts = encode_response(&mut writer, ApiKey::Fetch, version, 1, &response).unwrap();

        let at = |slice: &Bytes| parts.iter().position(|part| address(part) == address(slice));
        let places: Vec<_> = slices.iter().map(at).collect();
        assert_eq!(places, [Some(1), Some(2), Some(4)], "v{version}");

        // The whole is still a frame, and reading it copies nothing either.
        let frame = Bytes::from(parts.concat());
        assert_eq!(frame[..4], i32::try_from(frame.len() - 4).unwrap().to_be_bytes());
        let header = 4 + 4 + usize::from(ApiKey::Fetch.is_flexible(version));
        let read = fetch::Response::decode(&mut Reader::new(frame.slice(header..)), version).unwrap();
        assert_eq!(read, response);
        let records = &read.responses[0].partitions[0].records.as_ref().unwrap().slices;
        assert_eq!(records.len(), 1);
        assert!(frame.as_ptr_range().contains(&records[0].as_ptr()));
    }
}

#[test]
fn produced_records_are_slices_of_the_frame() {
    for version in produce::Request::VERSIONS {
        let records = Some(Bytes::from(vec![7; 1_000]));
        let partition = produce::PartitionProduceData { index: 0, records };
        let topic = produce::TopicProduceData { partition_data: vec![partition], ..Default::default() };
        let request = produce::Request { acks: -1, topic_data: vec![topic], ..Default::default() };
        let header = RequestHeader { api_version: version, ..Default::default() };
        let frame = Bytes::from(encode_request(&mut Writer::new(), &header, &request).unwrap().concat());

        let mut reader = Reader::new(frame.slice(4..));
        RequestHeader::decode(&mut reader).unwrap();
        let read = produce::Request::decode(&mut reader, version).unwrap();
        let records = read.topic_data[0].partition_data[0].records.as_ref().unwrap();
        assert_eq!(records, &[7; 1_000][..]);
        assert!(frame.as_ptr_range().contains(&records.as_ptr()), "v{version}");
    }
}

/// The buffer of a connection is used again once its last response is sent.
#[test]
fn a_writer_uses_its_memory_again() {
    let mut writer = Writer::with_capacity(4096);
    let response = produce::Response::default();
    let mut places = std::collections::BTreeSet::new();
    for correlation_id in 0..10_000 {
        let parts = encode_response(&mut writer, ApiKey::Produce, 13, correlation_id, &response).unwrap();
        places.insert(parts[0].as_ptr() as usize / 4096);
        drop(parts);
        writer.reserve(64);
    }
    assert!(places.len() <= 2, "{} buffers for one connection", places.len());
}

/// Headers are a list: a key may come twice, and clients rely on both and on their order.
#[test]
fn duplicate_header_keys_survive() {
    let pairs = [("trace", Some(&b"1"[..])), ("trace", Some(b"2")), ("other", None), ("trace", Some(b"1"))];
    let headers = pairs.map(|(key, value)| Header { key: key.as_bytes(), value });
    for codec in Compression::ALL {
        let mut builder = BatchBuilder::new(codec);
        builder.append(1, None, Some(b"value"), headers).unwrap();
        let batch = Batch::new(builder.build().unwrap()).unwrap();
        batch.verify_crc().unwrap();
        let records = batch.records(1 << 20).unwrap();
        let record = records.iter().next().unwrap().unwrap();
        assert_eq!(record.headers.iter().collect::<Vec<_>>(), headers, "{codec}");
    }
}
