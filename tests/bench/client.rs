//! The smallest client that can measure: one blocking connection, one request at a time.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use thalweg_proto::api::ApiKey;
use thalweg_proto::error::ErrorCode;
use thalweg_proto::frame::{RequestHeader, ResponseHeader, encode_request};
use thalweg_proto::messages::{
    api_versions, create_topics, find_coordinator, heartbeat, incremental_alter_configs, produce,
};
use thalweg_proto::record::{BatchBuilder, Compression};
use thalweg_proto::wire::{Message, Reader, Writer};

/// A connection to a broker.
pub struct Client {
    stream: TcpStream,
    correlation_id: i32,
}

impl Client {
    /// Connects; an error means that nobody listens yet.
    pub fn connect(address: &str) -> std::io::Result<Client> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Client { stream, correlation_id: 0 })
    }

    /// Sends a request and waits for its answer.
    pub fn ask<Q: Message, A: Message>(
        &mut self,
        api: ApiKey,
        version: i16,
        request: &Q,
    ) -> std::io::Result<A> {
        self.correlation_id += 1;
        let header = RequestHeader {
            api_key: api.code(),
            api_version: version,
            correlation_id: self.correlation_id,
            client_id: Some("bench".into()),
        };
        let parts = encode_request(&mut Writer::new(), &header, request).unwrap();
        self.stream.write_all(&parts.concat())?;
        let mut length = [0; 4];
        self.stream.read_exact(&mut length)?;
        let mut frame = vec![0; usize::try_from(i32::from_be_bytes(length)).unwrap()];
        self.stream.read_exact(&mut frame)?;
        let mut reader = Reader::new(Bytes::from(frame));
        let header = ResponseHeader::decode(&mut reader, api.response_header_version(version)).unwrap();
        assert_eq!(header.correlation_id, self.correlation_id);
        Ok(A::decode(&mut reader, version).unwrap())
    }

    /// Asks for the versions of the APIs: the first question of every client.
    pub fn api_versions(&mut self) -> std::io::Result<()> {
        let answer: api_versions::Response =
            self.ask(ApiKey::ApiVersions, 0, &api_versions::Request::default())?;
        assert_eq!(answer.error_code, 0);
        Ok(())
    }

    /// Waits until a group has a coordinator.
    pub fn find_coordinator(&mut self, group: &str) {
        let request = find_coordinator::Request { key: group.into(), ..Default::default() };
        loop {
            let answer: find_coordinator::Response = self.ask(ApiKey::FindCoordinator, 2, &request).unwrap();
            if answer.error_code == 0 {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until the coordinator of a group answers for it.
    pub fn wait_for_coordinator(&mut self, group: &str) {
        let request = heartbeat::Request { group_id: group.into(), ..Default::default() };
        let not_yet = [
            ErrorCode::NotCoordinator.code(),
            ErrorCode::CoordinatorNotAvailable.code(),
            ErrorCode::CoordinatorLoadInProgress.code(),
        ];
        loop {
            let answer: heartbeat::Response = self.ask(ApiKey::Heartbeat, 3, &request).unwrap();
            if !not_yet.contains(&answer.error_code) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Makes a topic and waits until it can be written to.
    pub fn create_topic(&mut self, name: &str, partitions: i32, configs: &[(&str, &str)]) {
        let config = |(name, value): &(&str, &str)| create_topics::CreatableTopicConfig {
            name: (*name).into(),
            value: Some((*value).into()),
        };
        let topic = create_topics::CreatableTopic {
            name: name.into(),
            num_partitions: partitions,
            replication_factor: 1,
            configs: configs.iter().map(config).collect(),
            ..Default::default()
        };
        let request =
            create_topics::Request { topics: vec![topic], timeout_ms: 10_000, ..Default::default() };
        let answer: create_topics::Response = self.ask(ApiKey::CreateTopics, 5, &request).unwrap();
        assert_eq!(answer.topics[0].error_code, 0, "{answer:?}");
        let batch = batch(1);
        while self.produce(name, &batch) != 0 {
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Changes configs of a topic.
    pub fn set_topic(&mut self, name: &str, configs: &[(&str, &str)]) {
        let config = |(name, value): &(&str, &str)| incremental_alter_configs::AlterableConfig {
            name: (*name).into(),
            config_operation: 0,
            value: Some((*value).into()),
        };
        let resource = incremental_alter_configs::AlterConfigsResource {
            resource_type: 2,
            resource_name: name.into(),
            configs: configs.iter().map(config).collect(),
        };
        let request = incremental_alter_configs::Request { resources: vec![resource], validate_only: false };
        let answer: incremental_alter_configs::Response =
            self.ask(ApiKey::IncrementalAlterConfigs, 1, &request).unwrap();
        assert_eq!(answer.responses[0].error_code, 0, "{answer:?}");
    }

    /// Produces one batch to partition 0 with acks=all; gives the error code.
    pub fn produce(&mut self, topic: &str, batch: &Bytes) -> i16 {
        self.produce_to(topic, 0, batch)
    }

    /// Produces one batch to a partition with acks=all; gives the error code.
    pub fn produce_to(&mut self, topic: &str, index: i32, batch: &Bytes) -> i16 {
        let partition = produce::PartitionProduceData { index, records: Some(batch.clone()) };
        let topic = produce::TopicProduceData {
            name: topic.into(),
            partition_data: vec![partition],
            ..Default::default()
        };
        let request =
            produce::Request { acks: -1, timeout_ms: 10_000, topic_data: vec![topic], ..Default::default() };
        let answer: produce::Response = self.ask(ApiKey::Produce, 9, &request).unwrap();
        answer.responses[0].partition_responses[0].error_code
    }
}

/// A batch of one record of so many bytes.
pub fn batch(bytes: usize) -> Bytes {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
    let mut batch = BatchBuilder::new(Compression::None);
    batch.append(i64::try_from(now).unwrap(), None, Some(&vec![b'x'; bytes]), []).unwrap();
    batch.build().unwrap()
}
