//! The services as a client without our crate sees them: bad batches beside good ones, messages instead of batches, health
//! and reflection.

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use thalweg_client::{Client, ErrorCode, NewTopic, Record as NewRecord};
use thalweg_proto::grpc::v1;
use thalweg_proto::grpc::v1::consume_service_client::ConsumeServiceClient;
use thalweg_proto::grpc::v1::produce_service_client::ProduceServiceClient;
use thalweg_proto::grpc::v1::topic_service_client::TopicServiceClient;
use thalweg_proto::record::{BatchBuilder, Compression};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus};
use tonic_types::StatusExt;

use crate::broker::Broker;

async fn connect(broker: &Broker) -> Channel {
    Endpoint::from_shared(format!("http://{}", broker.http)).unwrap().connect().await.unwrap()
}

fn batch(codec: Compression) -> Bytes {
    let mut builder = BatchBuilder::new(codec);
    for number in 0..10_i64 {
        builder.append(1_000 + number, Some(b"key"), Some(&[7; 100]), []).unwrap();
    }
    builder.build().unwrap()
}

fn produce(payload: v1::produce_batch::Payload) -> Option<v1::ProduceBatch> {
    let payload = Some(payload);
    Some(v1::ProduceBatch { topic: "raw".to_owned(), partition: 0, acks: v1::Acks::All.into(), payload })
}

/// Every way to spoil a batch, each with the error that it must get.
fn spoilt() -> Vec<(Bytes, ErrorCode)> {
    let good = batch(Compression::None);
    let changed = |position: usize, byte: u8| {
        let mut bytes = good.to_vec();
        bytes[position] = byte;
        Bytes::from(bytes)
    };
    let mut two = good.to_vec();
    two.extend_from_slice(&good);
    vec![
        (changed(100, 0xff), ErrorCode::CorruptMessage),
        (changed(17, 0xff), ErrorCode::CorruptMessage),
        (good.slice(..good.len() - 1), ErrorCode::InvalidRecord),
        (good.slice(..30), ErrorCode::InvalidRecord),
        (two.into(), ErrorCode::InvalidRecord),
    ]
}

#[tokio::test]
async fn a_bad_batch_is_answered_for_itself_and_the_stream_goes_on() {
    let data = tempfile::tempdir().unwrap();
    let broker = Broker::start(data.path(), "127.0.0.1:0");
    let client = Client::connect(&broker.http).await.unwrap();
    client.admin().create_topic(NewTopic::new("raw").partitions(1)).await.unwrap();
    let mut service = ProduceServiceClient::new(connect(&broker).await);
    let mut requests = Vec::new();
    let mut expected = Vec::new();
    for (bytes, code) in spoilt() {
        requests.push(produce(v1::produce_batch::Payload::RecordBatch(bytes)));
        expected.push(Err(code));
        requests.push(produce(v1::produce_batch::Payload::RecordBatch(batch(Compression::Lz4))));
        expected.push(Ok(
            expected.iter().filter(|outcome: &&Result<i64, _>| outcome.is_ok()).count() as i64 * 10
        ));
    }
    requests.push(None);
    expected.push(Err(ErrorCode::InvalidRequest));
    let elsewhere = v1::ProduceBatch {
        partition: 7,
        ..produce(v1::produce_batch::Payload::RecordBatch(batch(Compression::None))).unwrap()
    };
    requests.push(Some(elsewhere));
    expected.push(Err(ErrorCode::UnknownTopicOrPartition));
    let numbered: Vec<_> =
        (100..).zip(requests).map(|(sequence, batch)| v1::ProduceStreamRequest { sequence, batch }).collect();
    let answers = service.produce_stream(stream::iter(numbered)).await.unwrap().into_inner();
    let answers: Vec<_> = answers.map(Result::unwrap).collect().await;
    assert_eq!(answers.len(), expected.len());
    for ((sequence, answer), expected) in (100..).zip(answers).zip(expected) {
        assert_eq!(answer.sequence, sequence);
        match (answer.result.unwrap(), expected) {
            (v1::produce_stream_response::Result::Ack(ack), Ok(offset)) => {
                assert_eq!(ack.base_offset, offset)
            }
            (v1::produce_stream_response::Result::Problem(problem), Err(code)) => {
                assert_eq!(problem.reason, code.name(), "{problem:?}");
                assert_eq!(problem.kafka_code, i32::from(code as i16));
                assert_eq!(problem.code, i32::from(code.grpc_code()));
            }
            (answer, expected) => panic!("{sequence}: {answer:?} instead of {expected:?}"),
        }
    }
}

fn details(status: &Status) -> (Code, String, String) {
    let info = status.get_details_error_info().expect("an ErrorInfo");
    assert_eq!(info.domain, "thalweg");
    (status.code(), info.reason, info.metadata["kafka_code"].clone())
}

#[tokio::test]
async fn messages_go_in_and_come_out_without_kafkas_format() {
    let data = tempfile::tempdir().unwrap();
    let broker = Broker::start(data.path(), "127.0.0.1:0");
    let channel = connect(&broker).await;
    let mut topics = TopicServiceClient::new(channel.clone());
    topics
        .create_topic(v1::CreateTopicRequest { name: "raw".to_owned(), ..Default::default() })
        .await
        .unwrap();
    let mut producer = ProduceServiceClient::new(channel.clone());
    let header = |key: &str, value: Option<&'static str>| v1::Header {
        key: key.to_owned(),
        value: value.map(Bytes::from),
    };
    let records: Vec<_> = (0..5_i64)
        .map(|number| v1::Record {
            key: (number % 2 == 0).then(|| Bytes::from("k")),
            value: Some(Bytes::from(number.to_string())),
            headers: vec![header("h", Some("1")), header("h", None)],
            timestamp_ms: Some(number),
        })
        .collect();
    let payload = v1::produce_batch::Payload::Records(v1::Records { records: records.clone() });
    let request = v1::ProduceRequest { batch: produce(payload) };
    let ack = producer.produce(request.clone()).await.unwrap().into_inner().ack.unwrap();
    assert_eq!((ack.base_offset, ack.last_offset), (0, 4));

    let mut missing = request;
    missing.batch.as_mut().unwrap().topic = "nowhere".to_owned();
    let status = producer.produce(missing).await.unwrap_err();
    let expected = (Code::NotFound, "UNKNOWN_TOPIC_OR_PARTITION".to_owned(), "3".to_owned());
    assert_eq!(details(&status), expected);

    let wanted =
        |topic: &str, offset| v1::FetchPartition { topic: topic.to_owned(), offset, ..Default::default() };
    let fetch = v1::FetchRequest {
        partitions: vec![wanted("raw", 2), wanted("nowhere", 0), wanted("raw", 50)],
        format: v1::RecordFormat::Records.into(),
        ..Default::default()
    };
    let mut consumer = ConsumeServiceClient::new(channel);
    let fetched = consumer.fetch(fetch).await.unwrap().into_inner().partitions;
    assert_eq!((fetched[0].high_watermark, fetched[0].next_offset), (5, 5));
    for (fetched, (offset, record)) in fetched[0].records.iter().zip((2..).zip(&records[2..])) {
        assert_eq!((fetched.offset, fetched.timestamp_ms), (offset, record.timestamp_ms.unwrap()));
        assert_eq!((&fetched.key, &fetched.value), (&record.key, &record.value));
        assert_eq!(fetched.headers, record.headers);
    }
    assert_eq!(fetched[0].records.len(), 3);
    assert_eq!(fetched[1].problem.as_ref().unwrap().reason, "UNKNOWN_TOPIC_OR_PARTITION");
    assert_eq!(fetched[2].problem.as_ref().unwrap().reason, "OFFSET_OUT_OF_RANGE");

    let begun = std::time::Instant::now();
    let poll = v1::FetchRequest {
        partitions: vec![wanted("raw", 5)],
        min_bytes: 1,
        max_wait_ms: 300,
        ..Default::default()
    };
    let empty = consumer.fetch(poll).await.unwrap().into_inner();
    assert!(empty.partitions[0].record_batches.is_empty());
    assert!(begun.elapsed() >= std::time::Duration::from_millis(290), "a long poll waits");
}

#[tokio::test]
async fn a_reader_that_does_not_read_is_not_read_for() {
    let data = tempfile::tempdir().unwrap();
    let broker = Broker::start(data.path(), "127.0.0.1:0");
    let client = Client::connect(&broker.http).await.unwrap();
    client.admin().create_topic(NewTopic::new("raw").partitions(1)).await.unwrap();
    let producer = client.producer().build();
    const RECORDS: usize = 256;
    for _ in 0..RECORDS {
        drop(producer.enqueue(NewRecord::new("raw").value(vec![1; 256 << 10])).await.unwrap());
    }
    producer.flush().await.unwrap();
    let wanted = v1::ConsumePartition { topic: "raw".to_owned(), ..Default::default() };
    let request = v1::ConsumeRequest { partitions: vec![wanted], max_bytes: 1 << 20, ..Default::default() };
    let mut consumer = ConsumeServiceClient::new(connect(&broker).await).max_decoding_message_size(64 << 20);
    let mut responses = consumer.consume(request).await.unwrap().into_inner();
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let read = metric(&broker, "thalweg_bytes_out_total");
    assert!(read < 16 << 20, "{read} bytes were read for a reader that took none of 64 MiB");
    let mut next = 0;
    while next < RECORDS as i64 {
        next = responses.next().await.unwrap().unwrap().partitions[0].next_offset;
    }
}

fn metric(broker: &Broker, name: &str) -> u64 {
    let page = crate::page(broker, "/metrics");
    let line = page.lines().find(|line| line.starts_with(name)).unwrap();
    line.rsplit_once(' ').unwrap().1.parse().unwrap()
}

#[tokio::test]
async fn every_service_tells_its_health_and_its_shape() {
    let data = tempfile::tempdir().unwrap();
    let broker = Broker::start(data.path(), "127.0.0.1:0");
    let channel = connect(&broker).await;
    let mut health = HealthClient::new(channel.clone());
    for service in ["", "thalweg.v1.ProduceService", "thalweg.v1.ConsumeService", "thalweg.v1.TopicService"] {
        let request = HealthCheckRequest { service: service.to_owned() };
        let answer = health.check(request).await.unwrap().into_inner();
        assert_eq!(answer.status(), ServingStatus::Serving, "{service}");
    }
    use tonic_reflection::pb::v1::ServerReflectionRequest;
    use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
    use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
    use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
    let ask = MessageRequest::ListServices(String::new());
    let request = ServerReflectionRequest { host: String::new(), message_request: Some(ask) };
    let mut reflection = ServerReflectionClient::new(channel);
    let mut answers = reflection.server_reflection_info(stream::iter([request])).await.unwrap().into_inner();
    let answer = answers.next().await.unwrap().unwrap().message_response.unwrap();
    let MessageResponse::ListServicesResponse(list) = answer else { panic!("{answer:?}") };
    let names: Vec<_> = list.service.into_iter().map(|service| service.name).collect();
    for service in ["ProduceService", "ConsumeService", "TopicService", "ClusterService"] {
        assert!(names.contains(&format!("thalweg.v1.{service}")), "{names:?}");
    }
}
