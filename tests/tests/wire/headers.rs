//! Request and response headers in every version, and whole frames.

use bytes::{Bytes, BytesMut};
use kafka_protocol::{
    messages::{RequestHeader as OracleRequest, ResponseHeader as OracleResponse},
    protocol::{Decodable, Encodable, StrBytes},
};
use thalweg_proto::{
    api::ApiKey,
    frame::{RequestHeader, ResponseHeader, encode_request, encode_response},
    messages::api_versions,
    wire::{Reader, Text, Writer},
};

use crate::catalog::joined;

fn request_headers() -> Vec<RequestHeader> {
    let names = [None, Some(Text::EMPTY), Some(Text::from("rdkafka")), Some("é".repeat(16_000).into())];
    let keys = [(ApiKey::Metadata, 1), (ApiKey::Metadata, 13), (ApiKey::ApiVersions, 4)];
    let all = names.into_iter().flat_map(|client_id| {
        keys.map(|(api, api_version)| RequestHeader {
            api_key: api.code(),
            api_version,
            correlation_id: i32::MIN,
            client_id: client_id.clone(),
        })
    });
    all.collect()
}

#[test]
fn request_headers_in_every_version() {
    for version in 0..=2 {
        for mut header in request_headers() {
            if version == 0 {
                header.client_id = None;
            }
            let mut writer = Writer::new();
            header.encode(&mut writer, version).unwrap();
            let bytes = joined(&mut writer);
            let mut reader = Reader::new(bytes.clone());
            assert_eq!(RequestHeader::decode_version(&mut reader, version).unwrap(), header);
            assert_eq!(reader.remaining(), 0);
            for length in 0..bytes.len() {
                assert!(
                    RequestHeader::decode_version(&mut Reader::new(bytes.slice(..length)), version).is_err()
                );
            }
            // The other implementation knows the versions that Kafka 4 has.
            if version >= 1 {
                let mut theirs = BytesMut::new();
                OracleRequest::decode(&mut bytes.clone(), version)
                    .unwrap()
                    .encode(&mut theirs, version)
                    .unwrap();
                assert_eq!(bytes, theirs);
            }
        }
    }
}

#[test]
fn response_headers_in_every_version() {
    for version in 0..=1 {
        let header = ResponseHeader { correlation_id: 0x0102_0304 };
        let mut writer = Writer::new();
        header.encode(&mut writer, version).unwrap();
        let bytes = joined(&mut writer);
        assert_eq!(ResponseHeader::decode(&mut Reader::new(bytes.clone()), version).unwrap(), header);
        for length in 0..bytes.len() {
            assert!(ResponseHeader::decode(&mut Reader::new(bytes.slice(..length)), version).is_err());
        }
        let mut theirs = BytesMut::new();
        OracleResponse::default().with_correlation_id(0x0102_0304).encode(&mut theirs, version).unwrap();
        assert_eq!(bytes, theirs);
    }
}

#[test]
fn the_header_version_follows_from_api_and_version() {
    use kafka_protocol::messages::ApiKey as Oracle;
    for api in ApiKey::ALL {
        let Ok(oracle) = Oracle::try_from(api.code()) else { continue };
        for version in api.versions() {
            assert_eq!(
                api.request_header_version(version),
                oracle.request_header_version(version),
                "{api} {version}"
            );
            assert_eq!(
                api.response_header_version(version),
                oracle.response_header_version(version),
                "{api} {version}"
            );
        }
    }
}

#[test]
fn a_header_is_read_as_its_api_implies() {
    for header in request_headers() {
        let version = ApiKey::try_from(header.api_key).unwrap().request_header_version(header.api_version);
        let mut writer = Writer::new();
        header.encode(&mut writer, version).unwrap();
        writer.put(b"body");
        let mut reader = Reader::new(joined(&mut writer));
        assert_eq!(RequestHeader::decode(&mut reader).unwrap(), header);
        assert_eq!(reader.into_rest(), "body");
    }
}

/// An unknown version must still be answerable: the correlation id and the client id are read (KIP-511).
#[test]
fn a_header_of_an_unknown_version_is_read() {
    let oracle = OracleRequest::default()
        .with_request_api_key(18)
        .with_request_api_version(99)
        .with_correlation_id(7)
        .with_client_id(Some(StrBytes::from_static_str("future")));
    let mut bytes = BytesMut::new();
    oracle.encode(&mut bytes, 2).unwrap();
    let header = RequestHeader::decode(&mut Reader::new(bytes.freeze())).unwrap();
    assert_eq!(
        (header.api_version, header.correlation_id, header.client_id.as_deref()),
        (99, 7, Some("future"))
    );
}

#[test]
fn unknown_tagged_fields_of_a_header_are_passed_over() {
    let fixed = [0, 3, 0, 13, 0, 0, 0, 1, 0, 1, b'c'];
    let tagged = [2, 5, 3, 1, 2, 3, 200, 1, 0];
    let mut reader = Reader::new([&fixed[..], &tagged, b"body"].concat().into());
    assert_eq!(RequestHeader::decode(&mut reader).unwrap().client_id.as_deref(), Some("c"));
    assert_eq!(reader.into_rest(), "body");
    let endless = [&fixed[..], &[0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0, 0]].concat();
    assert!(RequestHeader::decode(&mut Reader::new(endless.into())).is_err());
}

#[test]
fn a_frame_begins_with_its_length() {
    let response = api_versions::Response { error_code: 35, ..Default::default() };
    let mut writer = Writer::new();
    let frame: Bytes =
        encode_response(&mut writer, ApiKey::ApiVersions, 0, 9, &response).unwrap().concat().into();
    assert_eq!(frame, [0, 0, 0, 10, 0, 0, 0, 9, 0, 35, 0, 0, 0, 0][..]);

    let header = RequestHeader { api_key: 18, api_version: 3, correlation_id: 9, client_id: None };
    let request = api_versions::Request::default();
    let frame = encode_request(&mut writer, &header, &request).unwrap().concat();
    assert_eq!(frame, [0, 0, 0, 14, 0, 18, 0, 3, 0, 0, 0, 9, 0xff, 0xff, 0, 1, 1, 0]);

    // A version that cannot be written leaves nothing behind.
    assert!(encode_response(&mut writer, ApiKey::ApiVersions, 99, 9, &response).is_err());
    assert!(writer.is_empty());
}
