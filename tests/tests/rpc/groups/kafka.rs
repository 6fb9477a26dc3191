//! Members of Kafka's protocol beside members of ours.

use std::collections::BTreeSet;

use bytes::BytesMut;
use thalweg_client::{Commit, GroupEvent, TopicPartition};
use thalweg_proto::api::ApiKey;
use thalweg_proto::error::ErrorCode;
use thalweg_proto::frame::{self, RequestHeader, ResponseHeader};
use thalweg_proto::messages::consumer_group_heartbeat::{Request, Response, TopicPartitions};
use thalweg_proto::messages::{offset_commit, offset_fetch};
use thalweg_proto::wire::{Message, Reader, Text, Writer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Place, committed, next, until};

/// A client that says over Kafka's protocol exactly what it is told.
struct Wire {
    stream: TcpStream,
}

impl Wire {
    async fn ask<R: Message>(&mut self, api: ApiKey, version: i16, request: &impl Message) -> R {
        let header = RequestHeader {
            api_key: api.code(),
            api_version: version,
            correlation_id: 7,
            client_id: Some(Text::from("wire")),
        };
        for part in frame::encode_request(&mut Writer::new(), &header, request).unwrap() {
            self.stream.write_all(&part).await.unwrap();
        }
        let length = self.stream.read_i32().await.unwrap();
        let mut body = BytesMut::zeroed(usize::try_from(length).unwrap());
        self.stream.read_exact(&mut body).await.unwrap();
        let mut reader = Reader::new(body.freeze());
        ResponseHeader::decode(&mut reader, api.response_header_version(version)).unwrap();
        R::decode(&mut reader, version).unwrap()
    }
}

/// A member of the consumer protocol (KIP-848), as a Kafka client would keep it.
struct KafkaMember {
    wire: Wire,
    epoch: i32,
    owned: Vec<TopicPartitions>,
}

impl KafkaMember {
    async fn join(place: &Place) -> Self {
        let stream = TcpStream::connect(&place.broker.kafka).await.unwrap();
        let mut member = Self { wire: Wire { stream }, epoch: 0, owned: Vec::new() };
        let request = Request {
            subscribed_topic_names: Some(vec![Text::from("t")]),
            topic_partitions: Some(Vec::new()),
            rebalance_timeout_ms: 60_000,
            ..member.request()
        };
        member.heartbeat(request).await;
        member
    }

    fn request(&self) -> Request {
        Request {
            group_id: Text::from("g"),
            member_id: Text::from("kafka-member"),
            member_epoch: self.epoch,
            ..Request::default()
        }
    }

    async fn heartbeat(&mut self, request: Request) {
        let response: Response = self.wire.ask(ApiKey::ConsumerGroupHeartbeat, 1, &request).await;
        assert_eq!(response.error_code, 0, "{response:?}");
        self.epoch = response.member_epoch;
        if let Some(assignment) = response.assignment {
            self.owned = assignment.topic_partitions;
            let report = Request { topic_partitions: Some(self.owned.clone()), ..self.request() };
            Box::pin(self.heartbeat(report)).await;
        }
    }

    /// The partitions that it has after another heartbeat.
    async fn partitions(&mut self) -> BTreeSet<i32> {
        self.heartbeat(self.request()).await;
        self.owned.iter().flat_map(|topic| topic.partitions.clone()).collect()
    }

    async fn commit(&mut self, partition: i32, offset: i64) -> i16 {
        let request = offset_commit::Request {
            group_id: Text::from("g"),
            generation_id_or_member_epoch: self.epoch,
            member_id: Text::from("kafka-member"),
            topics: vec![offset_commit::OffsetCommitRequestTopic {
                name: Text::from("t"),
                partitions: vec![offset_commit::OffsetCommitRequestPartition {
                    partition_index: partition,
                    committed_offset: offset,
                    ..offset_commit::OffsetCommitRequestPartition::default()
                }],
                ..offset_commit::OffsetCommitRequestTopic::default()
            }],
            ..offset_commit::Request::default()
        };
        let response: offset_commit::Response = self.wire.ask(ApiKey::OffsetCommit, 9, &request).await;
        response.topics[0].partitions[0].error_code
    }

    /// What the group has committed in a partition.
    async fn fetch(&mut self, partition: i32) -> i64 {
        let request = offset_fetch::Request {
            groups: vec![offset_fetch::OffsetFetchRequestGroup {
                group_id: Text::from("g"),
                topics: Some(vec![offset_fetch::OffsetFetchRequestTopics {
                    name: Text::from("t"),
                    partition_indexes: vec![partition],
                    ..offset_fetch::OffsetFetchRequestTopics::default()
                }]),
                ..offset_fetch::OffsetFetchRequestGroup::default()
            }],
            ..offset_fetch::Request::default()
        };
        let response: offset_fetch::Response = self.wire.ask(ApiKey::OffsetFetch, 9, &request).await;
        response.groups[0].topics[0].partitions[0].committed_offset
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_of_either_protocol_shares_the_partitions_with_the_other() {
    let place = Place::new(&[]).await;
    place.topic("t", 4).await;
    place.fill("t", 4, 5).await;
    let mut own = place.consumer("g", "t").commit(Commit::Manual).build().await.unwrap();
    let control = own.control();
    for _ in 0..20 {
        next(&mut own).await;
    }
    own.commit_all().await.unwrap();

    let mut kafka = KafkaMember::join(&place).await;
    let mut theirs = kafka.partitions().await;
    let ours = || control.assignment().iter().map(|place| place.partition).collect::<BTreeSet<i32>>();
    let begun = tokio::time::Instant::now();
    while theirs.len() < 2 {
        assert!(begun.elapsed() < super::PATIENCE, "{theirs:?} {:?}", ours());
        // It asks for messages, so what it is to give up is given up.
        let _ = tokio::time::timeout(
            std::time::Duration::from_millis(50),
            futures_util::StreamExt::next(&mut own),
        )
        .await;
        theirs = kafka.partitions().await;
    }
    assert_eq!((ours().len(), ours().intersection(&theirs).count()), (2, 0));

    let their_first = *theirs.first().unwrap();
    assert_eq!(kafka.fetch(their_first).await, 5, "what our member has committed");
    place.fill("t", 4, 1).await;
    assert_eq!(kafka.commit(their_first, 6).await, 0);
    assert_eq!(committed(&place.client, "g").await[&TopicPartition::new("t", their_first)], 6);
    for _ in 0..2 {
        let message = next(&mut own).await;
        assert!(ours().contains(&message.partition) && message.offset == 5, "{message:?}");
    }
    let described = place.client.admin().group("g").await.unwrap();
    assert_eq!(described.members.len(), 2);

    own.close().await.unwrap();
    let begun = tokio::time::Instant::now();
    while kafka.partitions().await.len() < 4 {
        assert!(begun.elapsed() < super::PATIENCE);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let again = place.consumer("g", "t").build().await.unwrap();
    until("the other takes part again", || async {
        place.client.admin().group("g").await.unwrap().members.len() == 2
    })
    .await;
    // An epoch that is not the member's is refused, whatever the protocol.
    kafka.epoch += 7;
    assert_ne!(kafka.commit(their_first, 9).await, ErrorCode::None.code());
    again.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_was_taken_out_hears_it_and_joins_again() {
    let place = Place::new(&[]).await;
    place.topic("t", 2).await;
    place.fill("t", 2, 5).await;
    let mut own = place.consumer("g", "t").commit(Commit::Manual).build().await.unwrap();
    let mut events = own.events();
    for _ in 0..10 {
        next(&mut own).await;
    }
    let message = thalweg_client::Offset::new("t", 0, 3);
    own.control().commit_offsets(vec![message]).await.unwrap();
    // Somebody leaves in its name.
    let stream = TcpStream::connect(&place.broker.kafka).await.unwrap();
    let leave = Request {
        group_id: Text::from("g"),
        member_id: Text::from(own.control().member_id().as_str()),
        member_epoch: -1,
        ..Request::default()
    };
    let left: Response = Wire { stream }.ask(ApiKey::ConsumerGroupHeartbeat, 1, &leave).await;
    assert_eq!(left.error_code, 0, "{left:?}");
    let lost = loop {
        match super::event(&mut events).await {
            GroupEvent::Assigned { .. } => {}
            GroupEvent::Lost { partitions } => break partitions,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(lost, [TopicPartition::new("t", 0), TopicPartition::new("t", 1)]);
    let again = super::event(&mut events).await;
    assert!(matches!(&again, GroupEvent::Assigned { partitions } if *partitions == lost), "{again:?}");
    let mut nexts = [3, 0];
    for _ in 0..7 {
        let message = next(&mut own).await;
        let next = &mut nexts[message.partition as usize];
        assert_eq!(message.offset, *next, "what was not committed comes again");
        *next += 1;
    }
}
