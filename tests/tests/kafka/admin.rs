//! Administration where we do better than Kafka: everything is answered, and what is answered holds.

use std::time::{Duration, Instant};

use thalweg_proto::api::ApiKey;
use thalweg_proto::error::ErrorCode;
use thalweg_proto::messages::{alter_configs, create_partitions, create_topics, delete_topics, metadata};
use thalweg_proto::wire::Text;

use crate::support::{Broker, Client};

async fn metadata_of(client: &mut Client, name: &str, auto_create: bool) -> metadata::MetadataResponseTopic {
    let topic = metadata::MetadataRequestTopic { name: Some(Text::from(name)), ..Default::default() };
    let request = metadata::Request {
        topics: Some(vec![topic]),
        allow_auto_topic_creation: auto_create,
        ..Default::default()
    };
    let mut response: metadata::Response = client.ask(ApiKey::Metadata, 12, &request).await;
    response.topics.remove(0)
}

#[tokio::test]
async fn a_topic_is_served_when_its_creation_is_answered() {
    let broker = Broker::start().await;
    let (mut admin, mut other) = (broker.client().await, broker.client().await);
    for round in 0..50 {
        let name = format!("orders-{round}");
        admin.create_topic(&name, 3, &[]).await;
        let seen = metadata_of(&mut other, &name, false).await;
        assert_eq!((seen.error_code, seen.partitions.len()), (0, 3));
        assert_eq!(other.produce(&name, 2, &["a"]).await, 0);
        let grow = create_partitions::Request {
            topics: vec![create_partitions::CreatePartitionsTopic {
                name: Text::from(name.as_str()),
                count: 5,
                assignments: None,
            }],
            timeout_ms: 10_000,
            ..Default::default()
        };
        let grown: create_partitions::Response = admin.ask(ApiKey::CreatePartitions, 3, &grow).await;
        assert_eq!(grown.results[0].error_code, 0);
        assert_eq!(other.produce(&name, 4, &["a"]).await, 0);
        let gone = delete_topics::Request {
            topic_names: vec![Text::from(name.as_str())],
            timeout_ms: 10_000,
            ..Default::default()
        };
        let gone: delete_topics::Response = admin.ask(ApiKey::DeleteTopics, 5, &gone).await;
        assert_eq!(gone.responses[0].error_code, 0);
        let seen = metadata_of(&mut other, &name, false).await;
        assert_eq!(seen.error_code, ErrorCode::UnknownTopicOrPartition.code());
    }
}

#[tokio::test]
async fn a_topic_that_is_asked_for_is_there_for_the_next_question() {
    let broker = Broker::with(&[("num.partitions", "4")], thalweg_broker::world::real::world()).await;
    let mut client = broker.client().await;
    let first = metadata_of(&mut client, "asked-for", true).await;
    assert_eq!(first.error_code, ErrorCode::UnknownTopicOrPartition.code(), "as Kafka answers");
    let second = metadata_of(&mut client, "asked-for", false).await;
    assert_eq!((second.error_code, second.partitions.len()), (0, 4));
    client.produce("asked-for", 3, &["a"]).await;
    let quiet =
        Broker::with(&[("auto.create.topics.enable", "false")], thalweg_broker::world::real::world()).await;
    let mut client = quiet.client().await;
    metadata_of(&mut client, "asked-for", true).await;
    let again = metadata_of(&mut client, "asked-for", true).await;
    assert_eq!(again.error_code, ErrorCode::UnknownTopicOrPartition.code());
}

#[tokio::test]
async fn what_kafka_stumbles_over_is_refused_and_forgotten() {
    let broker = Broker::start().await;
    let mut client = broker.client().await;
    client.create_topic("orders", 1, &[]).await;
    let began = Instant::now();

    let resource = alter_configs::AlterConfigsResource {
        resource_type: 2,
        resource_name: Text::from("orders"),
        configs: Vec::new(),
    };
    let twice = alter_configs::Request { resources: vec![resource.clone(), resource], ..Default::default() };
    let answer: alter_configs::Response = client.ask(ApiKey::AlterConfigs, 2, &twice).await;
    let codes: Vec<i16> = answer.responses.iter().map(|response| response.error_code).collect();
    assert_eq!(codes, [ErrorCode::InvalidRequest.code(); 2]);

    let topic = create_partitions::CreatePartitionsTopic {
        name: Text::from("orders"),
        count: 100_001,
        assignments: None,
    };
    let many = create_partitions::Request { topics: vec![topic], timeout_ms: 10_000, ..Default::default() };
    let answer: create_partitions::Response = client.ask(ApiKey::CreatePartitions, 3, &many).await;
    assert_eq!(answer.results[0].error_code, ErrorCode::PolicyViolation.code());

    for name in ["__consumer_offsets", "__transaction_state", "__share_group_state", "__cluster_metadata"] {
        let topic = create_topics::CreatableTopic {
            name: Text::from(name),
            num_partitions: 1,
            replication_factor: 1,
            ..Default::default()
        };
        let request =
            create_topics::Request { topics: vec![topic], timeout_ms: 10_000, ..Default::default() };
        let answer: create_topics::Response = client.ask(ApiKey::CreateTopics, 7, &request).await;
        assert_ne!(answer.topics[0].error_code, 0, "{name}");
        assert_ne!(
            metadata_of(&mut client, "__cluster_metadata", true).await.error_code,
            0,
            "hidden from clients"
        );
    }
    client.create_topic("afterwards", 1, &[]).await;
    assert!(began.elapsed() < Duration::from_secs(10), "nothing stalls: {:?}", began.elapsed());
}
