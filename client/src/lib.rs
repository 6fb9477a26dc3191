//! A client of Thalweg over gRPC: producer, reader, group consumer, administration.
//!
//! ```no_run
//! use futures_util::StreamExt;
//! use thalweg_client::{Client, Record, Start};
//!
//! # async fn example() -> Result<(), thalweg_client::Error> {
//! let client = Client::connect("http://127.0.0.1:9192").await?;
//! let producer = client.producer().build();
//! let ack = producer.send(Record::new("orders").key("k").value("v")).await?;
//! println!("stored at {} of partition {}", ack.offset, ack.partition);
//!
//! let mut reader = client.reader().topic("orders", Start::Beginning).build().await?;
//! while let Some(message) = reader.next().await {
//!     println!("{:?}", message?.value);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! As a member of a consumer group, which shares the partitions and remembers how far it got:
//!
//! ```no_run
//! use std::time::Duration;
//! use futures_util::StreamExt;
//! use thalweg_client::{Client, Commit};
//!
//! # async fn example(client: Client) -> Result<(), thalweg_client::Error> {
//! let every = Commit::Every(Duration::from_secs(5));
//! let mut consumer = client.consumer("billing").topics(["orders"]).commit(every).build().await?;
//! while let Some(message) = consumer.next().await {
//!     println!("{:?}", message?.value);
//! }
//! consumer.close().await?;
//! # Ok(())
//! # }
//! ```
//!
//! Records are put into Kafka record batches, and compressed, on this side; the broker stores them byte for byte.

#![forbid(unsafe_code)]

mod admin;
mod batcher;
mod compaction;
mod connection;
mod consumer;
mod error;
mod groups;
mod lane;
mod partitioner;
mod positions;
mod producer;
mod reader;
mod record;
mod retry;
mod sender;
mod source;

pub use admin::{Admin, Cluster, NewTopic, OffsetAt, PartitionState, Setting, Topic, TopicDetails};
pub use compaction::{
    CompactedPartition, CompactionOutcome, CompactionRun, CompactionState, Purge, PurgeProof,
    PurgedPartition, PurgedSegment, WorkProgress,
};
pub use connection::{Client, ClientBuilder};
pub use consumer::{Commit, Consumer, ConsumerBuilder, Control, Done, GroupEvent, GroupEvents};
pub use error::Error;
pub use groups::{Group, GroupDetails, GroupMember, Offset, OffsetReset, PartitionLag, ResetTo};
pub use partitioner::{Choice, Partitioner, murmur2, partition_for_key};
pub use producer::{Acks, Producer, ProducerBuilder, Ticket};
pub use reader::{Reader, ReaderBuilder, Start};
pub use record::{Ack, Header, Message, Record, TopicPartition};
pub use retry::RetryPolicy;
pub use thalweg_proto::error::ErrorCode;
pub use thalweg_proto::record::{Compression, compress::UnknownCodec};
pub use tonic::Code;
