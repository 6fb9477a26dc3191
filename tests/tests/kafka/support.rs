//! A broker in this process, and a client that sends exactly what it is told.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tempfile::TempDir;
use thalweg_broker::server::Server;
use thalweg_broker::world::{World, real};
use thalweg_config::{Loader, Origin};
use thalweg_proto::api::ApiKey;
use thalweg_proto::frame::{self, RequestHeader, ResponseHeader};
use thalweg_proto::messages::{create_topics, fetch, find_coordinator, produce};
use thalweg_proto::record::build::BatchBuilder;
use thalweg_proto::record::compress::Compression;
use thalweg_proto::record::view::Batches;
use thalweg_proto::wire::{Message, Reader, Text, Writer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longer than anything here takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A broker on ports and in a directory of its own.
pub struct Broker {
    pub server: Server,
    _dir: TempDir,
}

impl Broker {
    pub async fn start() -> Self {
        Self::with(&[], real::world()).await
    }

    pub async fn with(settings: &[(&str, &str)], world: World) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let server = serve(&dir, settings, world).await;
        Self { server, _dir: dir }
    }

    pub fn address(&self) -> SocketAddr {
        self.server.kafka
    }

    pub async fn client(&self) -> Client {
        Client::connect(self.address()).await
    }
}

/// Starts a broker on a directory.
pub async fn serve(dir: &TempDir, settings: &[(&str, &str)], world: World) -> Server {
    let mut loader = Loader::new();
    let given = [
        ("log.dirs", dir.path().to_str().unwrap()),
        ("listeners", "PLAINTEXT://127.0.0.1:0"),
        ("http.listener", "127.0.0.1:0"),
    ];
    for (name, value) in given.iter().chain(settings) {
        loader.set(name, value, Origin::Flag("test".into())).unwrap();
    }
    Server::start(loader.finish().unwrap(), world).await.unwrap()
}

/// One connection.
pub struct Client {
    stream: TcpStream,
    next: i32,
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, next: 1 }
    }

    /// Sends a request and returns its number.
    pub async fn send(&mut self, api: ApiKey, version: i16, request: &impl Message) -> i32 {
        self.try_send(api, version, request).await.expect("an open connection")
    }

    /// The same; none if the connection has ended.
    pub async fn try_send(&mut self, api: ApiKey, version: i16, request: &impl Message) -> Option<i32> {
        let header = RequestHeader {
            api_key: api.code(),
            api_version: version,
            correlation_id: self.next,
            client_id: Some(Text::from("test")),
        };
        self.next += 1;
        for part in frame::encode_request(&mut Writer::new(), &header, request).unwrap() {
            self.stream.write_all(&part).await.ok()?;
        }
        Some(header.correlation_id)
    }

    /// Receives the next response with the number it answers; none if the broker closes the connection.
    pub async fn receive<M: Message>(&mut self, api: ApiKey, version: i16) -> Option<(i32, M)> {
        let frame = self.frame().await?;
        let mut reader = Reader::new(frame);
        let header = ResponseHeader::decode(&mut reader, api.response_header_version(version)).unwrap();
        Some((header.correlation_id, M::decode(&mut reader, version).unwrap()))
    }

    /// The next frame without its length; none at the end of the stream.
    pub async fn frame(&mut self) -> Option<Bytes> {
        let read = async {
            let length = self.stream.read_i32().await.ok()?;
            let mut body = BytesMut::zeroed(usize::try_from(length).unwrap());
            self.stream.read_exact(&mut body).await.ok()?;
            Some(body.freeze())
        };
        tokio::time::timeout(PATIENCE, read).await.expect("an answer in time")
    }

    pub async fn raw(&mut self, bytes: &[u8]) {
        // The broker may have closed the connection already; the test looks at what it answers.
        let _ = self.stream.write_all(bytes).await;
    }

    /// Sends a request and waits for its response.
    pub async fn ask<M: Message>(&mut self, api: ApiKey, version: i16, request: &impl Message) -> M {
        let sent = self.send(api, version, request).await;
        let (answered, response) = self.receive(api, version).await.expect("an answer");
        assert_eq!(sent, answered);
        response
    }

    /// Asks for the coordinator of a group, which makes the topic of offsets.
    pub async fn find_coordinator(&mut self, group: &str) {
        let request =
            find_coordinator::Request { coordinator_keys: vec![group.into()], ..Default::default() };
        let found: find_coordinator::Response = self.ask(ApiKey::FindCoordinator, 4, &request).await;
        assert_eq!(found.coordinators[0].error_code, 0, "{found:?}");
    }

    pub async fn create_topic(&mut self, name: &str, partitions: i32, configs: &[(&str, &str)]) {
        let configs = configs.iter().map(|(name, value)| create_topics::CreatableTopicConfig {
            name: Text::from(*name),
            value: Some(Text::from(*value)),
        });
        let request = create_topics::Request {
            topics: vec![create_topics::CreatableTopic {
                name: Text::from(name),
                num_partitions: partitions,
                replication_factor: 1,
                configs: configs.collect(),
                ..Default::default()
            }],
            timeout_ms: 10_000,
            ..Default::default()
        };
        let response: create_topics::Response = self.ask(ApiKey::CreateTopics, 7, &request).await;
        assert_eq!(response.topics[0].error_code, 0, "{response:?}");
    }

    pub async fn produce(&mut self, topic: &str, partition: i32, values: &[&str]) -> i64 {
        let request = produce_request(topic, partition, values);
        let response: produce::Response = self.ask(ApiKey::Produce, 9, &request).await;
        let answer = &response.responses[0].partition_responses[0];
        assert_eq!(answer.error_code, 0, "{answer:?}");
        answer.base_offset
    }

    pub async fn fetch(&mut self, request: &fetch::Request) -> fetch::Response {
        self.ask(ApiKey::Fetch, 12, request).await
    }

    /// All values of a partition from an offset on, as one fetch after the other gives them.
    pub async fn read_all(&mut self, topic: &str, partition: i32) -> Vec<(i64, String)> {
        let mut read: Vec<(i64, String)> = Vec::new();
        loop {
            let from = read.last().map_or(0, |(offset, _)| offset + 1);
            let response = self.fetch(&fetch_request(topic, partition, from)).await;
            let answer = &response.responses[0].partitions[0];
            assert_eq!(answer.error_code, 0, "{answer:?}");
            let before = read.len();
            read.extend(records(answer).into_iter().filter(|(offset, _)| *offset >= from));
            if read.len() == before {
                return read;
            }
        }
    }
}

/// A batch of records without keys.
pub fn batch(values: &[&str]) -> Bytes {
    let mut builder = BatchBuilder::new(Compression::None);
    for value in values {
        builder.append(1_700_000_000_000, None, Some(value.as_bytes()), []).unwrap();
    }
    builder.build().unwrap()
}

pub fn produce_request(topic: &str, partition: i32, values: &[&str]) -> produce::Request {
    produce::Request {
        acks: -1,
        timeout_ms: 30_000,
        topic_data: vec![produce::TopicProduceData {
            name: Text::from(topic),
            partition_data: vec![produce::PartitionProduceData {
                index: partition,
                records: Some(batch(values)),
            }],
            ..Default::default()
        }],
        ..Default::default()
    }
}

pub fn fetch_request(topic: &str, partition: i32, offset: i64) -> fetch::Request {
    fetch::Request {
        max_bytes: 1 << 20,
        topics: vec![fetch::FetchTopic {
            topic: Text::from(topic),
            partitions: vec![fetch::FetchPartition {
                partition,
                fetch_offset: offset,
                partition_max_bytes: 1 << 20,
                ..Default::default()
            }],
            ..Default::default()
        }],
        ..Default::default()
    }
}

/// Offset and value of each record of an answer.
pub fn records(answer: &fetch::PartitionData) -> Vec<(i64, String)> {
    let slices = answer.records.iter().flat_map(|records| &records.slices).cloned();
    let batches = slices.flat_map(Batches::new);
    let mut found = Vec::new();
    for batch in batches {
        let batch = batch.unwrap();
        batch.verify_crc().unwrap();
        for record in batch.records(1 << 20).unwrap().iter() {
            let record = record.unwrap();
            let offset = batch.header().base_offset + i64::from(record.offset_delta);
            found.push((offset, String::from_utf8(record.value.unwrap().to_vec()).unwrap()));
        }
    }
    found
}
