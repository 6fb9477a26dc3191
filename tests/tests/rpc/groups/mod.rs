//! Consumer groups: members of the client crate, alone and beside members of Kafka's protocol.

mod administration;
mod kafka;
mod load;
mod members;
mod outages;

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::StreamExt;
use thalweg_client::{
    Client, Consumer, ConsumerBuilder, GroupEvent, GroupEvents, Message, NewTopic, Record, TopicPartition,
};

use crate::broker::Broker;

/// Longer than anything here takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A broker for groups, in a directory of its own.
pub struct Place {
    pub broker: Broker,
    pub client: Client,
    pub data: tempfile::TempDir,
}

/// Few shards, so that a broker starts quickly; assignments at once.
pub const SETTINGS: &[&str] =
    &["offsets.topic.num.partitions=3", "group.consumer.assignment.interval.ms=100", "flush.mode=os"];

impl Place {
    pub async fn new(settings: &[&str]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let settings = [SETTINGS, settings].concat();
        let broker = Broker::start_with(data.path(), "127.0.0.1:0", &settings);
        let client = Client::connect(&broker.http).await.unwrap();
        Self { broker, client, data }
    }

    pub async fn topic(&self, name: &str, partitions: i32) {
        self.client.admin().create_topic(NewTopic::new(name).partitions(partitions)).await.unwrap();
    }

    /// `count` records in every partition; the value is the offset.
    pub async fn fill(&self, topic: &str, partitions: i32, count: i64) {
        let producer = self.client.producer().max_batch_bytes(1_000).build();
        for number in 0..count {
            for partition in 0..partitions {
                let record = Record::new(topic).partition(partition).value(number.to_string());
                drop(producer.enqueue(record).await.unwrap());
            }
        }
        producer.close().await.unwrap();
    }

    pub fn consumer(&self, group: &str, topic: &str) -> ConsumerBuilder {
        self.client.consumer(group).topics([topic])
    }
}

/// The next message, which must come.
pub async fn next(consumer: &mut Consumer) -> Message {
    tokio::time::timeout(PATIENCE, consumer.next()).await.expect("a message").expect("no end").unwrap()
}

/// The next event, which must come.
pub async fn event(events: &mut GroupEvents) -> GroupEvent {
    tokio::time::timeout(PATIENCE, events.next()).await.expect("an event").expect("no end")
}

/// Waits until it is so.
pub async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("{what} in time"));
}

/// What is committed, by partition.
pub async fn committed(client: &Client, group: &str) -> BTreeMap<TopicPartition, i64> {
    let offsets = client.admin().group_offsets(group).await.unwrap();
    offsets.into_iter().map(|offset| (offset.partition, offset.offset)).collect()
}
